import { randomBytes } from "node:crypto";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { WEBCAT_CHECKS, type WebcatCheck, webcat } from "@crossfade/legacy";
import type { Cloud, Handler, Mapping, StreamMapping } from "../index.ts";
import { createPayloadBucket } from "./buckets.ts";
import { createMachines, type Machines, updateOrder } from "./machines.ts";
import { createQueue, MOST_RECEIVES, type Queue, type QueueWithDeadLetters } from "./queues.ts";
import { createRule, orderRules } from "./rules.ts";
import { createLedger } from "./tables.ts";

export { createPayloadBucket } from "./buckets.ts";
export { createLedger } from "./tables.ts";

/** A legacy queue that the bridge takes over. */
export interface LegacyQueue {
  readonly name: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly topicArns: readonly string[];
  readonly forward: "fifo" | "standard";
}

/** What exists before the bridge, and is only referenced (B2). */
export interface LegacySystem {
  readonly trackingTable: string;
  /** The card provider: charges as rows of a table, or at Stripe (or a server in its place). */
  readonly payments:
    | { readonly table: string }
    | { readonly stripe: { readonly secretKey: string; readonly apiUrl: string } };
  readonly customersTable: string;
  readonly registryUrl: string;
  readonly queues: readonly LegacyQueue[];
}

export interface Bridge {
  readonly ledgerTable: string;
  /** The bucket of what travels by claim check. */
  readonly payloadBucket: string;
  readonly quarantine: Queue;
  readonly orderArn: string;
  readonly activityArns: Machines["activityArns"];
  /** The forward queue of each legacy queue, by the legacy queue's name. */
  readonly forwards: ReadonlyMap<string, Queue>;
  /** By route: the queue from which the legacy service takes what the order path delegates to it. */
  readonly delegates: ReadonlyMap<string, QueueWithDeadLetters>;
  readonly queues: { readonly mirror: Queue; readonly settle: Queue; readonly approvals: Queue };
  /** Environment of the functions and of the workers. */
  readonly env: Readonly<Record<string, string>>;
  readonly stream: StreamMapping;
  /** From now on an order waits so many seconds for approval. */
  waitForApproval(waitSeconds: number): Promise<void>;
  /** Starts reading the legacy queues. */
  attach(): void;
  /** Stops reading them, and waits for what is in hand. */
  detach(): Promise<void>;
}

export interface BridgeOptions {
  /** Milliseconds; see packages/functions/src/env.ts. */
  readonly rolloutMaxAgeMs?: number;
  readonly rowGraceMs?: number;
  readonly leaseMs?: number;
  readonly reconcileAfterMs?: number;
  readonly reconcileEveryMs?: number;
  /** Seconds of one wait for the legacy service. */
  readonly delegateWaitSeconds?: number;
  /** Receives of a delegated message before the legacy service is taken to have given up; 10 unless given. */
  readonly delegateReceives?: number;
  /** Seconds for which an order waits for approval; three days unless given. */
  readonly approvalWaitSeconds?: number;
}

const LEDGER = "crossfade-ledger";
const PAYLOADS = "crossfade-payloads";

