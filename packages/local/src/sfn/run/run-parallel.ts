import type { Json } from "../json.ts";
import type { CompiledOf } from "../language/compile.ts";
import { Parts, type Visit } from "./progress.ts";
import { runBranch } from "./run-branch.ts";
import { payloadText, type Scope } from "./scope.ts";

/**
 * Runs all branches at once on the same input. The first failure cancels the others and is the state's own. A redrive
 * goes on with the branches that have not finished (developer guide, "Redrive behavior of individual states").
 */
export async function runParallel(
  scope: Scope,
  state: CompiledOf<"Parallel">,
  value: Json,
  visit: Visit,
): Promise<Json> {
  const input = { value, text: payloadText(value, `The input of the state '${state.name}'`) };
  visit.parts ??= new Parts(scope.record("ParallelStateStarted"));
  const { parts } = visit;
  const group = scope.cancellation.child();
  const runs = state.branches.map(async (branch, index) => {
    const progress = parts.get(index) ?? parts.begin(index, branch.startAt, input, parts.startedId);
    if (progress.standing.kind === "finished") return progress.standing.output.value;
    const chain = scope.below(group, parts.startedId);
    try {
      return (await runBranch(chain, branch, progress)).value;
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
