import * as z from "zod";
import { invalid } from "./errors.ts";

/** `metadata[order]=7` says: the field `order` of `metadata` is 7. */
const NESTED = /^([^[\]]+)\[([^[\]]+)\]$/;

/** A form-encoded body as data: texts, and objects of texts where the names have brackets. */
export function parseForm(body: string): unknown {
  const fields = new Map<string, string | Map<string, string>>();
  for (const [name, value] of new URLSearchParams(body)) {
    const [, outer, inner] = NESTED.exec(name) ?? [];
    if (outer === undefined || inner === undefined) {
      fields.set(name, value);
      continue;
    }
    const seen = fields.get(outer);
    const nested = seen instanceof Map ? seen : new Map<string, string>();
    fields.set(outer, nested.set(inner, value));
  }
  return Object.fromEntries(
    [...fields].map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value]),
  );
}

const positive = z
  .string()
  .regex(/^[1-9]\d{0,7}$/)
  .transform(Number);

/** Stripe's limits: 50 keys of 40 characters, values of 500. */
const Metadata = z
  .record(z.string().max(40), z.string().max(500))
  .refine((metadata) => Object.keys(metadata).length <= 50);

export const CreateParams = z.strictObject({
  amount: positive,
  currency: z.string().regex(/^[a-z]{3}$/),
  capture_method: z.enum(["automatic", "manual"]).default("automatic"),
  confirm: z.enum(["true", "false"]).default("false"),
  payment_method: z.string().optional(),
  payment_method_types: z.record(z.string(), z.literal("card")).optional(),
  metadata: Metadata.default({}),
});
export const CaptureParams = z.strictObject({
  amount_to_capture: positive.optional(),
  metadata: Metadata.default({}),
});
export const CancelParams = z.strictObject({
  cancellation_reason: z.enum(["duplicate", "fraudulent", "requested_by_customer", "abandoned"]).optional(),
});

/**
 * Parameters of one operation.
 * @throws ApiError (400) that names the first parameter that is wrong; no idempotency key keeps it.
 */
export function parseParams<S extends z.ZodType>(schema: S, body: string): z.output<S> {
  const parsed = schema.safeParse(parseForm(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") {
    const param = issue.keys.join(", ");
    throw invalid(`Received unknown parameter: ${param}`, { code: "parameter_unknown", param });
  }
  const param = issue?.path.join(".") ?? "";
  throw invalid(`Invalid or missing parameter: ${param}`, { code: "parameter_invalid", param });
}
