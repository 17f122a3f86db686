/** What can go wrong with one request. */
export type Fault = ArrivalFault | WorkFault;

/** Met by any request that arrives. */
export type ArrivalFault =
  /** The connection closes before the request takes effect. */
  | "dropped"
  /** It takes effect, and the connection closes without an answer. */
  | "lost"
  /** It takes effect, and the connection closes within the answer. */
  | "cut"
  /** It takes effect, and no answer ever comes. */
  | "silent"
  /** 503 and 429: turned away before the idempotency key is looked at. */
  | "unavailable"
  | "rate-limited";

/** Met by a request that is worked on, not by one whose answer is repeated. */
export type WorkFault =
  /** 402 without effect: the card's bank says no. */
  | "declined"
  /** 500 without effect; the idempotency key keeps the answer. */
  | "failed"
  /** 500, though it took effect; the idempotency key keeps the answer. */
  | "failed-late";

const isWorkFault = (fault: Fault): fault is WorkFault =>
  fault === "declined" || fault === "failed" || fault === "failed-late";

export type RequestKind = "read" | "write";

/** A request that waits in the middle of its work. */
export interface Held {
  /** Resolves when the request is there. */
  readonly begun: Promise<void>;
  release(): void;
}

/** The faults that are still to come, in their order, each for one request. */
export class Faults {
  readonly #coming: Record<RequestKind, Fault[]> = { read: [], write: [] };
  readonly #holds: { readonly begin: () => void; readonly released: Promise<void> }[] = [];

  add(kind: RequestKind, ...faults: readonly Fault[]): void {
    this.#coming[kind].push(...faults);
  }

  clear(): void {
    this.#coming.read = [];
    this.#coming.write = [];
  }

  onArrival(kind: RequestKind): ArrivalFault | undefined {
    const [fault] = this.#coming[kind];
    if (fault === undefined || isWorkFault(fault)) return undefined;
    this.#coming[kind].shift();
    return fault;
  }

  atWork(kind: RequestKind): WorkFault | undefined {
    const [fault] = this.#coming[kind];
    if (fault === undefined || !isWorkFault(fault)) return undefined;
    this.#coming[kind].shift();
    return fault;
  }

  hold(): Held {
    const begun = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#holds.push({ begin: begun.resolve, released: released.promise });
    return { begun: begun.promise, release: released.resolve };
  }

  /** Where a write waits, if it is to be held. */
  async held(): Promise<void> {
    const hold = this.#holds.shift();
    hold?.begin();
    await hold?.released;
  }
}
