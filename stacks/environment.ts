import {
  deadLetterVariable,
  type FunctionName,
  LEASE_SECONDS,
  MAX_RECEIVES,
  sourceVariable,
  tableName,
} from "@crossfade/bridge/deployment";
import { refuseVariables } from "./limits.ts";
import { deadLettersOf, type Plan } from "./plan.ts";

type Variables = Readonly<Record<string, $util.Input<string>>>;

/** What every function reads, and the operator's command in its place; none of it is secret. */
export function sharedVariables({ config, place, sources, delegates }: Plan) {
  return {
    LEDGER_TABLE: place.ledger.name,
    TRACKING_TABLE: tableName(config.tracking.tableArn),
    PAYLOAD_BUCKET: place.bucket.name,
    ORDER_STATE_MACHINE_ARN: place.machineArn("Order"),
    QUARANTINE_QUEUE_URL: place.queue("quarantine").queueUrl,
    MIRROR_QUEUE_URL: place.queue("mirror").queueUrl,
    SETTLE_QUEUE_URL: place.queue("settle").queueUrl,
    SOURCES: JSON.stringify([...sources.values()].map(sourceVariable)),
    DELEGATES: JSON.stringify(Object.fromEntries([...delegates].map(([route, { queueUrl }]) => [route, queueUrl]))),
    LEASE_MS: String(LEASE_SECONDS * 1_000),
    MAX_RECEIVES: String(MAX_RECEIVES),
    METRICS_NAMESPACE: place.metricsNamespace,
    // In claims mode, who ends a claim keeps watch on it.
    ...("poll" in config.tracking.changes && { TRACKING_POLL: JSON.stringify(config.tracking.changes.poll) }),
    ...(config.payments.kind === "table" && { PAYMENTS_TABLE: tableName(config.payments.tableArn) }),
  };
}
type Shared = keyof ReturnType<typeof sharedVariables>;

/** A function is given what it reads and nothing else. */
const READS: Readonly<Record<FunctionName, readonly Shared[]>> = {
  ingest: [
    ...(["LEDGER_TABLE", "TRACKING_TABLE", "ORDER_STATE_MACHINE_ARN", "PAYLOAD_BUCKET"] as const),
    ...(["QUARANTINE_QUEUE_URL", "SOURCES", "LEASE_MS"] as const),
  ],
  mirror: [
    ...(["LEDGER_TABLE", "TRACKING_TABLE", "ORDER_STATE_MACHINE_ARN", "PAYLOAD_BUCKET"] as const),
    ...(["MIRROR_QUEUE_URL", "MAX_RECEIVES", "TRACKING_POLL"] as const),
  ],
  settle: [
    ...(["LEDGER_TABLE", "TRACKING_TABLE", "ORDER_STATE_MACHINE_ARN", "PAYLOAD_BUCKET"] as const),
    ...(["PAYMENTS_TABLE", "SETTLE_QUEUE_URL", "MAX_RECEIVES", "TRACKING_POLL"] as const),
  ],
  observe: ["LEDGER_TABLE", "TRACKING_TABLE", "PAYLOAD_BUCKET"],
  reconcile: [
    ...(["LEDGER_TABLE", "TRACKING_TABLE", "ORDER_STATE_MACHINE_ARN", "PAYLOAD_BUCKET"] as const),
    ...(["PAYMENTS_TABLE", "DELEGATES", "TRACKING_POLL"] as const),
  ],
  compare: ["LEDGER_TABLE"],
  overdue: ["LEDGER_TABLE"],
  poll: ["LEDGER_TABLE", "TRACKING_TABLE", "PAYLOAD_BUCKET", "TRACKING_POLL"],
  guard: ["LEDGER_TABLE"],
  "finish-order": ["LEDGER_TABLE", "PAYMENTS_TABLE"],
  plan: ["PAYLOAD_BUCKET"],
  delegate: ["LEDGER_TABLE", "PAYLOAD_BUCKET", "DELEGATES"],
  "delegate-dead-letters": ["LEDGER_TABLE", "TRACKING_TABLE", "PAYLOAD_BUCKET", "QUARANTINE_QUEUE_URL"],
  "approval-requests": ["LEDGER_TABLE", "ORDER_STATE_MACHINE_ARN"],
  api: ["LEDGER_TABLE", "TRACKING_TABLE", "ORDER_STATE_MACHINE_ARN"],
};

