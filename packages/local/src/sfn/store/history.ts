/** An event of an execution's history, in the API's shape except that `timestamp` is in epoch milliseconds. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestamp: number;
  readonly details: Readonly<Record<string, unknown>> | undefined;
}

/** AWS's quota of events in one history. */
export const HISTORY_LIMIT = 25_000;

export class History {
  readonly #events: HistoryEvent[] = [];

  get length(): number {
    return this.#events.length;
  }

  append(type: string, previousEventId: number, details?: Readonly<Record<string, unknown>>): number {
    const id = this.#events.length + 1;
    this.#events.push({ id, previousEventId, type, timestamp: Date.now(), details });
    return id;
  }

  /** In order of id, or backwards. */
  *events(reverse: boolean): Generator<HistoryEvent> {
    const last = this.#events.length - 1;
    for (let i = 0; i <= last; i++) {
      const event = this.#events[reverse ? last - i : i];
      if (event !== undefined) yield event;
    }
  }
}

/** Payloads of events come with a word on whether they were cut; ours never are. */
export function payload(name: "input" | "output", text: string): Readonly<Record<string, unknown>> {
  return { [name]: text, [`${name}Details`]: { truncated: false } };
}
