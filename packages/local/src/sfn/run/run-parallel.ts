import type { Json } from "../json.ts";
import type { CompiledOf } from "../language/compile.ts";
import { runBranch } from "./run-branch.ts";
import { payloadText, type Scope } from "./scope.ts";

/** Runs all branches at once on the same input. The first failure cancels the others and is the state's own. */
export async function runParallel(scope: Scope, state: CompiledOf<"Parallel">, value: Json): Promise<Json> {
  const input = { value, text: payloadText(value, `The input of the state '${state.name}'`) };
  scope.record("ParallelStateStarted");
  const group = scope.cancellation.child();
  const startedId = scope.lastEventId;
  const runs = state.branches.map(async (branch) => {
    const chain = scope.below(group);
    chain.lastEventId = startedId;
    try {
      return (await runBranch(chain, branch, input)).value;
    } finally {
      if (!group.cancelled) scope.lastEventId = chain.lastEventId;
    }
  });
  try {
    const outputs = await Promise.all(runs);
    scope.record("ParallelStateSucceeded");
    return outputs;
  } catch (error) {
    group.cancel();
    scope.record("ParallelStateFailed");
    throw error;
  } finally {
    group.release();
  }
}
