import { HEARTBEAT_TIMEOUT, StateFailure, TIMEOUT } from "../failure.ts";
import { type Json, toJson } from "../json.ts";
import { payload } from "../store/history.ts";
import { Cancelled } from "./cancellation.ts";
import type { Attempt } from "./run-task.ts";
import { payloadText } from "./scope.ts";

/**
 * Waits for the work within the task's limits, and records how it ended under the event family's names
 * (LambdaFunction, Activity, Task).
 */
export async function bounded(
  attempt: Attempt,
  family: "LambdaFunction" | "Activity" | "Task",
  work: Promise<Json>,
  details: Readonly<Record<string, unknown>> = {},
): Promise<Json> {
  const { scope, clock } = attempt;
  try {
    const result = await scope.cancellation.guard(Promise.race([work, clock.expired]));
    const text = payloadText(result, `The state/task '${attempt.stateName}' returned a result that`);
    scope.record(`${family}Succeeded`, { ...details, ...payload("output", text) });
    return result;
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const failure = error instanceof StateFailure ? error : new StateFailure("States.TaskFailed", messageOf(error));
    const timedOut = failure.error === TIMEOUT || failure.error === HEARTBEAT_TIMEOUT;
    const ending = { error: failure.error, cause: failure.detail || undefined };
    scope.record(`${family}${timedOut ? "TimedOut" : "Failed"}`, { ...details, ...ending });
    throw failure;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : JSON.stringify(toJson(error));
}
