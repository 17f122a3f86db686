import { type Json, parseJson } from "../json.ts";
import type { CompiledMachine } from "../language/compile.ts";
import { Cancellation } from "../run/cancellation.ts";
import { after } from "../run/timers.ts";
import { History, payload } from "./history.ts";
import type { Machine } from "./machines.ts";

export type Status = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export type Ending =
  | { readonly status: "SUCCEEDED"; readonly output: string }
  | {
      readonly status: "FAILED" | "TIMED_OUT" | "ABORTED";
      readonly error?: string | undefined;
      readonly cause?: string | undefined;
    };

const FINAL_EVENT = {
  SUCCEEDED: "ExecutionSucceeded",
  FAILED: "ExecutionFailed",
  TIMED_OUT: "ExecutionTimedOut",
  ABORTED: "ExecutionAborted",
} as const;

export interface ExecutionStart {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  /** The JSON text as it was given: DescribeExecution returns it byte for byte. */
  readonly input: string;
  /** Where it stands in the order of starts. */
  readonly position: number;
  readonly onChange: (execution: Execution) => void;
}

/** One execution: its facts, and the single place where it ends. */
export class Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  readonly roleArn: string;
  /** The definition it was started with; an update of the machine does not reach it. */
  readonly program: CompiledMachine;
  readonly input: string;
  readonly inputValue: Json;
  readonly position: number;
  /** Epoch milliseconds. */
  readonly startDate = Date.now();
  readonly history = new History();
  readonly cancellation = new Cancellation();
  /** Resolves when it has ended, however it ended. */
  readonly ended: Promise<void>;
  readonly #resolveEnded: () => void;
  readonly #onChange: (execution: Execution) => void;
  #stopTimer = () => {};
  #ending: Ending | undefined;
  #stopDate: number | undefined;

  constructor(start: ExecutionStart) {
    this.arn = start.arn;
    this.name = start.name;
    this.machine = start.machine;
    this.roleArn = start.machine.roleArn;
    this.program = start.machine.program;
    this.input = start.input;
    this.inputValue = parseJson(start.input);
    this.position = start.position;
    this.#onChange = start.onChange;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  get status(): Status {
    return this.#ending?.status ?? "RUNNING";
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Epoch milliseconds. */
  get stopDate(): number | undefined {
    return this.#stopDate;
  }

  begin(): void {
    this.history.append("ExecutionStarted", 0, { ...payload("input", this.input), roleArn: this.roleArn });
    const { timeoutSeconds } = this.program;
    if (timeoutSeconds !== undefined) {
      this.#stopTimer = after(timeoutSeconds * 1000, () => this.end({ status: "TIMED_OUT", error: "States.Timeout" }));
    }
    this.#onChange(this);
  }

  /** The first ending counts. Work below it is cancelled before anybody hears of the end. */
  end(ending: Ending, previousEventId = this.history.length): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#stopDate = Date.now();
    this.#stopTimer();
    this.history.append(FINAL_EVENT[ending.status], previousEventId, endDetails(ending));
    this.cancellation.cancel();
    this.#resolveEnded();
    this.#onChange(this);
  }

  /** The server closes: let go of timers and waiters, tell nobody. */
  discard(): void {
    this.#stopTimer();
    this.cancellation.cancel();
  }
}

function endDetails(ending: Ending): Readonly<Record<string, unknown>> {
  return ending.status === "SUCCEEDED"
    ? payload("output", ending.output)
    : { error: ending.error, cause: ending.cause };
}
