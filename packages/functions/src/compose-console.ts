import { setTimeout as pauseFor } from "node:timers/promises";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Console } from "@crossfade/api";
import { removeGuard, setGuard } from "@crossfade/bridge";
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
import {
  auditPage,
  changeRollout,
  deadLetterPage,
  deadLetterQueues,
  differenceView,
  moveDeadLetters,
  overview,
  pauseRollout,
  previewRollout,
  requestStories,
  resumeRollout,
  routeDetail,
  verdictPage,
} from "@crossfade/bridge/console";
import { placesOf } from "@crossfade/bridge/deployment";
import { contract } from "#contract";
import { Environment, readEnv } from "./env.ts";

/** Milliseconds of one move: the page that asked for it waits for 20 s. What is left is asked for anew. */
const MOVE_WITHIN = 12_000;

/** The use cases behind the API, over one deployment's adapters. */
export function composeConsole(): Console {
  const env = readEnv(
    Environment.pick({ LEDGER_TABLE: true, TRACKING_TABLE: true, ORDER_STATE_MACHINE_ARN: true, DEAD_LETTERS: true }),
  );
  const { migration } = contract;
  const client = documents();
  const table = env.LEDGER_TABLE;
  const deps = {
    migration,
    clock: { now: () => Date.now() },
    rollouts: new DynamoDbRollouts(client, table),
    claims: new DynamoDbClaims(client, table),
    counts: new DynamoDbCounts(client, table),
    verdicts: new DynamoDbVerdicts(client, table),
    guard: new DynamoDbGuards(client, table),
    audit: new DynamoDbAudit(client, table),
    effects: new DynamoDbEffects(client, table),
    charges: new DynamoDbCharges(client, table),
    redrives: new DynamoDbRedrives(client, table),
    tracking: new DynamoDbTracking(client, env.TRACKING_TABLE, migration.tracking),
    executions: new SfnOrders(new SFNClient({}), env.ORDER_STATE_MACHINE_ARN),
    places: placesOf(env.DEAD_LETTERS),
    letters: new SqsDeadLetters(new SQSClient({ useQueueUrlAsEndpoint: false }), sendOnceClient()),
    moves: new DynamoDbMoves(client, table),
    pause: { for: (ms: number) => pauseFor(ms) },
  };
  return {
    routes: new Set(migration.routes.keys()),
    overview: (hours) => overview(deps, hours),
    route: (route, hours) => routeDetail(deps, route, hours),
    rollout: (route) => deps.rollouts.read(route),
    changeRollout: (route, request, by) => changeRollout(deps, route, request, by),
    previewRollout: (route, change, see) => previewRollout(deps, route, change, see),
    pauseRollout: (route, author, version) => pauseRollout(deps, route, { ...author, version }),
    resumeRollout: (route, author, version) => resumeRollout(deps, route, { ...author, version }),
    verdicts: (route, verdict, page) => verdictPage(deps, route, verdict, page),
    difference: (route, against, id) => differenceView(deps, route, against, id),
    audit: (route, page) => auditPage(deps, route, page),
    guard: (route) => deps.guard.read(route),
    setGuard: (route, request, by) => setGuard(deps, route, request, by),
    removeGuard: (route, author) => removeGuard(deps, route, author),
    requestStories: (requestId, see) => requestStories(deps, requestId, see),
    deadLetterQueues: () => deadLetterQueues(deps),
    deadLetters: (queue, limit, see) => deadLetterPage(deps, queue, limit, see),
    moveDeadLetters: (move) => moveDeadLetters(deps, { ...move, withinMs: MOVE_WITHIN }),
  };
}
