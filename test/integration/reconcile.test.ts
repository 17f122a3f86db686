import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { OrderInput, reconcile, type SettleDeps } from "@crossfade/bridge";
import { DynamoDbCharges } from "@crossfade/bridge/adapters/dynamodb-charges";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { webcat } from "@crossfade/legacy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { aClaim, NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
beforeAll(async () => {
  ledger = await startLedger();
  await ledger.createTable("tracking", "requestId");
  await ledger.createTable("payments", "authorisationId");
});
afterAll(() => ledger.close());

/** Executions as Step Functions would tell of them; a name that is missing is one it does not know yet. */
function depsWith(
  executions: Record<string, { status: "RUNNING" | "SUCCEEDED" | "ABORTED"; input: string; output?: string }>,
): SettleDeps {
  const { client, table } = ledger;
  const describe = async (executionArn: string) => {
    const found = executions[executionArn];
    if (found === undefined) throw new Error(`no execution ${executionArn}`);
    return {
      executionArn,
      redriveCount: 0,
      startedAt: NOW,
      stoppedAt: found.status === "RUNNING" ? undefined : NOW + 1,
      error: undefined,
      output: undefined,
      ...found,
    };
  };
  return {
    migration: webcat,
    claims: new DynamoDbClaims(client, table),
    tracking: new DynamoDbTracking(client, "tracking", webcat.tracking),
    charges: new DynamoDbCharges(client, table),
    effects: new DynamoDbEffects(client, table),
    payments: new DynamoDbPayments(client, "payments"),
    clock: { now: () => NOW + 3_600_000 },
    rowGraceMs: 1,
    executions: {
      describe,
      find: async (name) => (name in executions ? describe(name) : undefined),
      historyTail: async () => [],
    },
  };
}

const OPTIONS = { olderThanMs: 60_000, limit: 50 };

async function anOrder(deps: SettleDeps, decidedAt = NOW) {
  const claim = aClaim("order", { decidedAt });
  await deps.claims.claim(claim);
  const item = {
    itemId: "1",
    route: claim.route,
    requestId: claim.requestId,
    action: "RegisterDomain",
    executionName: `reg-${claim.orderId}`,
    pinKey: claim.pinKey,
    pinned: true,
    price: 0,
    input: {},
  };
  const { orderId, executionName } = claim;
  const order = OrderInput.parse({
    ...{ orderId, executionName, correlationId: "c", mode: "live", customerId: "cust-1", items: [item] },
  });
  return { claim, order, name: String(executionName) };
}

describe("reconcile (P6, X7)", () => {
  it("ends a claim and its row when the status event never came, and releases the pin", async () => {
    const executions: Parameters<typeof depsWith>[0] = {};
    const deps = depsWith(executions);
    const { claim, order, name } = await anOrder(deps);
    const { itemId, route, requestId } = order.items[0] ?? {};
    const outcome = {
      status: "COMPLETED",
      items: [{ itemId, route, requestId, status: "COMPLETED", effects: [], result: {} }],
      charge: { kind: "none" },
    };
    executions[name] = { status: "SUCCEEDED", input: JSON.stringify(order), output: JSON.stringify(outcome) };
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ ended: 1, failed: 0 });
    expect(await deps.claims.read(claim)).toMatchObject({ orderOutcome: { status: "COMPLETED" } });
    expect(await deps.tracking.read(claim)).toMatchObject({ status: "COMPLETED" });
    const next = aClaim("legacy", { pinKey: claim.pinKey });
    expect(await deps.claims.claim(next)).toMatchObject({ kind: "claimed" });
    await deps.claims.endLegacy(next, { status: "COMPLETED", effects: [] }, {}, NOW);
  });

  it("settles an order that was stopped", async () => {
    const executions: Parameters<typeof depsWith>[0] = {};
    const deps = depsWith(executions);
    const { claim, order, name } = await anOrder(deps);
    executions[name] = { status: "ABORTED", input: JSON.stringify(order) };
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ ended: 1, failed: 0 });
    expect(await deps.tracking.read(claim)).toMatchObject({ status: "FAILED", errorCode: "ORDER_ABORTED" });
    expect((await deps.charges.read(order.orderId)).decision).toEqual({ kind: "none" });
  });

  it("says nothing of an execution that Step Functions does not know yet", async () => {
    const deps = depsWith({});
    const { claim } = await anOrder(deps);
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ looked: 1, ended: 0, stillOpen: 1 });
    expect((await deps.claims.read(claim))?.endedAt).toBeUndefined();
    await deps.claims.mirror(
      claim,
      { fence: 7, image: {} },
      { generation: 0, outcome: { status: "FAILED", effects: [] }, at: NOW },
    );
  });

  it("ends a legacy claim from its row when the stream record was lost", async () => {
    const deps = depsWith({});
    const claim = aClaim("legacy");
    await deps.claims.claim(claim);
    const row = {
      ...{ requestId: claim.requestId, type: "REGISTER_DOMAIN", customerId: "cust-1", domain: "example.fi" },
      ...{ status: "COMPLETED", createdAt: "2026-11-21T09:00:00.000Z", updatedAt: "2026-11-21T09:00:00.000Z" },
      result: { domain: "example.fi", years: 1, expiresAt: "2027-11-21" },
    };
    await ledger.client.send(new PutCommand({ TableName: "tracking", Item: row }));
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ ended: 1 });
    expect(await deps.claims.read(claim)).toMatchObject({ legacyOutcome: { status: "COMPLETED" } });
  });

  it("leaves claims alone that are younger than the bound", async () => {
    const deps = depsWith({});
    await anOrder(deps, deps.clock.now() - OPTIONS.olderThanMs + 1);
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ looked: 0 });
  });
});
