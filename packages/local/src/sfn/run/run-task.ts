import { StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import type { CompiledOf } from "../language/compile.ts";
import type { Context } from "../language/context.ts";
import type { Evaluate } from "../language/expressions.ts";
import { runActivity } from "./run-activity.ts";
import { runLambda } from "./run-lambda.ts";
import { runService } from "./run-service.ts";
import { payloadText, type Scope } from "./scope.ts";
import { type Limits, TaskClock } from "./task-clock.ts";

/** One attempt of a Task, on its way through the three kinds of work. */
export interface Attempt {
  readonly scope: Scope;
  readonly stateName: string;
  readonly clock: TaskClock;
  /** The limits as the history's Scheduled events carry them. */
  readonly limits: { readonly timeoutInSeconds?: number; readonly heartbeatInSeconds?: number };
  /** The effective parameters; the task token, where there is one, is in the context. */
  readonly parameters: (token?: string) => Promise<Parameters>;
}

export interface Parameters {
  readonly value: Json;
  readonly text: string;
}

/** Runs the task once. `raw` is the state's input, `selected` what InputPath took of it. Rejects with StateFailure. */
export async function runTask(
  scope: Scope,
  state: CompiledOf<"Task">,
  raw: Json,
  selected: Json,
  context: Context,
): Promise<Json> {
  const limits: Limits = {
    timeoutSeconds: await secondsOf(state.timeoutSeconds, selected, context),
    heartbeatSeconds: await secondsOf(state.heartbeatSeconds, selected, context),
  };
  const clock = new TaskClock(limits);
  let inContext = context;
  const parameters = async (token?: string) => {
    if (token !== undefined) inContext = { ...context, Task: { Token: token } };
    const value = await state.parameters(selected, inContext);
    return { value, text: payloadText(value, `The input of the task '${state.name}'`) };
  };
  try {
    const result = await run({ scope, stateName: state.name, clock, limits: describe(limits), parameters }, state);
    return await state.complete(raw, result, inContext);
  } finally {
    clock.stop();
  }
}

function run(attempt: Attempt, state: CompiledOf<"Task">): Promise<Json> {
  const { resource } = state;
  switch (resource.kind) {
    case "lambda":
      return runLambda(attempt, resource.arn);
    case "activity":
      return runActivity(attempt, resource.arn);
    case "service":
      return runService(attempt, resource);
    case "unknown":
      throw new StateFailure("States.Runtime", "not supported by the local cloud: this Resource");
  }
}

async function secondsOf(limit: Evaluate | undefined, value: Json, context: Context): Promise<number | undefined> {
  const seconds = await limit?.(value, context);
  if (seconds === undefined) return undefined;
  if (typeof seconds === "number" && Number.isInteger(seconds) && seconds > 0) return seconds;
  throw new StateFailure("States.Runtime", `A limit must be a positive whole number of seconds, got ${seconds}`);
}

function describe({ timeoutSeconds, heartbeatSeconds }: Limits): Attempt["limits"] {
  return {
    ...(timeoutSeconds !== undefined && { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds !== undefined && { heartbeatInSeconds: heartbeatSeconds }),
  };
}
