import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { FunctionHost } from "../../contract.ts";
import { StateFailure } from "../failure.ts";
import { type Json, toJson } from "../json.ts";
import { defineIntegration, type Integration, sdkMetadata } from "./integration.ts";

const Parameters = z.strictObject({
  FunctionName: z.string(),
  Payload: z.json().optional(),
  InvocationType: z.literal("RequestResponse").optional(),
  LogType: z.literal("None").optional(),
});

export function lambdaInvoke(functions: FunctionHost): Integration {
  return defineIntegration({
    patterns: ["request", "waitForTaskToken"],
    parameters: Parameters,
    errorPrefix: "Lambda",
    call: async ({ FunctionName, Payload = {} }) => ({
      ExecutedVersion: "$LATEST",
      Payload: await invoke(functions, FunctionName, Payload),
      StatusCode: 200,
      ...sdkMetadata(randomUUID()),
    }),
  });
}

/** A function's own error keeps its type as error name; its cause is the error as JSON, as Lambda reports it. */
export async function invoke(functions: FunctionHost, nameOrArn: string, payload: Json): Promise<Json> {
  if (!functions.has(nameOrArn)) {
    throw new StateFailure("Lambda.ResourceNotFoundException", `Function not found: ${nameOrArn}`);
  }
  const result = await functions.invoke(nameOrArn, toJson(payload));
  if (result.kind === "returned") return toJson(result.payload);
  const { errorMessage, errorType, trace } = result;
  throw new StateFailure(errorType, JSON.stringify({ errorMessage, errorType, trace }));
}
