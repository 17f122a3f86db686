import { DeadLetterVariable, TrackingPoll } from "@crossfade/bridge/deployment";
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

export const milliseconds = z.coerce.number().int().positive();

/** 32 bytes in base64, as AES-256 takes them: `openssl rand -base64 32`. */
const key = z
  .base64("must be 32 bytes in base64")
  .transform((text) => Buffer.from(text, "base64"))
  .refine((bytes) => bytes.length === 32, "must be 32 bytes in base64");

const arn = z.string().startsWith("arn:");

/** A queue that the bridge reads, and how the legacy consumer gets its messages now. */
export const Source = z
  .strictObject({
    queueArn: arn,
    queueUrl: z.url(),
    topicArns: z.array(arn),
    forward: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("fifo"), queueUrl: z.url() }),
      z.strictObject({ kind: z.literal("standard"), queueUrl: z.url() }),
      z.strictObject({ kind: z.literal("topic"), topicArn: arn }),
      z.strictObject({ kind: z.literal("lambda"), functionArn: arn }),
      z.strictObject({ kind: z.literal("tap") }),
    ]),
  })
  .refine(({ topicArns, forward }) => forward.kind !== "lambda" || topicArns.length > 0, {
    path: ["topicArns"],
    message: "name the topics: a function gets events made of their notifications, so raw delivery must be off",
  });

/** Every variable that a function may read; each function picks its own. */
export const Environment = z.object({
  LEDGER_TABLE: z.string().min(1),
  TRACKING_TABLE: z.string().min(1),
  PAYLOAD_BUCKET: z.string().min(1),
  /** 32 bytes in base64: task tokens are sealed with it. */
  TOKEN_KEY: key,
  ORDER_STATE_MACHINE_ARN: z.string().startsWith("arn:"),
  QUARANTINE_QUEUE_URL: z.url(),
  MIRROR_QUEUE_URL: z.url(),
  SETTLE_QUEUE_URL: z.url(),
  SOURCES: json(z.array(Source).min(1)),
  /** By route: the FIFO queue from which the legacy service takes what is delegated to it. */
  DELEGATES: json(z.record(z.string(), z.url())),
  /** Longer than the ingest function's timeout (A4). */
  LEASE_MS: milliseconds.default(90_000),
  ROLLOUT_MAX_AGE_MS: milliseconds.default(10_000),
  /** AWS says of a queue's counts that they are right a minute after the last change; for the operator's command alone. */
  COUNTS_SETTLE_MS: milliseconds.default(60_000),
  ROW_GRACE_MS: milliseconds.default(30_000),
  RECONCILE_AFTER_MS: milliseconds.default(15 * 60_000),
  /** Claims of each route in one run; one run a minute stays within DescribeExecution's quota. */
  RECONCILE_LIMIT: z.coerce.number().int().min(1).max(500).default(100),
  /** Below the function's timeout of 60 s, with room for the claim in hand. */
  RECONCILE_WITHIN_MS: milliseconds.default(40_000),
  /** Below the function's timeout of 60 s, with room for the route in hand. */
  GUARD_WITHIN_MS: milliseconds.default(40_000),
  /** For so long the other side of a comparison is waited for, once one has ended. */
  COMPARE_WITHIN_MS: milliseconds.default(3_600_000),
  /** Only where the tracking table has no stream. */
  TRACKING_POLL: json(TrackingPoll),
  /** Below the function's timeout of 60 s, with room for the page in hand. */
  POLL_WITHIN_MS: milliseconds.default(40_000),
  /** By an index: what a writer's clock and the index together may lag behind. */
  POLL_OVERLAP_MS: milliseconds.default(2 * 60_000),
  /** By claims: how long after its message a publisher may write its row. */
  POLL_WATCH_MS: milliseconds.default(15 * 60_000),
  CAPTURE_WITHIN_MS: milliseconds.default(15 * 60_000),
  ACTIVITY_ARN: z.string().startsWith("arn:"),
  SERVICE_URL: z.url(),
  WORKER_NAME: z.string().min(1).max(80).default("worker"),
  HEARTBEAT_MS: milliseconds.default(10_000),
  TIDY_EVERY_MS: milliseconds.default(10_000),
  /** Receives after which a queue gives a message up: the maxReceiveCount of its redrive policy. */
  MAX_RECEIVES: z.coerce.number().int().min(1).default(50),
  /** Tells the metrics of one deployment from those of another in the same account. */
  METRICS_NAMESPACE: z.string().min(1).default("Crossfade"),
  /** Where errors that are a person's business are sent; empty: nowhere. */
  SENTRY_DSN: z.string().default(""),
  SENTRY_ENVIRONMENT: z.string().optional(),
  SENTRY_RELEASE: z.string().optional(),
  /** What an exception tracker that is slow may add to a function's time. */
  TRACKER_FLUSH_MS: milliseconds.max(10_000).default(1_500),
  SERVICE_TIMEOUT_MS: milliseconds.default(10_000),
  /** Queues of what nobody could handle, and where it may return. */
  DEAD_LETTERS: json(DeadLetterVariable),
  /** The issuer of the dashboard's tokens, to the letter as they name it, and whom they are for. */
  DASHBOARD_ISSUER: z.url(),
  DASHBOARD_AUDIENCE: z.string().min(1),
  /** The one origin whose pages may call the API: scheme, host and port. */
  DASHBOARD_ORIGIN: z.url().refine((text) => new URL(text).origin === text, "must be an origin, without a path"),
  /** The claim that says a person's role, and which of its values mean what. */
  DASHBOARD_ROLE_CLAIM: z.string().min(1),
  DASHBOARD_VIEWERS: json(z.array(z.string().min(1))),
  DASHBOARD_OPERATORS: json(z.array(z.string().min(1))),
});

/** Where charges are: at one provider, and no other. */
export const PaymentsEnvironment = z
  .object({
    PAYMENTS_TABLE: z.string().min(1).optional(),
    STRIPE_SECRET_KEY: z.string().min(1).optional(),
    /** Another server than Stripe's own, for tests. */
    STRIPE_API_URL: z.url({ protocol: /^https?$/ }).optional(),
  })
  .transform(({ PAYMENTS_TABLE: table, STRIPE_SECRET_KEY: secretKey, STRIPE_API_URL: apiUrl }, context) => {
    if (table !== undefined && secretKey === undefined) return { kind: "table" as const, table };
    if (table === undefined && secretKey !== undefined) return { kind: "stripe" as const, secretKey, apiUrl };
    const choice = "PAYMENTS_TABLE (charges are rows of a table) or STRIPE_SECRET_KEY (charges are at Stripe)";
    const message = `${table === undefined ? "set" : "both are set: remove"} ${choice}`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/**
 * The only reader of process.env.
 * @throws ZodError that names the variable and the rule.
 */
export const readEnv = <S extends z.ZodType>(schema: S): z.output<S> => schema.parse(process.env);

/**
 * Puts what a deployment says of the functions' variables into this process's own. `missing`: one that is set stays.
 * @returns the names of those that were put there.
 */
export function provideEnv(
  variables: Readonly<Record<string, string>>,
  which: "all" | "missing" = "all",
): ReadonlySet<string> {
  const put = Object.entries(variables).filter(([name]) => which === "all" || process.env[name] === undefined);
  Object.assign(process.env, Object.fromEntries(put));
  return new Set(put.map(([name]) => name));
}
