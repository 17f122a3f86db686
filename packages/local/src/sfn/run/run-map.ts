import { StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import type { CompiledOf } from "../language/compile.ts";
import type { Context } from "../language/context.ts";
import { Cancelled } from "./cancellation.ts";
import { Parts, type Visit } from "./progress.ts";
import { runBranch } from "./run-branch.ts";
import { payloadText, type Scope } from "./scope.ts";

/** AWS runs at most 40 iterations of an inline Map at a time, whatever MaxConcurrency says. */
const MOST_AT_ONCE = 40;

/**
 * Runs the body once per item. The first failure cancels the other iterations and is the state's own. A redrive goes on
 * with the iterations that have not finished, and starts those that had not begun.
 */
export async function runMap(
  scope: Scope,
  state: CompiledOf<"Map">,
  value: Json,
  context: Context,
  visit: Visit,
): Promise<Json> {
  const items = await state.items(value, context);
  if (!Array.isArray(items)) throw new StateFailure("States.Runtime", "The items of a Map must be an array");
  const concurrency = await state.concurrency(value, context);
  visit.parts ??= new Parts(scope.record("MapStateStarted", { length: items.length }));
  const { parts } = visit;
  const group = scope.cancellation.child();
  const running = new Set<number>();
  const outputs: Json[] = [];

  const begin = async (chain: Scope, item: Json, index: number) => {
    const after = chain.record("MapIterationStarted", { name: state.name, index });
    const itemContext = { ...context, Map: { Item: { Index: index, Value: item } } };
    const itemInput = state.selector === undefined ? item : await state.selector(value, itemContext);
    const text = payloadText(itemInput, `The input of iteration ${index} of the state '${state.name}'`);
    chain.cancellation.throwIfCancelled();
    return parts.begin(index, state.body.startAt, { value: itemInput, text }, after);
  };

  const iterate = async (item: Json, index: number) => {
    const begun = parts.get(index);
    if (begun?.standing.kind === "finished") {
      outputs[index] = begun.standing.output.value;
      return;
    }
    const iteration = { name: state.name, index };
    const chain = scope.below(group, parts.startedId);
    running.add(index);
    try {
      const output = await runBranch(chain, state.body, begun ?? (await begin(chain, item, index)));
      chain.record("MapIterationSucceeded", iteration);
      outputs[index] = output.value;
    } catch (error) {
      if (!(error instanceof Cancelled)) chain.record("MapIterationFailed", iteration);
      throw error;
    } finally {
      if (!group.cancelled) scope.lastEventId = chain.lastEventId;
      running.delete(index);
    }
  };

  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) await iterate(item, index);
  };
  try {
    await Promise.all(Array.from({ length: lanes(concurrency, items.length) }, lane));
    scope.record("MapStateSucceeded");
    return outputs;
  } catch (error) {
    const aborted = [...running];
    group.cancel();
    for (const index of aborted) scope.record("MapIterationAborted", { name: state.name, index });
    scope.record("MapStateFailed");
    throw error;
  } finally {
    group.release();
  }
}

function lanes(concurrency: Json, items: number): number {
  if (typeof concurrency !== "number" || !Number.isInteger(concurrency) || concurrency < 0) {
    throw new StateFailure("States.Runtime", "MaxConcurrency must be a whole number, 0 or more");
  }
  return Math.min(concurrency === 0 ? MOST_AT_ONCE : concurrency, MOST_AT_ONCE, items);
}
