import { setTimeout as pauseFor } from "node:timers/promises";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { AuditReader, VerdictReader } from "@crossfade/bridge";
import { DynamoDbAudit } from "@crossfade/bridge/adapters/dynamodb-audit";
import { DynamoDbCharges } from "@crossfade/bridge/adapters/dynamodb-charges";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { DynamoDbGuards } from "@crossfade/bridge/adapters/dynamodb-guard";
import { DynamoDbMoves } from "@crossfade/bridge/adapters/dynamodb-moves";
import { DynamoDbRedrives } from "@crossfade/bridge/adapters/dynamodb-redrives";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { DynamoDbVerdicts } from "@crossfade/bridge/adapters/dynamodb-verdicts";
import { SfnOrders } from "@crossfade/bridge/adapters/sfn-orders";
import { SqsDeadLetters, sendOnceClient } from "@crossfade/bridge/adapters/sqs-dead-letters";
import type { MoveDeps, RouteDetailDeps, StoryDeps } from "@crossfade/bridge/console";
import type { DeadLetterPlaces } from "@crossfade/bridge/deployment";
import { contract } from "#contract";
import { Environment, readEnv } from "./env.ts";

/** What people look at and decide: the same for the API and for the operator's command. */
const { migration } = contract;
const clock = { now: () => Date.now() };
const ledger = (): string => readEnv(Environment.pick({ LEDGER_TABLE: true })).LEDGER_TABLE;

export const composeVerdicts = (): VerdictReader => new DynamoDbVerdicts(documents(), ledger());

export const composeAudit = (): AuditReader => new DynamoDbAudit(documents(), ledger());

/** Overview, and each route in detail. */
export function composeComparison(): RouteDetailDeps {
  const [client, table] = [documents(), ledger()];
  return {
    ...{ migration, clock },
    rollouts: new DynamoDbRollouts(client, table),
    counts: new DynamoDbCounts(client, table),
    claims: new DynamoDbClaims(client, table),
    guard: new DynamoDbGuards(client, table),
    verdicts: new DynamoDbVerdicts(client, table),
  };
}

export function composeStory(): StoryDeps {
  const env = readEnv(Environment.pick({ LEDGER_TABLE: true, TRACKING_TABLE: true, ORDER_STATE_MACHINE_ARN: true }));
  const [client, table] = [documents(), env.LEDGER_TABLE];
  return {
    ...{ migration, clock },
    claims: new DynamoDbClaims(client, table),
    effects: new DynamoDbEffects(client, table),
    charges: new DynamoDbCharges(client, table),
    redrives: new DynamoDbRedrives(client, table),
    executions: new SfnOrders(new SFNClient({}), env.ORDER_STATE_MACHINE_ARN),
    verdicts: new DynamoDbVerdicts(client, table),
    tracking: new DynamoDbTracking(client, env.TRACKING_TABLE, migration.tracking),
  };
}

/** @param places of the deployment: see deadLetterPlaces. */
export function composeDeadLetterMoves(places: DeadLetterPlaces): MoveDeps {
  return {
    ...{ places, clock },
    letters: new SqsDeadLetters(new SQSClient({ useQueueUrlAsEndpoint: false }), sendOnceClient()),
    moves: new DynamoDbMoves(documents(), ledger()),
    pause: { for: (ms) => pauseFor(ms) },
  };
}
