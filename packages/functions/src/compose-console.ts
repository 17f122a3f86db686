import { setTimeout as pauseFor } from "node:timers/promises";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Console } from "@crossfade/api";
import { type AuditReader, removeGuard, setGuard, type VerdictReader } from "@crossfade/bridge";
import { DynamoDbAudit } from "@crossfade/bridge/adapters/dynamodb-audit";
import { DynamoDbCharges } from "@crossfade/bridge/adapters/dynamodb-charges";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { DynamoDbGuards } from "@crossfade/bridge/adapters/dynamodb-guard";
import { DynamoDbMoves } from "@crossfade/bridge/adapters/dynamodb-moves";
import { DynamoDbOpenClaims } from "@crossfade/bridge/adapters/dynamodb-open-claims";
import { DynamoDbRedrives } from "@crossfade/bridge/adapters/dynamodb-redrives";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { DynamoDbVerdicts } from "@crossfade/bridge/adapters/dynamodb-verdicts";
import { SfnOrders } from "@crossfade/bridge/adapters/sfn-orders";
import { SqsDeadLetters, sendOnceClient } from "@crossfade/bridge/adapters/sqs-dead-letters";
import {
  auditPage,
  changeRollout,
  deadLetterPage,
  deadLetterQueues,
  differenceView,
  type MoveDeps,
  moveDeadLetters,
  overview,
  pauseRollout,
  previewRollout,
  requestStories,
  resumeRollout,
  routeDetail,
  type StoryDeps,
  verdictPage,
} from "@crossfade/bridge/console";
import { type DeadLetterPlaces, placesOf } from "@crossfade/bridge/deployment";
import { contract } from "#contract";
import { Environment, readEnv } from "./env.ts";

/** What people look at and decide: the same for the API and for the operator's command. */
const { migration } = contract;
const clock = { now: () => Date.now() };
const ledger = (): string => readEnv(Environment.pick({ LEDGER_TABLE: true })).LEDGER_TABLE;

export const composeVerdicts = (): VerdictReader => new DynamoDbVerdicts(documents(), ledger());

export const composeAudit = (): AuditReader => new DynamoDbAudit(documents(), ledger());

/** Overview, and each route in detail. */
export function composeComparison() {
  const [client, table] = [documents(), ledger()];
  return {
    ...{ migration, clock },
    rollouts: new DynamoDbRollouts(client, table),
    counts: new DynamoDbCounts(client, table),
    claims: new DynamoDbClaims(client, table),
    open: new DynamoDbOpenClaims(client, table),
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

/** Milliseconds of one move: the page that asked for it waits for 20 s. What is left is asked for anew. */
const MOVE_WITHIN = 12_000;

/** The use cases behind the API, over one deployment's adapters. */
export function composeConsole(): Console {
  const { DEAD_LETTERS } = readEnv(Environment.pick({ DEAD_LETTERS: true }));
  const routes = composeComparison();
  const audited = { audit: composeAudit(), clock };
  const stories = composeStory();
  const letters = composeDeadLetterMoves(placesOf(DEAD_LETTERS));
  return {
    routes: new Set(migration.routes.keys()),
    overview: (hours) => overview(routes, hours),
    route: (route, hours) => routeDetail(routes, route, hours),
    rollout: (route) => routes.rollouts.read(route),
    changeRollout: (route, request, by) => changeRollout(routes, route, request, by),
    previewRollout: (route, change, see) => previewRollout(routes, route, change, see),
    pauseRollout: (route, author, version) => pauseRollout(routes, route, { ...author, version }),
    resumeRollout: (route, author, version) => resumeRollout(routes, route, { ...author, version }),
    verdicts: (route, verdict, page) => verdictPage(routes, route, verdict, page),
    difference: (route, against, id) => differenceView(routes, route, against, id),
    audit: (route, page) => auditPage(audited, route, page),
    guard: (route) => routes.guard.read(route),
    setGuard: (route, request, by) => setGuard(routes, route, request, by),
    removeGuard: (route, author) => removeGuard(routes, route, author),
    requestStories: (requestId, see) => requestStories(stories, requestId, see),
    deadLetterQueues: () => deadLetterQueues(letters),
    deadLetters: (queue, limit, see) => deadLetterPage(letters, queue, limit, see),
    moveDeadLetters: (move) => moveDeadLetters(letters, { ...move, withinMs: MOVE_WITHIN }),
  };
}
