/** One call to AWS, as it went by. */
export interface Call {
  /** The function or worker that made it. */
  readonly caller: string;
  readonly service: string;
  readonly action: string;
  readonly failed: boolean;
  /** DynamoDB's request units. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** What is read again and again while an instance runs, however many messages come by. */
  readonly refresh: boolean;
  /** Messages that go to a queue with it, in bytes each. */
  readonly sent?: { readonly fifo: boolean; readonly bytes: readonly number[] };
}

export interface Invocation {
  readonly name: string;
  readonly failed: boolean;
  /** What the function wrote to its log. */
  readonly lines: readonly string[];
}

/** SQS requests that AWS makes in our name: Lambda's pollers, and EventBridge for its target. */
export interface Polled {
  readonly by: "Lambda" | "EventBridge";
  readonly requests: number;
}

export interface Tallied {
  /** Why something was not counted: what there is then is no count. */
  readonly broken: readonly unknown[];
  readonly calls: readonly Call[];
  readonly invocations: readonly Invocation[];
  readonly polled: readonly Polled[];
}

/** What has happened since it was last taken. */
export class Tally {
  #calls: Call[] = [];
  #invocations: Invocation[] = [];
  #polled: Polled[] = [];
  #broken: unknown[] = [];

  called(call: Call): void {
    this.#calls.push(call);
  }

  invoked(invocation: Invocation): void {
    this.#invocations.push(invocation);
  }

  polled(polled: Polled): void {
    this.#polled.push(polled);
  }

  broken(why: unknown): void {
    this.#broken.push(why);
  }

  /** True when the caller has made that call since. */
  has(caller: string, action: string): boolean {
    return this.#calls.some((call) => call.caller === caller && call.action === action);
  }

  take(): Tallied {
    const taken = {
      ...{ calls: this.#calls, invocations: this.#invocations, polled: this.#polled },
      broken: this.#broken,
    };
    this.#calls = [];
    this.#invocations = [];
    this.#polled = [];
    this.#broken = [];
    return taken;
  }
}
