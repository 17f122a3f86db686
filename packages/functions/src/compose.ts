import { randomUUID } from "node:crypto";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type {
  AnswerDeps,
  ApprovalDeps,
  ChargeDeps,
  DeadLetterDeps,
  EffectDeps,
  HandOverDeps,
  IngestDeps,
  Migration,
  MirrorDeps,
  ObserveDeps,
  PayloadStore,
  Payments,
  PlaceOrderDeps,
  PlanDeps,
  PollReport,
  ReconcileDeps,
  RedriveDeps,
  RolloutStore,
  SettleDeps,
  SqsRecord,
} from "@crossfade/bridge";
import { pollClaims, pollIndex } from "@crossfade/bridge";
import { DynamoDbApprovals } from "@crossfade/bridge/adapters/dynamodb-approvals";
import { DynamoDbCharges } from "@crossfade/bridge/adapters/dynamodb-charges";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { type Documents, documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbCounting } from "@crossfade/bridge/adapters/dynamodb-counting";
import { DynamoDbDelegations } from "@crossfade/bridge/adapters/dynamodb-delegations";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { DynamoDbEvidence } from "@crossfade/bridge/adapters/dynamodb-evidence";
import { DynamoDbBookmarks } from "@crossfade/bridge/adapters/dynamodb-in-flight";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { DynamoDbRedrives } from "@crossfade/bridge/adapters/dynamodb-redrives";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { DynamoDbRowIndex, DynamoDbRows } from "@crossfade/bridge/adapters/dynamodb-rows";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { Forwarders } from "@crossfade/bridge/adapters/forwarders";
import { invokingClient, LambdaForwarder } from "@crossfade/bridge/adapters/lambda-forwarder";
import { OpenFeatureFlag } from "@crossfade/bridge/adapters/openfeature-flag";
import { RolloutProvider } from "@crossfade/bridge/adapters/openfeature-provider";
import { hastyPayloadClient, payloadClient, S3Payloads } from "@crossfade/bridge/adapters/s3-payloads";
import { SfnApprovals } from "@crossfade/bridge/adapters/sfn-approvals";
import { hastyClient, SfnOrders } from "@crossfade/bridge/adapters/sfn-orders";
import { SfnRedriver } from "@crossfade/bridge/adapters/sfn-redriver";
import { SfnTasks } from "@crossfade/bridge/adapters/sfn-tasks";
import { SnsForwarder } from "@crossfade/bridge/adapters/sns-forwarder";
import { SqsForwarder } from "@crossfade/bridge/adapters/sqs-forwarder";
import { SqsQuarantine } from "@crossfade/bridge/adapters/sqs-quarantine";
import { SqsRedelivery } from "@crossfade/bridge/adapters/sqs-redelivery";
import { StripePayments } from "@crossfade/bridge/adapters/stripe-payments";
import { AesTokenVault } from "@crossfade/bridge/adapters/token-vault";
import { OpenFeature } from "@openfeature/server-sdk";
import { contract } from "#contract";
import { Environment, PaymentsEnvironment, readEnv } from "./env.ts";

/** Adapters are built once per cold start. Queue URLs are used as they are given, endpoints come from the environment. */
const { migration } = contract;
const clock = { now: () => Date.now() };
const identities = { next: () => randomUUID() };
const sqsClient = (): SQSClient => new SQSClient({ useQueueUrlAsEndpoint: false });

const forwarder = (sqs: SQSClient) =>
  new Forwarders(new SqsForwarder(sqs), new SnsForwarder(new SNSClient({})), new LambdaForwarder(invokingClient()));

/** Claims of the functions that end them: where rows are polled by claims, those that end are watched. */
function endingClaims(client: Documents, table: string): DynamoDbClaims {
  const { TRACKING_POLL } = readEnv(Environment.pick({ TRACKING_POLL: true }).partial());
  return new DynamoDbClaims(client, table, { watchEnded: TRACKING_POLL?.by === "claims" });
}

const tracking = (client: Documents, table: string) => new DynamoDbTracking(client, table, migration.tracking);

export const composePayloads = (): PayloadStore =>
  new S3Payloads(payloadClient(), readEnv(Environment.pick({ PAYLOAD_BUCKET: true })).PAYLOAD_BUCKET);

