import { randomBytes } from "node:crypto";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import {
  BATCH_SIZE,
  CHECK_TIMEOUT_SECONDS,
  type Contract,
  DELEGATE_DEAD_LETTERS_READER,
  DELEGATE_RECEIVES,
  DELEGATE_VISIBILITY_SECONDS,
  type Deployed,
  DeploymentConfig,
  type DeploymentInput,
  delegateQueueName,
  deployedFunctions,
  deployedSchedules,
  FUNCTIONS,
  type FunctionName,
  INGEST_READER,
  LEDGER_READER,
  MAX_RECEIVES,
  orderRules,
  type PlacedSource,
  type QueueReader,
  READ_QUEUES,
  SCHEDULES,
  STREAM_READER,
  sourceVariable,
  tableName,
  visibilityFor,
} from "@crossfade/bridge/deployment";
import { functionArn } from "../functions/names.ts";
import type { Cloud, FunctionBundle, StreamMapping } from "../index.ts";
import { createPayloadBucket } from "./buckets.ts";
import { deployedBridge } from "./deployed.ts";
import { handlerAt } from "./handlers.ts";
import { createMachines, type Machines, updateOrder } from "./machines.ts";
import { createBareQueue, createQueue, type Queue, type QueueWithDeadLetters } from "./queues.ts";
import { createRule } from "./rules.ts";
import { placeSources } from "./sources.ts";
import { switchMappings } from "./switch.ts";
import { createLedger } from "./tables.ts";

export { createPayloadBucket } from "./buckets.ts";
export { createLedger } from "./tables.ts";

/** Stripe, or a server in its place. */
export interface StripeAccess {
  readonly secretKey: string;
  readonly apiUrl: string;
}

/** What is deployed: an adopter's contract, beside the legacy system that their configuration names. */
export interface Deployment<Activity extends string = string> {
  readonly contract: Contract<Activity>;
  readonly config: DeploymentInput;
  /** Where config.payments says stripe. */
  readonly stripe?: StripeAccess | undefined;
  /**
   * The bundle of a handler, as it would be deployed: it runs apart, and knows no other environment than its own. Without
   * it handlers are loaded into this process, with the contract that they import there.
   */
  readonly bundleOf?: ((handler: string) => Pick<FunctionBundle, "file" | "export" | "environment">) | undefined;
}

export interface Bridge<Activity extends string = string> {
  readonly ledgerTable: string;
  /** The bucket of what travels by claim check. */
  readonly payloadBucket: string;
  readonly quarantine: Queue;
  readonly orderArn: string;
  readonly activityArns: Machines<Activity>["activityArns"];
  readonly sources: ReadonlyMap<string, PlacedSource>;
  /** By source: the URL of the queue from which its old consumer reads now. */
  readonly forwards: ReadonlyMap<string, string>;
  /** By route: the queue from which the legacy service takes what the order path delegates to it. */
  readonly delegates: ReadonlyMap<string, QueueWithDeadLetters>;
  readonly queues: Readonly<Record<keyof typeof READ_QUEUES, Queue>>;
  /** Environment of the functions and of the workers. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the tracking table; undefined where it is polled. */
  readonly stream: StreamMapping | undefined;
  /** Of the ledger: once it has caught up, everything is counted. */
  readonly ledgerStream: StreamMapping;
  /** From now on an order waits so many seconds for approval. */
  waitForApproval(waitSeconds: number): Promise<void>;
  /** What the operator's command must know of it. */
  readonly deployed: Deployed;
  /** Starts reading the sources, where nobody stands in the way: a system that has not begun needs no `crossfade attach`. */
  attach(): Promise<void>;
  /** Stops reading them, and waits for what is in hand. */
  detach(): Promise<void>;
}

/** What a demonstration or a test wants otherwise than a deployment; the defaults are those of the stacks. */
export interface BridgeOptions {
  /** Milliseconds; see packages/functions/src/env.ts. */
  readonly rolloutMaxAgeMs?: number;
  readonly rowGraceMs?: number;
  readonly leaseMs?: number;
  readonly reconcileAfterMs?: number;
  readonly reconcileEveryMs?: number;
  readonly pollEveryMs?: number;
  readonly guardEveryMs?: number;
  readonly overdueEveryMs?: number;
  readonly compareWithinMs?: number;
  /** Seconds of one wait for the legacy service. */
  readonly delegateWaitSeconds?: number;
  /** Receives of a delegated message before the legacy service is taken to have given up. */
  readonly delegateReceives?: number;
  /** Seconds for which an order waits for approval; three days unless given. */
  readonly approvalWaitSeconds?: number;
  /** Seconds for which a batch waits for company. */
  readonly windowSeconds?: number;
  /** The same of what is counted; as `windowSeconds` unless given. */
  readonly countWindowSeconds?: number;
}

const PREFIX = "crossfade";
const LEDGER = `${PREFIX}-ledger`;
const PAYLOADS = `${PREFIX}-payloads`;

