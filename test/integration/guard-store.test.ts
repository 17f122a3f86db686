import { DynamoDbAudit } from "@crossfade/bridge/adapters/dynamodb-audit";
import { DynamoDbGuards } from "@crossfade/bridge/adapters/dynamodb-guard";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { afterAll, beforeAll } from "vitest";
import { MemoryGuardLedger } from "../../packages/bridge/src/guard/testing-ledger.ts";
import { type GuardPlace, guardContract } from "./support/guard-contract.ts";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";

let ledger: LedgerFixture;
beforeAll(async () => {
  ledger = await startLedger();
});
afterAll(() => ledger.close());

guardContract("DynamoDB", (): GuardPlace => {
  const { client, table } = ledger;
  return {
    rollouts: new DynamoDbRollouts(client, table),
    guards: new DynamoDbGuards(client, table),
    audit: new DynamoDbAudit(client, table),
  };
});

/** The ledger of the unit tests must behave as the adapters do. */
const memory = new MemoryGuardLedger();
guardContract("memory", () => ({ rollouts: memory.rollouts, guards: memory, audit: memory }));
