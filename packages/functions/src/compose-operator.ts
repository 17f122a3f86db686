import { setTimeout as pauseFor } from "node:timers/promises";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbJournals } from "@crossfade/bridge/adapters/dynamodb-journal";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { LambdaMappings } from "@crossfade/bridge/adapters/lambda-mappings";
import { SnsSubscriptions } from "@crossfade/bridge/adapters/sns-subscriptions";
import { SqsQueues } from "@crossfade/bridge/adapters/sqs-queues";
import { StsIdentity } from "@crossfade/bridge/adapters/sts-identity";
import type { AttachDeps, Identity, Place } from "@crossfade/bridge/attach";
import type { Deployed } from "@crossfade/bridge/deployment";
import { composeIngest } from "./compose.ts";
import { Environment, provideEnv, readEnv } from "./env.ts";

export interface Operator {
  readonly deps: AttachDeps;
  readonly places: ReadonlyMap<string, Place>;
}

/** Whose credentials these are, and where the calls go. */
export const composeIdentity = (): Identity => new StsIdentity(new STSClient({}));

/** What attaches, detaches and tells: the clients are the operator's own, all else is as the deployment says. */
export function composeOperator(deployed: Deployed): Operator {
  provideEnv(deployed.environment);
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, ROLLOUT_MAX_AGE_MS: true, COUNTS_SETTLE_MS: true }));
  const client = documents();
  const deps: AttachDeps = {
    mappings: new LambdaMappings(new LambdaClient({})),
    subscriptions: new SnsSubscriptions(new SNSClient({})),
    queues: new SqsQueues(new SQSClient({ useQueueUrlAsEndpoint: false })),
    rollouts: new DynamoDbRollouts(client, env.LEDGER_TABLE),
    claims: new DynamoDbClaims(client, env.LEDGER_TABLE),
    journals: new DynamoDbJournals(client, env.LEDGER_TABLE),
    clock: { now: () => Date.now() },
    pause: { for: (ms) => pauseFor(ms) },
    ingest: () => composeIngest(() => undefined),
  };
  const places = Object.entries(deployed.sources).map(
    ([name, source]) =>
      [name, { name, source, deployed, rolloutAgeMs: env.ROLLOUT_MAX_AGE_MS, settleMs: env.COUNTS_SETTLE_MS }] as const,
  );
  return { deps, places: new Map(places) };
}
