import { DATA_LIMIT_EXCEEDED, matches, StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import type { CompiledState } from "../language/compile.ts";
import type { Context } from "../language/context.ts";
import { payload } from "../store/history.ts";
import { Cancelled } from "./cancellation.ts";
import type { Entered, Payload, Visit } from "./progress.ts";
import { RetryPlan } from "./retry.ts";
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

/**
 * One visit to a state: enter, try, retry, catch, exit. A redriven visit is not entered again, and its retries count
 * anew (developer guide, "Retry behavior of redriven executions").
 */
export async function runState(scope: Scope, state: CompiledState, visit: Visit): Promise<Step> {
  const entered = enter(scope, state, visit);
  const retries = new RetryPlan(state.retry);
  for (let retryCount = 0; ; retryCount++) {
    const context = scope.context(state.name, entered.time, retryCount);
    try {
      const { value, next } = await attempt(scope, state, visit, context);
      return exit(scope, state, value, next);
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      scope.cancellation.throwIfCancelled();
      const failure = explain(error, state.name, entered.eventId);
      const delay = retries.next(failure);
      if (delay === undefined) return recover(scope, state, visit, context, failure);
      await pause(delay, scope.cancellation);
      // A retry of a Map or Parallel runs all of it; only a redrive keeps what succeeded.
      visit.parts = undefined;
    }
  }
}

function enter(scope: Scope, state: CompiledState, visit: Visit): Entered {
  if (visit.entered === undefined) {
    const time = new Date().toISOString();
    const details = { name: state.name, ...payload("input", visit.input.text) };
    scope.lastEventId = visit.after;
    visit.entered = { time, eventId: scope.record(`${state.type}StateEntered`, details) };
  } else if (state.type !== "Fail") {
    // As in AWS's histories, where a redriven attempt follows the state's entry, but a repeated Fail the redrive event.
    scope.lastEventId = visit.entered.eventId;
  }
  return visit.entered;
}

async function recover(
  scope: Scope,
  state: CompiledState,
  visit: Visit,
  context: Context,
  failure: StateFailure,
): Promise<Step> {
  const catcher = state.catch.find(({ errorEquals }) => matches(errorEquals, failure));
  if (catcher === undefined) {
    // Results that were too large together would be so again: a redrive runs all of them (developer guide, "Redrive
    // behavior of individual states").
    if (failure.error === DATA_LIMIT_EXCEEDED) visit.parts = undefined;
    throw failure;
  }
  const output = await catcher.place(visit.input.value, { Error: failure.error, Cause: failure.detail }, context);
  return exit(scope, state, output, catcher.next);
}

function exit(scope: Scope, state: CompiledState, value: Json, next: string | undefined): Step {
  const text = payloadText(value, `The state/task '${state.name}' returned a result that`);
  scope.record(`${state.type}StateExited`, { name: state.name, ...payload("output", text) });
  return { output: { value, text }, next };
}

interface Attempted {
  readonly value: Json;
  readonly next: string | undefined;
}

async function attempt(scope: Scope, state: CompiledState, visit: Visit, context: Context): Promise<Attempted> {
  const input = visit.input.value;
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
      return complete(await runParallel(scope, state, effective, visit));
    case "Map":
      return complete(await runMap(scope, state, effective, context, visit));
  }
}

/** A fault in the definition says where it happened, in AWS's words. */
function explain(error: unknown, stateName: string, enteredId: number): StateFailure {
  const failure = error instanceof StateFailure ? error : new StateFailure("States.Runtime", String(error));
  if (failure.error !== "States.Runtime" || failure.detail.startsWith("An error occurred")) return failure;
  const where = `An error occurred while executing the state '${stateName}' (entered at the event id #${enteredId}).`;
  return new StateFailure(failure.error, `${where} ${failure.detail}`);
}