/** Values that `sst secret set` keeps, encrypted; Lambda keeps a function's variables encrypted too. */
export interface Secrets {
  readonly tokenKey: sst.Secret;
  /** Given where charges are at Stripe. */
  readonly stripeSecretKey: sst.Secret | undefined;
  readonly sentryDsn: sst.Secret;
}

export const secretsOf = ({ config }: Plan): Secrets => ({
  tokenKey: new sst.Secret("TokenKey"),
  stripeSecretKey: config.payments.kind === "stripe" ? new sst.Secret("StripeSecretKey") : undefined,
  // Empty: nothing is sent anywhere.
  sentryDsn: new sst.Secret("SentryDsn", ""),
});

const SEALS: ReadonlySet<FunctionName> = new Set<FunctionName>([
  "observe",
  "poll",
  "reconcile",
  "delegate",
  "delegate-dead-letters",
  "approval-requests",
]);
const CHARGES: ReadonlySet<FunctionName> = new Set<FunctionName>(["finish-order", "settle", "reconcile"]);

function secretVariables(name: FunctionName, { tokenKey, stripeSecretKey }: Secrets): Variables {
  return {
    ...(SEALS.has(name) && { TOKEN_KEY: tokenKey.value }),
    ...(CHARGES.has(name) && stripeSecretKey && { STRIPE_SECRET_KEY: stripeSecretKey.value }),
  };
}

/** Of every function: where its metrics go, and where errors are told that are a person's business. */
const telemetry = ({ place, stage }: Plan, { sentryDsn }: Secrets): Variables => ({
  METRICS_NAMESPACE: place.metricsNamespace,
  SENTRY_DSN: sentryDsn.value,
  SENTRY_ENVIRONMENT: stage,
  NODE_OPTIONS: "--enable-source-maps",
});

/** Who may call the API, and which queues it looks after. */
function apiVariables(plan: Plan): Readonly<Record<string, string>> {
  const { dashboard } = plan.config;
  if (dashboard === undefined) return {};
  const intakes = [...plan.sources.values()].map(({ intake }) => intake);
  return {
    DEAD_LETTERS: JSON.stringify(deadLetterVariable({ deadLetters: deadLettersOf(plan), intakes })),
    DASHBOARD_ISSUER: dashboard.issuer,
    DASHBOARD_AUDIENCE: dashboard.audience,
    DASHBOARD_ROLE_CLAIM: dashboard.roleClaim,
    DASHBOARD_VIEWERS: JSON.stringify(dashboard.viewers),
    DASHBOARD_OPERATORS: JSON.stringify(dashboard.operators),
  };
}

/** Each function's own settings, besides what functions share. */
const OWN: Partial<Readonly<Record<FunctionName, (plan: Plan) => Readonly<Record<string, string>>>>> = {
  api: apiVariables,
};

export function functionVariables(name: FunctionName, plan: Plan, secrets: Secrets): Variables {
  const shared: Partial<Record<Shared, string>> = sharedVariables(plan);
  const read = READS[name].flatMap((variable) => {
    const value = shared[variable];
    return value === undefined ? [] : [[variable, value] as const];
  });
  const own = OWN[name]?.(plan) ?? {};
  refuseVariables(name, [...read, ...Object.entries(own)]);
  return { ...Object.fromEntries(read), ...own, ...secretVariables(name, secrets), ...telemetry(plan, secrets) };
}

export const checkVariables = (name: string, plan: Plan, secrets: Secrets): Variables => ({
  PAYLOAD_BUCKET: plan.place.bucket.name,
  ...plan.config.checks[name]?.environment,
  ...telemetry(plan, secrets),
});
