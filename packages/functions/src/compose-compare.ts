import type { CountDeps, OverdueDeps } from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbCounting } from "@crossfade/bridge/adapters/dynamodb-counting";
import { DynamoDbBookmarks } from "@crossfade/bridge/adapters/dynamodb-in-flight";
import { STRICT } from "@crossfade/bridge/compare";
import { contract } from "#contract";
import { Environment, readEnv } from "./env.ts";

const { routes } = contract.migration;

/** A claim of a route that the contract no longer has is still counted. */
const rulesOf: CountDeps["rulesOf"] = (route) => routes.get(route)?.compare ?? STRICT;

export function composeCompare(): CountDeps {
  const { LEDGER_TABLE } = readEnv(Environment.pick({ LEDGER_TABLE: true }));
  return { rulesOf, counts: new DynamoDbCounting(documents(), LEDGER_TABLE) };
}

export function composeOverdue(): OverdueDeps {
  const { LEDGER_TABLE } = readEnv(Environment.pick({ LEDGER_TABLE: true }));
  const client = documents();
  return {
    rulesOf,
    routes: [...routes.keys()],
    counts: new DynamoDbCounting(client, LEDGER_TABLE),
    claims: new DynamoDbClaims(client, LEDGER_TABLE),
    bookmarks: new DynamoDbBookmarks(client, LEDGER_TABLE),
    clock: { now: () => Date.now() },
  };
}
