import { matches, StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import type { CompiledState } from "../language/compile.ts";
import type { Context } from "../language/context.ts";
import { payload } from "../store/history.ts";
import { Cancelled } from "./cancellation.ts";
import { RetryPlan } from "./retry.ts";
import type { Payload } from "./run-branch.ts";
import { runMap } from "./run-map.ts";
import { runParallel } from "./run-parallel.ts";
import { runTask } from "./run-task.ts";
import { payloadText, type Scope } from "./scope.ts";
import { pause } from "./timers.ts";

interface Step {
  readonly output: Payload;
  /** Undefined at an end. */
  readonly next: string | undefined;
}

/** One visit to a state: enter, try, retry, catch, exit. */
export async function runState(scope: Scope, state: CompiledState, input: Payload): Promise<Step> {
  const enteredTime = new Date().toISOString();
  scope.record(`${state.type}StateEntered`, { name: state.name, ...payload("input", input.text) });
  const enteredId = scope.lastEventId;
  const retries = new RetryPlan(state.retry);
  for (let retryCount = 0; ; retryCount++) {
    const context = scope.context(state.name, enteredTime, retryCount);
    try {
      const { value, next } = await visit(scope, state, input.value, context);
      return exit(scope, state, value, next);
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      const failure = explain(error, state.name, enteredId);
      const delay = retries.next(failure);
      if (delay === undefined) return recover(scope, state, input.value, context, failure);
      await pause(delay, scope.cancellation);
    }
  }
}

async function recover(
  scope: Scope,
  state: CompiledState,
  input: Json,
  context: Context,
  failure: StateFailure,
): Promise<Step> {
  const catcher = state.catch.find(({ errorEquals }) => matches(errorEquals, failure));
  if (catcher === undefined) throw failure;
  const output = await catcher.place(input, { Error: failure.error, Cause: failure.detail }, context);
  return exit(scope, state, output, catcher.next);
}

function exit(scope: Scope, state: CompiledState, value: Json, next: string | undefined): Step {
  const text = payloadText(value, `The state/task '${state.name}' returned a result that`);
  scope.record(`${state.type}StateExited`, { name: state.name, ...payload("output", text) });
  return { output: { value, text }, next };
}

interface Visited {
  readonly value: Json;
  readonly next: string | undefined;
}

async function visit(scope: Scope, state: CompiledState, input: Json, context: Context): Promise<Visited> {
  const selected = await state.select(input, context);
  if (state.type === "Task") return { value: await runTask(scope, state, input, selected, context), next: state.next };
  const effective = await state.parameters(selected, context);
  const complete = async (result: Json) => ({ value: await state.complete(input, result, context), next: state.next });
  switch (state.type) {
    case "Pass":
      return complete(state.result === undefined ? effective : state.result);
    case "Succeed":
      return complete(effective);
    case "Wait":
      await pause((await state.until(effective, context)) - Date.now(), scope.cancellation);
      return complete(effective);
    case "Choice": {
      const chosen = await state.choose(effective, context);
      return { ...(await complete(effective)), next: String(chosen) };
    }
    case "Fail": {
      const [error, cause] = [await state.error(effective, context), await state.cause(effective, context)];
      throw new StateFailure(error === null ? "" : String(error), cause === null ? "" : String(cause));
    }
    case "Parallel":
      return complete(await runParallel(scope, state, effective));
    case "Map":
      return complete(await runMap(scope, state, effective, context));
  }
}

/** A fault in the definition says where it happened, in AWS's words. */
function explain(error: unknown, stateName: string, enteredId: number): StateFailure {
  const failure = error instanceof StateFailure ? error : new StateFailure("States.Runtime", String(error));
  if (failure.error !== "States.Runtime" || failure.detail.startsWith("An error occurred")) return failure;
  const where = `An error occurred while executing the state '${stateName}' (entered at the event id #${enteredId}).`;
  return new StateFailure(failure.error, `${where} ${failure.detail}`);
}
