/** Thrown inside work whose execution, or whose Map or Parallel, ended first. It is no failure: nothing catches it. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
    this.name = "Cancelled";
  }
}

/** Ends everything that waits below one execution, one Map or one Parallel, at once. */
export class Cancellation {
  readonly #listeners = new Set<() => void>();
  #cancelled = false;
  #leaveParent: () => void = () => {};

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }

  /** Calls `listener` when cancelled, at once if that has happened. Returns how to stop listening. */
  onCancel(listener: () => void): () => void {
    if (this.#cancelled) {
      listener();
      return () => {};
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A part that ends with the whole, or alone. Release it when the part is done. */
  child(): Cancellation {
    const child = new Cancellation();
    child.#leaveParent = this.onCancel(() => child.cancel());
    return child;
  }

  release(): void {
    this.#leaveParent();
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw new Cancelled();
  }

  /** The promise's outcome, or Cancelled if that comes first. */
  async guard<T>(promise: Promise<T>): Promise<T> {
    this.throwIfCancelled();
    const { promise: cancelled, reject } = Promise.withResolvers<never>();
    const leave = this.onCancel(() => reject(new Cancelled()));
    try {
      return await Promise.race([promise, cancelled]);
    } finally {
      leave();
    }
  }
}