/** Deploys the bridge beside a legacy system on the embedded cloud: the graph of stacks/, in this process. */
export async function deployBridge<Activity extends string>(
  cloud: Cloud,
  { contract, config: given, stripe, bundleOf }: Deployment<Activity>,
  options: BridgeOptions = {},
): Promise<Bridge<Activity>> {
  const config = DeploymentConfig.parse(given);
  Object.assign(process.env, cloud.env);
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const sfn = new SFNClient({});
  const events = new EventBridgeClient({});
  await createLedger(cloud.endpoints.dynamodb, cloud.region, LEDGER);
  await createPayloadBucket(PAYLOADS);
  const quarantine = await createBareQueue(sqs, `${PREFIX}-quarantine`);
  const readQueue = (name: keyof typeof READ_QUEUES) =>
    createQueue(sqs, `${PREFIX}-${name}`, { visibilitySeconds: visibilityFor(READ_QUEUES[name]) });
  const queues = {
    mirror: await readQueue("mirror"),
    settle: await readQueue("settle"),
    approvals: await readQueue("approvals"),
  };
  const sources = await placeSources(sqs, PREFIX, config);
  const delegates = new Map<string, QueueWithDeadLetters>();
  for (const [route, { toMessage }] of contract.migration.routes) {
    if (toMessage === undefined) continue;
    const settings = {
      visibilitySeconds: DELEGATE_VISIBILITY_SECONDS,
      maxReceives: options.delegateReceives ?? DELEGATE_RECEIVES,
      deadLetterVisibilitySeconds: visibilityFor(DELEGATE_DEAD_LETTERS_READER),
    };
    delegates.set(route, await createQueue(sqs, `${PREFIX}-${delegateQueueName(route)}.fifo`, settings));
  }

  const arnOf = (name: FunctionName | `check-${string}`): string => functionArn(`${PREFIX}-${name}`, cloud.region);
  const place = {
    region: cloud.region,
    accountId: cloud.accountId,
    prefix: contract.migration.name,
    contract,
    finishOrderArn: arnOf("finish-order"),
    planArn: arnOf("plan"),
    delegateArn: arnOf("delegate"),
    delegateWaitSeconds: options.delegateWaitSeconds,
    checks: contract.checks.map(({ handler: _, ...check }) => ({
      ...check,
      functionArn: arnOf(`check-${check.name}`),
    })),
    approvals: {
      queueUrl: queues.approvals.url,
      ledgerTable: LEDGER,
      ...(options.approvalWaitSeconds !== undefined && { waitSeconds: options.approvalWaitSeconds }),
    },
  };
  const { orderArn, activityArns } = await createMachines(sfn, place);
  const { changes, tableArn } = config.tracking;
  const trackingTable = tableName(tableArn);
  const env = {
    LEDGER_TABLE: LEDGER,
    TRACKING_TABLE: trackingTable,
    ...paymentsEnvironment(config.payments, stripe),
    ...Object.assign({}, ...Object.values(config.checks).map(({ environment }) => environment)),
    PAYLOAD_BUCKET: PAYLOADS,
    ORDER_STATE_MACHINE_ARN: orderArn,
    QUARANTINE_QUEUE_URL: quarantine.url,
    MIRROR_QUEUE_URL: queues.mirror.url,
    SETTLE_QUEUE_URL: queues.settle.url,
    SOURCES: JSON.stringify([...sources.values()].map(sourceVariable)),
    DELEGATES: JSON.stringify(Object.fromEntries([...delegates].map(([route, { url }]) => [route, url]))),
    TOKEN_KEY: randomBytes(32).toString("base64"),
    LEASE_MS: String(options.leaseMs ?? 15_000),
    ROLLOUT_MAX_AGE_MS: String(options.rolloutMaxAgeMs ?? 250),
    ROW_GRACE_MS: String(options.rowGraceMs ?? 5_000),
    MAX_RECEIVES: String(MAX_RECEIVES),
    RECONCILE_AFTER_MS: String(options.reconcileAfterMs ?? 10_000),
    ...(options.compareWithinMs !== undefined && { COMPARE_WITHIN_MS: String(options.compareWithinMs) }),
    ...("poll" in changes && { TRACKING_POLL: JSON.stringify(changes.poll) }),
  };
  // A key in the developer's own environment is not for this: the embedded cloud charges nobody.
  for (const name of ["PAYMENTS_TABLE", "STRIPE_SECRET_KEY", "STRIPE_API_URL"]) delete process.env[name];
  Object.assign(process.env, env);

  // A bundle is given its environment with its code, and the machines' names stand in it: functions come after machines.
  const register = (name: string, handler: string, timeoutSeconds: number) => {
    if (bundleOf === undefined) {
      cloud.functions.register(`${PREFIX}-${name}`, handlerAt(handler), { timeoutSeconds });
      return;
    }
    const bundle = bundleOf(handler);
    const environment = { ...cloud.env, ...env, ...bundle.environment };
    cloud.functions.registerBundle(`${PREFIX}-${name}`, { ...bundle, timeoutSeconds, environment });
  };
  for (const name of deployedFunctions(config)) register(name, FUNCTIONS[name].handler, FUNCTIONS[name].timeoutSeconds);
  for (const { name, handler } of contract.checks) register(`check-${name}`, handler, CHECK_TIMEOUT_SECONDS);

  const rules = orderRules(orderArn);
  await createRule(events, `${PREFIX}-mirror`, rules.mirror, queues.mirror.arn);
  await createRule(events, `${PREFIX}-settle`, rules.settle, queues.settle.arn);
  const map = (reader: QueueReader, queueUrl: string, queueArn: string, enabled = true) =>
    cloud.mapQueue({
      enabled,
      queueUrl,
      queueArn,
      functionName: `${PREFIX}-${reader.function}`,
      batchSize: BATCH_SIZE,
      maximumBatchingWindowSeconds: options.windowSeconds ?? reader.windowSeconds,
      maximumConcurrency: reader.maximumConcurrency,
      reportBatchItemFailures: true,
    });
  map(READ_QUEUES.mirror, queues.mirror.url, queues.mirror.arn);
  map(READ_QUEUES.settle, queues.settle.url, queues.settle.arn);
  map(READ_QUEUES.approvals, queues.approvals.url, queues.approvals.arn);
  for (const { deadLetters } of delegates.values()) {
    map(DELEGATE_DEAD_LETTERS_READER, deadLetters.url, deadLetters.arn);
  }
  const stream =
    "streamArn" in changes
      ? cloud.mapStream({
          streamArn: await streamOf(trackingTable),
          functionName: `${PREFIX}-${STREAM_READER.function}`,
          batchSize: STREAM_READER.batchSize,
          startingPosition: STREAM_READER.startingPosition,
          reportBatchItemFailures: true,
          bisectBatchOnFunctionError: true,
          parallelizationFactor: STREAM_READER.parallelizationFactor,
        })
      : undefined;
  const ledgerStream = cloud.mapStream({
    streamArn: await streamOf(LEDGER),
    functionName: `${PREFIX}-${LEDGER_READER.function}`,
    batchSize: LEDGER_READER.batchSize,
    maximumBatchingWindowSeconds: options.countWindowSeconds ?? options.windowSeconds ?? LEDGER_READER.windowSeconds,
    startingPosition: LEDGER_READER.startingPosition,
    filters: [JSON.stringify(LEDGER_READER.filter)],
    reportBatchItemFailures: true,
    bisectBatchOnFunctionError: true,
    parallelizationFactor: LEDGER_READER.parallelizationFactor,
  });
  for (const client of [sqs, sfn, events]) client.destroy();
  const everyMs = {
    overdue: options.overdueEveryMs,
    reconcile: options.reconcileEveryMs,
    poll: options.pollEveryMs,
    guard: options.guardEveryMs,
  };
  for (const name of deployedSchedules(config)) {
    cloud.schedule({ functionName: `${PREFIX}-${name}`, everyMs: everyMs[name] ?? SCHEDULES[name] * 1_000 });
  }

  const mappingIds = new Map<string, string>();
  for (const [name, { intake }] of sources) {
    mappingIds.set(name, map(INGEST_READER, intake.queueUrl, intake.queueArn, false).uuid);
  }
  const withDeadLetters = {
    ...queues,
    ...Object.fromEntries([...delegates].map(([route, queue]) => [delegateQueueName(route), queue])),
  };
  const deployed = deployedBridge({
    ...{ name: PREFIX, config, sources, mappingIds, quarantine, queues: withDeadLetters },
    environment: env,
  });

  return {
    ledgerTable: LEDGER,
    payloadBucket: PAYLOADS,
    quarantine,
    orderArn,
    activityArns,
    sources,
    forwards: new Map(
      [...sources].flatMap(([name, { forward }]) => ("queueUrl" in forward ? [[name, forward.queueUrl] as const] : [])),
    ),
    delegates,
    queues,
    env: { ...cloud.env, ...env },
    stream,
    ledgerStream,
    async waitForApproval(waitSeconds) {
      const client = new SFNClient({});
      await updateOrder(client, orderArn, { ...place, approvals: { ...place.approvals, waitSeconds } });
      client.destroy();
    },
    deployed,
    attach: () => switchMappings(cloud, [...mappingIds.values()], true),
    detach: () => switchMappings(cloud, [...mappingIds.values()], false),
  };
}

function paymentsEnvironment(
  payments: DeploymentConfig["payments"],
  stripe: StripeAccess | undefined,
): Readonly<Record<string, string>> {
  if (payments.kind === "table") return { PAYMENTS_TABLE: tableName(payments.tableArn) };
  if (stripe === undefined) throw new TypeError("config.payments says stripe: say where it is");
  return { STRIPE_SECRET_KEY: stripe.secretKey, STRIPE_API_URL: stripe.apiUrl };
}

/** The stream that the table has now: the embedded cloud names streams in its own way. */
async function streamOf(table: string): Promise<string> {
  const client = new DynamoDBClient({});
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  client.destroy();
  if (Table?.LatestStreamArn === undefined) throw new Error(`table ${table} has no stream`);
  return Table.LatestStreamArn;
}
