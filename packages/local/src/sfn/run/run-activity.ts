import { StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import { payload } from "../store/history.ts";
import { bounded } from "./bounded.ts";
import type { Attempt } from "./run-task.ts";

/** A Task whose Resource is an activity: waits for a worker without limit, then for its answer within the limits. */
export async function runActivity(attempt: Attempt, arn: string): Promise<Json> {
  const { scope, clock } = attempt;
  const { text } = await attempt.parameters();
  const activity = scope.runtime.activities.find(arn);
  if (activity === undefined) {
    const failure = new StateFailure("ActivityDoesNotExist", `The activity ${arn} does not exist.`);
    scope.record("ActivityScheduleFailed", { error: failure.error, cause: failure.detail });
    throw failure;
  }
  scope.record("ActivityScheduled", { resource: arn, ...payload("input", text), ...attempt.limits });
  const task = scope.runtime.tokens.open();
  task.onHeartbeat(() => clock.beat());
  const started = (workerName: string | undefined) => {
    if (!task.isOpen || scope.cancellation.cancelled) return;
    scope.record("ActivityStarted", { workerName });
    clock.start();
  };
  const withdraw = activity.schedule({ token: task.token, input: text, started, isOpen: () => task.isOpen });
  try {
    return await bounded(attempt, "Activity", task.result);
  } finally {
    withdraw();
    task.close();
  }
}
