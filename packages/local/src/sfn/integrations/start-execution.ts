import { randomUUID } from "node:crypto";
import * as z from "zod";
import { StateFailure } from "../failure.ts";
import { isJsonObject, type Json, parseJson, toJson } from "../json.ts";
import { describe, pascalCase } from "../store/description.ts";
import type { Executions } from "../store/executions.ts";
import { type Call, defineIntegration, type Integration, sdkMetadata } from "./integration.ts";

const Parameters = z.strictObject({
  StateMachineArn: z.string(),
  Name: z.string().optional(),
  Input: z.json().optional(),
  TraceHeader: z.string().optional(),
});

/** states:startExecution: a nested execution, started, waited for, or given a task token. */
export function startExecution(executions: () => Executions): Integration {
  return defineIntegration({
    patterns: ["request", "sync", "sync:2", "waitForTaskToken"],
    parameters: Parameters,
    errorPrefix: "StepFunctions",
    call: async ({ StateMachineArn, Name, Input = {} }) => {
      const input = typeof Input === "string" ? Input : JSON.stringify(Input);
      const child = executions().start(StateMachineArn, Name, input);
      return { ExecutionArn: child.arn, StartDate: child.startDate / 1000, ...sdkMetadata(randomUUID()) };
    },
    wait: (submitted, call) => waitForEnd(executions(), submitted, call),
  });
}

/** .sync gives the output as text, .sync:2 as JSON. A child that does not succeed is States.TaskFailed. */
async function waitForEnd(executions: Executions, submitted: Json, call: Call): Promise<Json> {
  const arn = isJsonObject(submitted) ? submitted["ExecutionArn"] : undefined;
  const child = executions.get(String(arn));
  // Whoever stops the parent, or fails the Map or Parallel around it, stops the child (developer guide, "Run a job").
  const leave = call.cancellation.onCancel(() => child.end({ status: "ABORTED" }));
  try {
    await child.ended;
  } finally {
    leave();
  }
  const description = pascalCase(describe(child));
  const { ending } = child;
  if (ending?.status !== "SUCCEEDED") throw new StateFailure("States.TaskFailed", JSON.stringify(description));
  if (call.pattern === "sync") return toJson(description);
  return toJson({ ...description, Input: child.inputValue, Output: parseJson(ending.output) });
}
