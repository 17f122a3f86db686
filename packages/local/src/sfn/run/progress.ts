import type { Json } from "../json.ts";

/** A value on its way between two states, with its text: history and limits need it once. */
export interface Payload {
  readonly value: Json;
  readonly text: string;
}

/** One visit to a state, from the transition that leads there to its exit. It outlives a run that ends inside it. */
export interface Visit {
  readonly stateName: string;
  readonly input: Payload;
  /** The event that the visit's first event follows. */
  readonly after: number;
  entered: Entered | undefined;
  /** Of a Map or Parallel that has started. */
  parts: Parts | undefined;
}

/** A redrive enters nothing twice: the event and the time of the first entry stay. */
export interface Entered {
  readonly eventId: number;
  /** ISO 8601 with milliseconds. */
  readonly time: string;
}

export type Standing =
  | { readonly kind: "visiting"; readonly visit: Visit }
  | { readonly kind: "finished"; readonly output: Payload };

/** How far a chain of states has come: what a redrive goes on from. */
export class Progress {
  #standing: Standing;

  constructor(startAt: string, input: Payload, after: number) {
    this.#standing = visiting(startAt, input, after);
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** The state it stood at has exited, with the event `lastEventId`. */
  moveOn(output: Payload, next: string | undefined, lastEventId: number): void {
    this.#standing = next === undefined ? { kind: "finished", output } : visiting(next, output, lastEventId);
  }
}

/** The branches of a Parallel or the iterations of a Map, by index, from their first event on. */
export class Parts {
  /** The Started event of the Map or Parallel. */
  readonly startedId: number;
  readonly #begun = new Map<number, Progress>();

  constructor(startedId: number) {
    this.startedId = startedId;
  }

  get(index: number): Progress | undefined {
    return this.#begun.get(index);
  }

  begin(index: number, startAt: string, input: Payload, after: number): Progress {
    const progress = new Progress(startAt, input, after);
    this.#begun.set(index, progress);
    return progress;
  }
}

function visiting(stateName: string, input: Payload, after: number): Standing {
  return { kind: "visiting", visit: { stateName, input, after, entered: undefined, parts: undefined } };
}
