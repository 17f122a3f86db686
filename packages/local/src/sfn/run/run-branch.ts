import { setImmediate } from "node:timers/promises";
import { StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import type { CompiledBranch } from "../language/compile.ts";
import { runState } from "./run-state.ts";
import type { Scope } from "./scope.ts";

/** A value on its way between two states, with its text: history and limits need it once. */
export interface Payload {
  readonly value: Json;
  readonly text: string;
}

/** Follows the states from StartAt to an end. Rejects with StateFailure or Cancelled. */
export async function runBranch(scope: Scope, branch: CompiledBranch, input: Payload): Promise<Payload> {
  let name: string | undefined = branch.startAt;
  let data = input;
  while (name !== undefined) {
    // States that wait for nothing would otherwise keep every other execution, and the API, from its turn.
    await setImmediate();
    // A machine that is being deleted ends its executions at their next transition (API reference, DeleteStateMachine).
    if (scope.runtime.isDeleting(scope.execution)) scope.execution.end({ status: "ABORTED" });
    scope.cancellation.throwIfCancelled();
    const state = branch.states.get(name);
    if (state === undefined) throw new StateFailure("States.Runtime", `There is no state '${name}'`);
    const step = await runState(scope, state, data);
    data = step.output;
    name = step.next;
  }
  return data;
}
