import { StateFailure } from "../failure.ts";
import type { Execution } from "../store/execution.ts";
import { Cancelled } from "./cancellation.ts";
import { runBranch } from "./run-branch.ts";
import type { Runtime } from "./runtime.ts";
import { Scope } from "./scope.ts";

/** Runs an execution that has begun to its end. Never rejects. */
export async function runExecution(execution: Execution, runtime: Runtime): Promise<void> {
  // In AWS's histories the first state's event follows event 0, not the start event.
  const scope = new Scope(execution, runtime, execution.cancellation, 0);
  try {
    const { text } = await runBranch(scope, execution.program, { value: execution.inputValue, text: execution.input });
    execution.end({ status: "SUCCEEDED", output: text }, scope.lastEventId);
  } catch (error) {
    // Cancelled means that the execution has ended already.
    if (error instanceof Cancelled) return;
    const failure = error instanceof StateFailure ? error : new StateFailure("States.Runtime", String(error));
    const { error: name, detail } = failure;
    execution.end({ status: "FAILED", error: name || undefined, cause: detail || undefined }, scope.lastEventId);
  }
}