/** Deploys the bridge beside a legacy system on the embedded cloud: the graph of stacks/, in this process. */
export async function deployBridge(cloud: Cloud, legacy: LegacySystem, options: BridgeOptions = {}): Promise<Bridge> {
  Object.assign(process.env, cloud.env);
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const sfn = new SFNClient({});
  const events = new EventBridgeClient({});
  await createLedger(cloud.endpoints.dynamodb, cloud.region, LEDGER);
  await createPayloadBucket(PAYLOADS);
  const [quarantine, mirror, settle, approvals] = await Promise.all([
    createQueue(sqs, "crossfade-quarantine"),
    createQueue(sqs, "crossfade-mirror"),
    createQueue(sqs, "crossfade-settle"),
    createQueue(sqs, "crossfade-approvals"),
  ]);
  const forwards = new Map<string, Queue>();
  for (const { name, forward } of legacy.queues) {
    forwards.set(name, await createQueue(sqs, `crossfade-${name}-forward${forward === "fifo" ? ".fifo" : ""}`));
  }
  const delegates = new Map<string, QueueWithDeadLetters>();
  for (const [route, { toMessage }] of webcat.routes) {
    const name = `crossfade-delegate-${route.toLowerCase().replaceAll("_", "-")}.fifo`;
    if (toMessage !== undefined) delegates.set(route, await createQueue(sqs, name, options.delegateReceives ?? 10));
  }
  const register = (name: string, handler: Handler, timeoutSeconds = 10) =>
    cloud.functions.register(`crossfade-${name}`, handler, { timeoutSeconds });
  const finishOrderArn = register(
    "finish-order",
    lazy(() => import("@crossfade/functions/finish-order")),
  );
  const checkFunctions: Readonly<Record<WebcatCheck, string>> = {
    customer: register(
      "check-customer",
      lazy(() => import("@crossfade/functions/check-customer")),
    ),
    availability: register(
      "check-availability",
      lazy(() => import("@crossfade/functions/check-availability")),
    ),
  };
  const place = {
    region: cloud.region,
    accountId: cloud.accountId,
    migration: webcat.name,
    finishOrderArn,
    delegateArn: register(
      "delegate",
      lazy(() => import("@crossfade/functions/delegate")),
    ),
    delegateWaitSeconds: options.delegateWaitSeconds,
    checks: WEBCAT_CHECKS.map((check) => ({ ...check, functionArn: checkFunctions[check.name] })),
    approvals: {
      queueUrl: approvals.url,
      ledgerTable: LEDGER,
      ...(options.approvalWaitSeconds !== undefined && { waitSeconds: options.approvalWaitSeconds }),
    },
  };
  const { orderArn, activityArns } = await createMachines(sfn, place);
  const sources = legacy.queues.map(({ name, queueArn, queueUrl, topicArns, forward }) => ({
    queueArn,
    queueUrl,
    topicArns,
    forward: { queueUrl: forwards.get(name)?.url, kind: forward },
  }));
  const env = {
    LEDGER_TABLE: LEDGER,
    TRACKING_TABLE: legacy.trackingTable,
    ...paymentsEnvironment(legacy.payments),
    CUSTOMERS_TABLE: legacy.customersTable,
    REGISTRY_URL: legacy.registryUrl,
    PAYLOAD_BUCKET: PAYLOADS,
    ORDER_STATE_MACHINE_ARN: orderArn,
    QUARANTINE_QUEUE_URL: quarantine.url,
    MIRROR_QUEUE_URL: mirror.url,
    SETTLE_QUEUE_URL: settle.url,
    SOURCES: JSON.stringify(sources),
    DELEGATES: JSON.stringify(Object.fromEntries([...delegates].map(([route, { url }]) => [route, url]))),
    TOKEN_KEY: randomBytes(32).toString("base64"),
    LEASE_MS: String(options.leaseMs ?? 15_000),
    ROLLOUT_MAX_AGE_MS: String(options.rolloutMaxAgeMs ?? 250),
    ROW_GRACE_MS: String(options.rowGraceMs ?? 5_000),
    MAX_RECEIVES: String(MOST_RECEIVES),
    RECONCILE_AFTER_MS: String(options.reconcileAfterMs ?? 10_000),
  };
  // A key in the developer's own environment is not for this: the embedded cloud charges nobody.
  for (const name of ["PAYMENTS_TABLE", "STRIPE_SECRET_KEY", "STRIPE_API_URL"]) delete process.env[name];
  Object.assign(process.env, env);
  register(
    "ingest",
    lazy(() => import("@crossfade/functions/ingest")),
  );
  register(
    "mirror",
    lazy(() => import("@crossfade/functions/mirror")),
  );
  register(
    "settle",
    lazy(() => import("@crossfade/functions/settle")),
  );
  register(
    "approval-requests",
    lazy(() => import("@crossfade/functions/approval-requests")),
  );
  register(
    "observe",
    lazy(() => import("@crossfade/functions/observe")),
  );
  register(
    "reconcile",
    lazy(() => import("@crossfade/functions/reconcile")),
    60,
  );

  const rules = orderRules(orderArn);
  await createRule(events, "crossfade-mirror", rules.mirror, mirror.arn);
  await createRule(events, "crossfade-settle", rules.settle, settle.arn);
  const mapped = { batchSize: 10, reportBatchItemFailures: true, maximumConcurrency: 5 };
  cloud.mapQueue({ ...mapped, queueUrl: mirror.url, queueArn: mirror.arn, functionName: "crossfade-mirror" });
  cloud.mapQueue({ ...mapped, queueUrl: settle.url, queueArn: settle.arn, functionName: "crossfade-settle" });
  register(
    "delegate-dead-letters",
    lazy(() => import("@crossfade/functions/delegate-dead-letters")),
  );
  for (const { deadLetters } of delegates.values()) {
    const { url: queueUrl, arn: queueArn } = deadLetters;
    cloud.mapQueue({ ...mapped, queueUrl, queueArn, functionName: "crossfade-delegate-dead-letters" });
  }
  cloud.mapQueue({
    ...{ ...mapped, queueUrl: approvals.url, queueArn: approvals.arn },
    functionName: "crossfade-approval-requests",
  });
  const stream = cloud.mapStream({
    streamArn: await streamOf(legacy.trackingTable),
    functionName: "crossfade-observe",
    startingPosition: "TRIM_HORIZON",
    reportBatchItemFailures: true,
    bisectBatchOnFunctionError: true,
    parallelizationFactor: 4,
  });
  for (const client of [sqs, sfn, events]) client.destroy();
  cloud.schedule({ functionName: "crossfade-reconcile", everyMs: options.reconcileEveryMs ?? 2_000 });

  let ingest: Mapping[] = [];
  return {
    ledgerTable: LEDGER,
    payloadBucket: PAYLOADS,
    quarantine,
    orderArn,
    activityArns,
    forwards,
    delegates,
    queues: { mirror, settle, approvals },
    env: { ...cloud.env, ...env },
    stream,
    async waitForApproval(waitSeconds) {
      const client = new SFNClient({});
      await updateOrder(client, orderArn, { ...place, approvals: { ...place.approvals, waitSeconds } });
      client.destroy();
    },
    attach() {
      ingest = legacy.queues.map(({ queueUrl, queueArn }) =>
        cloud.mapQueue({ ...mapped, queueUrl, queueArn, functionName: "crossfade-ingest" }),
      );
    },
    async detach() {
      await Promise.all(ingest.map((mapping) => mapping.stop()));
      ingest = [];
    },
  };
}

const paymentsEnvironment = (payments: LegacySystem["payments"]): Readonly<Record<string, string>> =>
  "table" in payments
    ? { PAYMENTS_TABLE: payments.table }
    : { STRIPE_SECRET_KEY: payments.stripe.secretKey, STRIPE_API_URL: payments.stripe.apiUrl };

/** A function is loaded at its first call, as in a cold start: it reads its environment then. */
function lazy(load: () => Promise<{ handler(event: unknown): Promise<unknown> }>): Handler {
  let loaded: ReturnType<typeof load> | undefined;
  return async (event) => {
    loaded ??= load();
    return (await loaded).handler(event);
  };
}

async function streamOf(table: string): Promise<string> {
  const client = new DynamoDBClient({});
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  client.destroy();
  if (Table?.LatestStreamArn === undefined) throw new Error(`table ${table} has no stream`);
  return Table.LatestStreamArn;
}
