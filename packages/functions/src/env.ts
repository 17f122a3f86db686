import * as z from "zod";

/** A variable that holds JSON. */
const json = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "must be JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);

const milliseconds = z.coerce.number().int().positive();

/** 32 bytes in base64, as AES-256 takes them: `openssl rand -base64 32`. */
const key = z
  .base64("must be 32 bytes in base64")
  .transform((text) => Buffer.from(text, "base64"))
  .refine((bytes) => bytes.length === 32, "must be 32 bytes in base64");

const Source = z.strictObject({
  queueArn: z.string().startsWith("arn:"),
  queueUrl: z.url(),
  topicArns: z.array(z.string().startsWith("arn:")),
  forward: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("fifo"), queueUrl: z.url() }),
    z.strictObject({ kind: z.literal("standard"), queueUrl: z.url() }),
    z.strictObject({ kind: z.literal("topic"), topicArn: z.string().startsWith("arn:") }),
  ]),
});

/** Every variable that a function may read; each function picks its own. */
export const Environment = z.object({
  LEDGER_TABLE: z.string().min(1),
  TRACKING_TABLE: z.string().min(1),
  PAYMENTS_TABLE: z.string().min(1),
  CUSTOMERS_TABLE: z.string().min(1),
  REGISTRY_URL: z.url(),
  TOKEN_KEY: key,
  ORDER_STATE_MACHINE_ARN: z.string().startsWith("arn:"),
  QUARANTINE_QUEUE_URL: z.url(),
  MIRROR_QUEUE_URL: z.url(),
  SETTLE_QUEUE_URL: z.url(),
  SOURCES: json(z.array(Source).min(1)),
  /** Longer than the ingest function's timeout (A4). */
  LEASE_MS: milliseconds.default(90_000),
  ROLLOUT_MAX_AGE_MS: milliseconds.default(10_000),
  ROW_GRACE_MS: milliseconds.default(30_000),
  RECONCILE_AFTER_MS: milliseconds.default(15 * 60_000),
  /** Claims of each route in one run; one run a minute stays within DescribeExecution's quota. */
  RECONCILE_LIMIT: z.coerce.number().int().min(1).max(500).default(100),
  CAPTURE_WITHIN_MS: milliseconds.default(15 * 60_000),
  ACTIVITY_ARN: z.string().startsWith("arn:"),
  SERVICE_URL: z.url(),
  WORKER_NAME: z.string().min(1).max(80).default("worker"),
  HEARTBEAT_MS: milliseconds.default(10_000),
  TIDY_EVERY_MS: milliseconds.default(10_000),
  SERVICE_TIMEOUT_MS: milliseconds.default(10_000),
});

/**
 * The only reader of process.env.
 * @throws ZodError that names the variable and the rule.
 */
export const readEnv = <S extends z.ZodType>(schema: S): z.output<S> => schema.parse(process.env);