export async function composeIngest(onRolloutAge: (route: string, ageMs: number) => void): Promise<IngestDeps> {
  const env = readEnv(
    Environment.pick({
      LEDGER_TABLE: true,
      TRACKING_TABLE: true,
      ORDER_STATE_MACHINE_ARN: true,
      PAYLOAD_BUCKET: true,
      QUARANTINE_QUEUE_URL: true,
      SOURCES: true,
      LEASE_MS: true,
      ROLLOUT_MAX_AGE_MS: true,
    }),
  );
  const client = documents();
  const sqs = sqsClient();
  const rollouts = new DynamoDbRollouts(client, env.LEDGER_TABLE);
  const provider = new RolloutProvider(rollouts, clock, { maxAgeMs: env.ROLLOUT_MAX_AGE_MS, onAge: onRolloutAge });
  await OpenFeature.setProviderAndWait("crossfade", provider);
  return {
    migration,
    sources: env.SOURCES,
    flag: new OpenFeatureFlag(OpenFeature.getClient("crossfade")),
    ledger: new DynamoDbClaims(client, env.LEDGER_TABLE),
    orders: new SfnOrders(new SFNClient({}), env.ORDER_STATE_MACHINE_ARN),
    payloads: composePayloads(),
    shadow: {
      orders: new SfnOrders(hastyClient(), env.ORDER_STATE_MACHINE_ARN),
      payloads: new S3Payloads(hastyPayloadClient(), env.PAYLOAD_BUCKET),
    },
    forwarder: forwarder(sqs),
    quarantine: new SqsQuarantine(sqs, env.QUARANTINE_QUEUE_URL),
    rejections: new DynamoDbCounting(client, env.LEDGER_TABLE),
    redelivery: new SqsRedelivery(sqs, (arn) => env.SOURCES.find((source) => source.queueArn === arn)?.queueUrl),
    tracking: tracking(client, env.TRACKING_TABLE),
    clock,
    identities,
    leaseMs: env.LEASE_MS,
  };
}

/** Lets a failed status event come back sooner, and ever later, than its queue's visibility timeout. */
export function composeRetries(queue: "MIRROR_QUEUE_URL" | "SETTLE_QUEUE_URL"): (record: SqsRecord) => Promise<void> {
  const url = readEnv(Environment.pick({ MIRROR_QUEUE_URL: true, SETTLE_QUEUE_URL: true }).partial())[queue];
  const redelivery = new SqsRedelivery(sqsClient(), () => url);
  return ({ attributes, eventSourceARN, receiptHandle }) =>
    redelivery.comeBackIn(Math.min(60, 2 ** attributes.ApproximateReceiveCount), eventSourceARN, receiptHandle);
}

const MirrorEnvironment = Environment.pick({
  LEDGER_TABLE: true,
  TRACKING_TABLE: true,
  ORDER_STATE_MACHINE_ARN: true,
  ROW_GRACE_MS: true,
});

export function composeMirror(): MirrorDeps {
  const env = readEnv(MirrorEnvironment);
  const client = documents();
  return {
    migration,
    claims: endingClaims(client, env.LEDGER_TABLE),
    tracking: tracking(client, env.TRACKING_TABLE),
    payloads: composePayloads(),
    executions: new SfnOrders(new SFNClient({}), env.ORDER_STATE_MACHINE_ARN),
    clock,
    rowGraceMs: env.ROW_GRACE_MS,
  };
}

function payments(client: Documents): Payments {
  const env = readEnv(PaymentsEnvironment);
  if (env.kind === "table") return new DynamoDbPayments(client, env.table);
  return new StripePayments(env.secretKey, { apiUrl: env.apiUrl });
}

export function composeFinishOrder(): ChargeDeps & Pick<SettleDeps, "effects"> {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, CAPTURE_WITHIN_MS: true }));
  const client = documents();
  return {
    charges: new DynamoDbCharges(client, env.LEDGER_TABLE),
    payments: payments(client),
    effects: new DynamoDbEffects(client, env.LEDGER_TABLE),
    clock,
    captureWithinMs: env.CAPTURE_WITHIN_MS,
  };
}

export const composePlan = (): PlanDeps => ({ plan: contract.plan, payloads: composePayloads() });

export function composeSettle(): SettleDeps {
  const { LEDGER_TABLE } = readEnv(Environment.pick({ LEDGER_TABLE: true }));
  const evidence = new DynamoDbEvidence(documents(), LEDGER_TABLE);
  return { ...composeMirror(), ...composeFinishOrder(), evidence };
}

export function composeReconcile(): ReconcileDeps {
  const { LEDGER_TABLE } = readEnv(Environment.pick({ LEDGER_TABLE: true }));
  const bookmarks = new DynamoDbBookmarks(documents(), LEDGER_TABLE);
  return { ...composeSettle(), ...composeObserve(), bookmarks, handOver: composeDelegate() };
}

function answers(client: Documents): AnswerDeps {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, TOKEN_KEY: true }));
  return {
    effects: new DynamoDbEffects(client, env.LEDGER_TABLE),
    tokens: new DynamoDbDelegations(client, env.LEDGER_TABLE),
    payloads: composePayloads(),
    vault: new AesTokenVault(env.TOKEN_KEY),
    tasks: new SfnTasks(new SFNClient({})),
  };
}

