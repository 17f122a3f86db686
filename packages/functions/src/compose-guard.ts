import type { GuardDeps, RouteType } from "@crossfade/bridge";
import { documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import { DynamoDbGuards } from "@crossfade/bridge/adapters/dynamodb-guard";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { contract } from "#contract";
import { Environment, readEnv } from "./env.ts";

const ledgerTable = (): string => readEnv(Environment.pick({ LEDGER_TABLE: true })).LEDGER_TABLE;

/** The guard, and the routes that it may be asked to look after. */
export function composeGuard(): { readonly deps: GuardDeps; readonly routes: readonly RouteType[] } {
  const client = documents();
  const table = ledgerTable();
  const deps = {
    guard: new DynamoDbGuards(client, table),
    rollouts: new DynamoDbRollouts(client, table),
    counts: new DynamoDbCounts(client, table),
    clock: { now: () => Date.now() },
  };
  return { deps, routes: [...contract.migration.routes.keys()] };
}
