import * as z from "zod";
import { StateFailure } from "../failure.ts";
import { type Json, toJson } from "../json.ts";
import type { Pattern } from "../language/resource.ts";
import type { Cancellation } from "../run/cancellation.ts";

export interface Call {
  readonly pattern: Pattern;
  readonly cancellation: Cancellation;
  readonly region: string;
}

/** One action of one service, as a Task's Resource names it. */
export interface Integration {
  readonly patterns: readonly Pattern[];
  /** The parameters it takes, and those it cannot do without. */
  readonly fields: readonly string[];
  readonly required: readonly string[];
  /** Rejects with StateFailure under the service's error name. */
  call(parameters: Json, call: Call): Promise<Json>;
  /** For .sync and .sync:2: the job's end. */
  wait?(submitted: Json, call: Call): Promise<Json>;
}

interface Plan<S extends z.ZodRawShape> {
  readonly patterns: readonly Pattern[];
  readonly parameters: z.ZodObject<S>;
  /** What AWS puts before the service's error names: "SQS", "DynamoDB". */
  readonly errorPrefix: string;
  readonly call: (parameters: z.infer<z.ZodObject<S>>, call: Call) => Promise<unknown>;
  readonly wait?: (submitted: Json, call: Call) => Promise<Json>;
}

/** Parses the parameters once, and gives every error the name that a Retry or Catch would match on AWS. */
export function defineIntegration<S extends z.ZodRawShape>(plan: Plan<S>): Integration {
  const entries = Object.entries(plan.parameters.shape);
  return {
    patterns: plan.patterns,
    fields: entries.map(([name]) => name),
    required: entries.filter(([, schema]) => !z.safeParse(schema, undefined).success).map(([name]) => name),
    async call(parameters, call) {
      const parsed = plan.parameters.safeParse(parameters);
      if (!parsed.success) throw new StateFailure("States.Runtime", z.prettifyError(parsed.error));
      try {
        return toJson(await plan.call(parsed.data, call));
      } catch (error) {
        throw serviceFailure(plan.errorPrefix, error);
      }
    },
    ...(plan.wait && { wait: plan.wait }),
  };
}

/** AWS names a service's error `Prefix.NameException` (developer guide, "Error names"). */
export function serviceFailure(prefix: string, error: unknown): Error {
  if (error instanceof StateFailure) return error;
  if (!(error instanceof Error)) return new StateFailure(`${prefix}.SdkClientException`, String(error));
  const isAnswer = "$metadata" in error || "code" in error;
  const name = "code" in error && error.name === "SfnError" ? String(error.code) : error.name;
  if (!isAnswer || name === "Error") return new StateFailure(`${prefix}.SdkClientException`, error.message);
  return new StateFailure(`${prefix}.${name.endsWith("Exception") ? name : `${name}Exception`}`, error.message);
}

/** The response metadata that AWS adds to the results of its optimised integrations. */
export function sdkMetadata(requestId: string) {
  return { SdkHttpMetadata: { HttpStatusCode: 200 }, SdkResponseMetadata: { RequestId: requestId } };
}
