import { StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import { compileChoice } from "./choice.ts";
import type { Context } from "./context.ts";
import {
  compilePath,
  compileReference,
  compileResultPath,
  compileTemplate,
  type Evaluate,
  type Place,
} from "./expressions.ts";
import { parseResource, type Resource } from "./resource.ts";
import type { Branch, Definition, Retrier, State, StateOf } from "./schema.ts";

interface Common {
  readonly name: string;
  readonly next: string | undefined;
  readonly retry: readonly Retrier[];
  readonly catch: readonly CompiledCatcher[];
  /** InputPath. */
  readonly select: Evaluate;
  /** Parameters. */
  readonly parameters: Evaluate;
  /** ResultSelector, ResultPath, OutputPath. */
  readonly complete: Place;
}

export interface CompiledCatcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly place: Place;
}

type Kind =
  | { readonly type: "Pass"; readonly result: Json | undefined }
  | ({ readonly type: "Task"; readonly resource: Resource } & TaskLimits)
  | { readonly type: "Wait"; readonly until: WaitUntil }
  | { readonly type: "Succeed" }
  | { readonly type: "Fail"; readonly error: Evaluate; readonly cause: Evaluate }
  | { readonly type: "Choice"; readonly choose: Evaluate }
  | { readonly type: "Parallel"; readonly branches: readonly CompiledBranch[] }
  | {
      readonly type: "Map";
      readonly items: Evaluate;
      readonly selector: Evaluate | undefined;
      readonly concurrency: Evaluate;
      readonly body: CompiledBranch;
    };

export interface TaskLimits {
  readonly timeoutSeconds: Evaluate | undefined;
  readonly heartbeatSeconds: Evaluate | undefined;
}

/** Epoch milliseconds at which a Wait ends. */
export type WaitUntil = (value: Json, context: Context) => Promise<number>;

export type CompiledState = Common & Kind;
export type CompiledOf<T extends Kind["type"]> = Common & Extract<Kind, { type: T }>;

export interface CompiledBranch {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, CompiledState>;
}

export interface CompiledMachine extends CompiledBranch {
  readonly timeoutSeconds: number | undefined;
}

/** Done once per definition; every execution shares the result. */
export function compileMachine(definition: Definition): CompiledMachine {
  return { ...compileBranch(definition), timeoutSeconds: definition.TimeoutSeconds };
}

function compileBranch(branch: Branch): CompiledBranch {
  const states = Object.entries(branch.States).map(([name, state]) => [name, compileState(name, state)] as const);
  return { startAt: branch.StartAt, states: new Map(states) };
}

function compileState(name: string, state: State): CompiledState {
  return { ...compileCommon(name, state), ...compileKind(state) };
}

function compileCommon(name: string, state: State): Common {
  const selectResult = compileTemplate("ResultSelector" in state ? state.ResultSelector : undefined);
  const place = compileResultPath("ResultPath" in state ? state.ResultPath : undefined);
  const narrow = compilePath("OutputPath" in state ? state.OutputPath : undefined);
  const catchers = "Catch" in state ? (state.Catch ?? []) : [];
  return {
    name,
    next: "Next" in state ? state.Next : undefined,
    retry: "Retry" in state ? (state.Retry ?? []) : [],
    catch: catchers.map((catcher) => ({
      errorEquals: catcher.ErrorEquals,
      next: catcher.Next,
      place: compileResultPath(catcher.ResultPath),
    })),
    select: compilePath("InputPath" in state ? state.InputPath : undefined),
    // The Parameters of a Map are the old name of its ItemSelector.
    parameters: compileTemplate("Parameters" in state && state.Type !== "Map" ? state.Parameters : undefined),
    complete: async (raw, result, context) =>
      narrow(await place(raw, await selectResult(result, context), context), context),
  };
}

function compileKind(state: State): Kind {
  switch (state.Type) {
    case "Pass":
      return { type: "Pass", result: state.Result };
    case "Task":
      return {
        type: "Task",
        resource: parseResource(state.Resource),
        timeoutSeconds: literalOr(state.TimeoutSeconds, state.TimeoutSecondsPath),
        heartbeatSeconds: literalOr(state.HeartbeatSeconds, state.HeartbeatSecondsPath),
      };
    case "Wait":
      return { type: "Wait", until: compileWait(state) };
    case "Succeed":
      return { type: "Succeed" };
    case "Fail":
      return {
        type: "Fail",
        error: literalOr(state.Error, state.ErrorPath) ?? (async () => null),
        cause: literalOr(state.Cause, state.CausePath) ?? (async () => null),
      };
    case "Choice":
      return { type: "Choice", choose: compileChoice(state) };
    case "Parallel":
      return { type: "Parallel", branches: state.Branches.map(compileBranch) };
    case "Map":
      return compileMap(state);
  }
}

function compileMap(state: StateOf<"Map">): Kind {
  const body = state.ItemProcessor ?? state.Iterator;
  if (body === undefined) throw new StateFailure("States.Runtime", "a Map needs an ItemProcessor");
  const selector = state.ItemSelector ?? state.Parameters;
  return {
    type: "Map",
    items: compilePath(state.ItemsPath),
    selector: selector === undefined ? undefined : compileTemplate(selector),
    concurrency: literalOr(state.MaxConcurrency, state.MaxConcurrencyPath) ?? (async () => 0),
    body: compileBranch(body),
  };
}

function compileWait(state: StateOf<"Wait">): WaitUntil {
  const seconds = literalOr(state.Seconds, state.SecondsPath);
  const timestamp = literalOr(state.Timestamp, state.TimestampPath);
  return async (value, context) => {
    if (seconds !== undefined) return Date.now() + 1000 * asSeconds(await seconds(value, context));
    const at = Date.parse(String(await timestamp?.(value, context)));
    if (Number.isNaN(at)) throw new StateFailure("States.Runtime", "The Timestamp of a Wait must be an ISO 8601 date");
    return at;
  };
}

function asSeconds(value: Json): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new StateFailure("States.Runtime", `Expected a number of seconds, got ${JSON.stringify(value)}`);
}

function literalOr(literal: Json | undefined, path: string | undefined): Evaluate | undefined {
  if (literal !== undefined) return async () => literal;
  return path === undefined ? undefined : compileReference(path);
}
