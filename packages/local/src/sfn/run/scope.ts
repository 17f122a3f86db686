import { dataLimitExceeded, StateFailure } from "../failure.ts";
import { exceedsDataLimit, type Json } from "../json.ts";
import type { Context } from "../language/context.ts";
import type { Execution } from "../store/execution.ts";
import { HISTORY_LIMIT } from "../store/history.ts";
import type { Cancellation } from "./cancellation.ts";
import type { Runtime } from "./runtime.ts";

/** A chain of states: an execution's own, one iteration of a Map, or one branch of a Parallel. */
export class Scope {
  readonly execution: Execution;
  readonly runtime: Runtime;
  readonly cancellation: Cancellation;
  /** The event that the chain's next event follows. */
  lastEventId: number;

  constructor(execution: Execution, runtime: Runtime, cancellation: Cancellation, lastEventId: number) {
    this.execution = execution;
    this.runtime = runtime;
    this.cancellation = cancellation;
    this.lastEventId = lastEventId;
  }

  /** A chain below this one. */
  below(cancellation: Cancellation, lastEventId: number): Scope {
    return new Scope(this.execution, this.runtime, cancellation, lastEventId);
  }

  /** Returns the event's id. Work that was cancelled leaves no more events. */
  record(type: string, details?: Readonly<Record<string, unknown>>): number {
    this.cancellation.throwIfCancelled();
    const { history } = this.execution;
    if (history.length >= HISTORY_LIMIT - 1) {
      throw new StateFailure("States.Runtime", `The execution reached the maximum of ${HISTORY_LIMIT} history events`);
    }
    this.lastEventId = history.append(type, this.lastEventId, details);
    return this.lastEventId;
  }

  context(stateName: string, enteredTime: string, retryCount: number): Context {
    const { execution } = this;
    return {
      Execution: {
        Id: execution.arn,
        Input: execution.inputValue,
        Name: execution.name,
        RoleArn: execution.roleArn,
        StartTime: new Date(execution.startDate).toISOString(),
        RedriveCount: execution.redriveCount,
        ...(execution.redriveDate !== undefined && { RedriveTime: new Date(execution.redriveDate).toISOString() }),
      },
      StateMachine: { Id: execution.machine.arn, Name: execution.machine.name },
      State: { Name: stateName, EnteredTime: enteredTime, RetryCount: retryCount },
    };
  }
}

/** The JSON text of a payload. Throws States.DataLimitExceeded above 256 KiB. */
export function payloadText(value: Json, what: string): string {
  const text = JSON.stringify(value);
  if (exceedsDataLimit(text)) throw dataLimitExceeded(what);
  return text;
}
