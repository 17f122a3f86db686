import { StateFailure } from "../failure.ts";
import type { Execution } from "../store/execution.ts";
import { Cancelled } from "./cancellation.ts";
import { runBranch } from "./run-branch.ts";
import type { Runtime } from "./runtime.ts";
import { Scope } from "./scope.ts";

/** Runs an execution that has begun, or has been redriven, to its end. Never rejects. */
export async function runExecution(execution: Execution, runtime: Runtime): Promise<void> {
  const { cancellation, program, progress, history } = execution;
  // Every state sets what its events follow; a redriven Fail has none, so that the ending follows the redrive event.
  const scope = new Scope(execution, runtime, cancellation, history.length);
  try {
    const { text } = await runBranch(scope, program, progress);
    execution.end({ status: "SUCCEEDED", output: text }, scope.lastEventId);
  } catch (error) {
    // This run has ended already; what fails of it afterwards must not end the run of a redrive.
    if (error instanceof Cancelled || cancellation.cancelled) return;
    const failure = error instanceof StateFailure ? error : new StateFailure("States.Runtime", String(error));
    const { error: name, detail } = failure;
    execution.end({ status: "FAILED", error: name || undefined, cause: detail || undefined }, scope.lastEventId);
  }
}