export function composeObserve(): ObserveDeps {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, TRACKING_TABLE: true }));
  const client = documents();
  return {
    migration,
    claims: endingClaims(client, env.LEDGER_TABLE),
    tracking: tracking(client, env.TRACKING_TABLE),
    clock,
    delegation: answers(client),
  };
}

/** One run over the rows of a tracking table that has no stream. */
export function composePoll(): () => Promise<PollReport> {
  const env = readEnv(
    Environment.pick({
      LEDGER_TABLE: true,
      TRACKING_TABLE: true,
      TRACKING_POLL: true,
      POLL_WITHIN_MS: true,
      POLL_OVERLAP_MS: true,
      POLL_WATCH_MS: true,
    }),
  );
  const client = documents();
  const { keyAttribute } = migration.tracking;
  const watch = endingClaims(client, env.LEDGER_TABLE);
  const deps = {
    ...composeObserve(),
    bookmarks: new DynamoDbBookmarks(client, env.LEDGER_TABLE),
    rows: new DynamoDbRows(client, env.TRACKING_TABLE, keyAttribute),
  };
  const { TRACKING_POLL: how, POLL_WITHIN_MS: withinMs, POLL_OVERLAP_MS: overlapMs, POLL_WATCH_MS: watchMs } = env;
  if (how.by === "claims") return () => pollClaims({ ...deps, watch }, { withinMs, watchMs });
  const index = new DynamoDbRowIndex(client, env.TRACKING_TABLE, keyAttribute, how);
  return () => pollIndex({ ...deps, index }, { partitions: how.partition.values, withinMs, overlapMs });
}

export function composeDelegate(): HandOverDeps {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, DELEGATES: true }));
  const client = documents();
  return {
    ...answers(client),
    migration,
    claims: new DynamoDbClaims(client, env.LEDGER_TABLE),
    effects: new DynamoDbEffects(client, env.LEDGER_TABLE),
    forwarder: forwarder(sqsClient()),
    targetOf: ({ route }) => {
      const queueUrl = env.DELEGATES[route];
      return queueUrl === undefined ? undefined : { kind: "fifo", queueUrl };
    },
    clock,
  };
}

export function composeDeadLetters(): DeadLetterDeps {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, TRACKING_TABLE: true, QUARANTINE_QUEUE_URL: true }));
  const client = documents();
  return {
    ...composeObserve(),
    quarantine: new SqsQuarantine(sqsClient(), env.QUARANTINE_QUEUE_URL),
    claims: new DynamoDbClaims(client, env.LEDGER_TABLE),
  };
}

export function composePlaceOrder(): PlaceOrderDeps {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, TRACKING_TABLE: true, ORDER_STATE_MACHINE_ARN: true }));
  const client = documents();
  return {
    migration,
    claims: new DynamoDbClaims(client, env.LEDGER_TABLE),
    tracking: tracking(client, env.TRACKING_TABLE),
    orders: new SfnOrders(new SFNClient({}), env.ORDER_STATE_MACHINE_ARN),
    payloads: composePayloads(),
    clock,
  };
}

export const composeApprovalList = (): Pick<ApprovalDeps, "approvals"> => ({
  approvals: new DynamoDbApprovals(documents(), readEnv(Environment.pick({ LEDGER_TABLE: true })).LEDGER_TABLE),
});

export function composeApprovals(): ApprovalDeps {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, ORDER_STATE_MACHINE_ARN: true, TOKEN_KEY: true }));
  return {
    approvals: new DynamoDbApprovals(documents(), env.LEDGER_TABLE),
    tasks: new SfnApprovals(new SFNClient({}), env.ORDER_STATE_MACHINE_ARN),
    vault: new AesTokenVault(env.TOKEN_KEY),
    clock,
  };
}

export function composeRedrive(): RedriveDeps {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, ORDER_STATE_MACHINE_ARN: true }));
  const client = documents();
  const sfn = new SFNClient({});
  return {
    executions: new SfnOrders(sfn, env.ORDER_STATE_MACHINE_ARN),
    evidence: new DynamoDbEvidence(client, env.LEDGER_TABLE),
    charges: new DynamoDbCharges(client, env.LEDGER_TABLE),
    claims: new DynamoDbClaims(client, env.LEDGER_TABLE),
    redrives: new DynamoDbRedrives(client, env.LEDGER_TABLE),
    redriver: new SfnRedriver(sfn, env.ORDER_STATE_MACHINE_ARN),
    clock,
  };
}

export function composeWorker(): EffectDeps {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true }));
  const client = documents();
  return {
    claims: new DynamoDbClaims(client, env.LEDGER_TABLE),
    effects: new DynamoDbEffects(client, env.LEDGER_TABLE),
    clock,
  };
}

export const composeMigration = (): Migration => migration;

export const composeRollouts = (): RolloutStore =>
  new DynamoDbRollouts(documents(), readEnv(Environment.pick({ LEDGER_TABLE: true })).LEDGER_TABLE);
