import type { Call, Integration } from "../integrations/integration.ts";
import type { Json } from "../json.ts";
import type { Resource } from "../language/resource.ts";
import { payload } from "../store/history.ts";
import type { PendingTask } from "../store/task-tokens.ts";
import { bounded } from "./bounded.ts";
import type { Attempt } from "./run-task.ts";

type Service = Extract<Resource, { kind: "service" }>;

/** A Task that calls another service, in one of the patterns request, .sync, .sync:2 and .waitForTaskToken. */
export async function runService(attempt: Attempt, resource: Service): Promise<Json> {
  const { scope, clock } = attempt;
  const { runtime } = scope;
  const integration = runtime.integrations.get(resource);
  const task = resource.pattern === "waitForTaskToken" ? runtime.tokens.open() : undefined;
  try {
    const { value, text } = await attempt.parameters(task?.token);
    const suffix = resource.pattern === "request" ? "" : `.${resource.pattern}`;
    const named = { resourceType: resource.service, resource: `${resource.action}${suffix}` };
    scope.record("TaskScheduled", { ...named, region: runtime.region, parameters: text, ...attempt.limits });
    scope.record("TaskStarted", named);
    clock.start();
    task?.onHeartbeat(() => clock.beat());
    const call: Call = { pattern: resource.pattern, cancellation: scope.cancellation, region: runtime.region };
    return await bounded(attempt, "Task", work(attempt, integration, value, call, task, named), named);
  } finally {
    task?.close();
  }
}

async function work(
  attempt: Attempt,
  integration: Integration,
  parameters: Json,
  call: Call,
  task: PendingTask | undefined,
  named: Readonly<Record<string, string>>,
): Promise<Json> {
  const submitting = integration.call(parameters, call);
  if (task === undefined && integration.wait === undefined) return submitting;
  if (task === undefined && call.pattern === "request") return submitting;
  const waiting = submitting.then(async (submitted) => {
    // An answer may overtake the submission, and the task is over then.
    const answered = task !== undefined && !task.isOpen;
    if (!answered) attempt.scope.record("TaskSubmitted", { ...named, ...payload("output", JSON.stringify(submitted)) });
    if (task !== undefined) return task.result;
    return integration.wait === undefined ? submitted : integration.wait(submitted, call);
  });
  return task === undefined ? waiting : Promise.race([task.result, waiting]);
}
