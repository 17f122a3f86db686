import { setImmediate } from "node:timers/promises";
import { StateFailure } from "../failure.ts";
import type { CompiledBranch } from "../language/compile.ts";
import type { Payload, Progress } from "./progress.ts";
import { runState } from "./run-state.ts";
import type { Scope } from "./scope.ts";

/** Follows the states from where the chain stands to its end. Rejects with StateFailure or Cancelled. */
export async function runBranch(scope: Scope, branch: CompiledBranch, progress: Progress): Promise<Payload> {
  for (;;) {
    const { standing } = progress;
    if (standing.kind === "finished") return standing.output;
    // States that wait for nothing would otherwise keep every other execution, and the API, from its turn.
    await setImmediate();
    // Before anything else: a run that has ended must not touch the redriven one.
    scope.cancellation.throwIfCancelled();
    // A machine that is being deleted ends its executions at their next transition (API reference, DeleteStateMachine).
    if (scope.execution.machineIsDeleted) scope.execution.end({ status: "ABORTED" });
    scope.cancellation.throwIfCancelled();
    const { visit } = standing;
    const state = branch.states.get(visit.stateName);
    if (state === undefined) throw new StateFailure("States.Runtime", `There is no state '${visit.stateName}'`);
    const { output, next } = await runState(scope, state, visit);
    progress.moveOn(output, next, scope.lastEventId);
  }
}
