import type { Action, Client, World } from "./api/action.ts";
import { activityActions } from "./api/activities.ts";
import { executionActions } from "./api/executions.ts";
import { historyActions } from "./api/history.ts";
import { machineActions } from "./api/machines.ts";
import { tagActions } from "./api/tags.ts";
import { taskTokenActions } from "./api/task-tokens.ts";
import { notSupported, SfnError } from "./errors.ts";

const TARGET_PREFIX = "AWSStepFunctions.";

const actions = new Map<string, Action>(
  [machineActions, executionActions, historyActions, activityActions, taskTokenActions, tagActions].flatMap((group) =>
    Object.entries(group),
  ),
);

export interface Answer {
  readonly status: 200 | 400 | 500;
  readonly body: unknown;
}

/** One request of the AWS JSON 1.0 protocol: X-Amz-Target names the action, the body is its request. Never rejects. */
export async function dispatch(target: string, text: string, world: World, client: Client): Promise<Answer> {
  try {
    const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : target;
    const action = actions.get(name);
    if (action === undefined) throw notSupported(name, "UnknownOperationException");
    return { status: 200, body: await action(parseBody(text), world, client) };
  } catch (error) {
    if (error instanceof SfnError) return { status: 400, body: { __type: error.code, message: error.message } };
    return { status: 500, body: { __type: "InternalFailure", message: String(error) } };
  }
}

function parseBody(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    throw new SfnError("SerializationException", "The request body is not valid JSON");
  }
}
