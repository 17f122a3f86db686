import { type Json, parseJson } from "../json.ts";
import type { CompiledMachine } from "../language/compile.ts";
import type { Cancellation } from "../run/cancellation.ts";
import { Progress } from "../run/progress.ts";
import { History, payload } from "./history.ts";
import type { Machine } from "./machines.ts";
import { RedriveTokens } from "./redrive-tokens.ts";
import { Run } from "./run.ts";

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
  readonly machineIsDeleted: () => boolean;
  readonly onChange: (execution: Execution) => void;
}

/** One execution: its facts, and the single place where it begins, ends and is redriven. */
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
  readonly progress: Progress;
  readonly redriveTokens = new RedriveTokens();
  readonly #machineIsDeleted: () => boolean;
  readonly #onChange: (execution: Execution) => void;
  #run: Run;
  #ending: Ending | undefined;
  #stopDate: number | undefined;
  #redriveCount = 0;
  #redriveDate: number | undefined;

  constructor(start: ExecutionStart) {
    this.arn = start.arn;
    this.name = start.name;
    this.machine = start.machine;
    this.roleArn = start.machine.roleArn;
    this.program = start.machine.program;
    this.input = start.input;
    this.inputValue = parseJson(start.input);
    this.position = start.position;
    // In AWS's histories the first state's event follows event 0, not the start event.
    this.progress = new Progress(this.program.startAt, { value: this.inputValue, text: start.input }, 0);
    this.#machineIsDeleted = start.machineIsDeleted;
    this.#onChange = start.onChange;
    this.#run = this.#newRun();
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

  get redriveCount(): number {
    return this.#redriveCount;
  }

  /** Of the latest redrive, in epoch milliseconds. */
  get redriveDate(): number | undefined {
    return this.#redriveDate;
  }

  /** Deleted or on its way: its executions end, and none is redriven. */
  get machineIsDeleted(): boolean {
    return this.#machineIsDeleted();
  }

  /** Ends what belongs to the present run. */
  get cancellation(): Cancellation {
    return this.#run.cancellation;
  }

  /** Resolves when the present run has ended, however it ended. */
  get ended(): Promise<void> {
    return this.#run.ended;
  }

  begin(): void {
    this.history.append("ExecutionStarted", 0, { ...payload("input", this.input), roleArn: this.roleArn });
    this.#onChange(this);
  }

  /** Runs again from where it stands; whether it may is for the caller to know. `now` in epoch milliseconds. */
  redrive(now: number): void {
    this.#redriveCount++;
    this.#redriveDate = now;
    this.#ending = undefined;
    this.#stopDate = undefined;
    this.#run = this.#newRun();
    this.history.append("ExecutionRedriven", this.history.length, { redriveCount: this.#redriveCount });
    this.#onChange(this);
  }

  /** The first ending counts. Work below it is cancelled before anybody hears of the end. */
  end(ending: Ending, previousEventId = this.history.length): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#stopDate = Date.now();
    this.history.append(FINAL_EVENT[ending.status], previousEventId, endDetails(ending));
    this.#run.end();
    this.#onChange(this);
  }

  /** The server closes. */
  discard(): void {
    this.#run.discard();
  }

  #newRun(): Run {
    return new Run(this.program.timeoutSeconds, () => this.end({ status: "TIMED_OUT", error: "States.Timeout" }));
  }
}

function endDetails(ending: Ending): Readonly<Record<string, unknown>> {
  return ending.status === "SUCCEEDED"
    ? payload("output", ending.output)
    : { error: ending.error, cause: ending.cause };
}
