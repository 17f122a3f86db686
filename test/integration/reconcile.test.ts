import { randomUUID } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import {
  type Claim,
  keyOf,
  NEVER_START_AFTER,
  OrderInput,
  PinKey,
  pinEntry,
  type ReconcileDeps,
  RouteType,
  reconcile,
} from "@crossfade/bridge";
import { DynamoDbCharges } from "@crossfade/bridge/adapters/dynamodb-charges";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { DynamoDbDelegations } from "@crossfade/bridge/adapters/dynamodb-delegations";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { DynamoDbEvidence } from "@crossfade/bridge/adapters/dynamodb-evidence";
import { DynamoDbBookmarks } from "@crossfade/bridge/adapters/dynamodb-in-flight";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { AesTokenVault } from "@crossfade/bridge/adapters/token-vault";
import { webcat } from "@crossfade/legacy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryPayloads } from "../../packages/bridge/src/testing.ts";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { Tasks } from "./support/orders.ts";
import { aClaim, NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
beforeAll(async () => {
  ledger = await startLedger();
  await ledger.createTable("tracking", "requestId");
  await ledger.createTable("payments", "authorisationId");
});
afterAll(() => ledger.close());

/** What the legacy service was asked in this file's tests. */
const asked: string[] = [];

/** Executions as Step Functions would tell of them; a name that is missing is one it does not know yet. */
function depsWith(
  executions: Record<string, { status: "RUNNING" | "SUCCEEDED" | "ABORTED"; input: string; output?: string }>,
  now = NOW + 3_600_000,
): ReconcileDeps {
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
  const delegation = {
    effects: new DynamoDbEffects(client, table),
    tokens: new DynamoDbDelegations(client, table),
    vault: new AesTokenVault(Buffer.alloc(32)),
    tasks: new Tasks(),
    payloads: new MemoryPayloads(),
  };
  return {
    migration: webcat,
    claims: new DynamoDbClaims(client, table),
    tracking: new DynamoDbTracking(client, "tracking", webcat.tracking),
    charges: new DynamoDbCharges(client, table),
    effects: new DynamoDbEffects(client, table),
    payments: new DynamoDbPayments(client, "payments"),
    payloads: new MemoryPayloads(),
    clock: { now: () => now },
    rowGraceMs: 1,
    captureWithinMs: 1,
    evidence: new DynamoDbEvidence(client, table),
    bookmarks: new DynamoDbBookmarks(client, table),
    delegation,
    handOver: {
      ...delegation,
      migration: webcat,
      forwarder: { send: async ({ key, body }) => void asked.push(`${key.requestId} ${body}`) },
      targetOf: () => ({ kind: "fifo", queueUrl: "https://queue/delegate.fifo" }),
      clock: { now: () => now },
    },
    executions: {
      describe,
      find: async (name) => (name in executions ? describe(name) : undefined),
      evidence: async () => undefined,
    },
  };
}

const OPTIONS = { olderThanMs: 60_000, limit: 50, withinMs: 60_000 };
const FAILED = { status: "FAILED" as const, effects: [] };

async function anOrder(deps: ReconcileDeps, decidedAt = NOW) {
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

  it("tells what it settled, so that it is logged like an event's (R4)", async () => {
    const executions: Parameters<typeof depsWith>[0] = {};
    const deps = depsWith(executions);
    const { order, name } = await anOrder(deps);
    executions[name] = { status: "ABORTED", input: JSON.stringify(order) };
    const { settled } = await reconcile(deps, OPTIONS);
    expect(settled).toMatchObject([{ status: "ABORTED", order: { orderId: order.orderId }, charge: { done: [] } }]);
  });

  it("reaches every claim, however many stay open before it and however few a run may look at", async () => {
    const executions: Parameters<typeof depsWith>[0] = {};
    const deps = depsWith(executions);
    const stuck = [await anOrder(deps, NOW - 3), await anOrder(deps, NOW - 2), await anOrder(deps, NOW - 1)];
    const { claim, order, name } = await anOrder(deps);
    executions[name] = { status: "ABORTED", input: JSON.stringify(order) };
    for (let run = 0; run < 5; run++) await reconcile(deps, { ...OPTIONS, limit: 1 });
    expect((await deps.claims.read(claim))?.endedAt).toBeDefined();
    for (const { claim: open, order: running, name: other } of stuck) {
      expect((await deps.claims.read(open))?.endedAt).toBeUndefined();
      executions[other] = { status: "ABORTED", input: JSON.stringify(running) };
    }
    for (let run = 0; run < 5; run++) await reconcile(deps, { ...OPTIONS, limit: 1 });
    for (const { claim: open } of stuck) expect((await deps.claims.read(open))?.endedAt).toBeDefined();
  });

  it("says nothing of an execution that Step Functions does not know yet", async () => {
    const deps = depsWith({});
    const { claim } = await anOrder(deps);
    const oldestOpenMs = deps.clock.now() - claim.decidedAt;
    expect(oldestOpenMs).toBeGreaterThan(OPTIONS.olderThanMs);
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ looked: 1, ended: 0, stillOpen: 1, oldestOpenMs });
    expect((await deps.claims.read(claim))?.endedAt).toBeUndefined();
    await deps.claims.mirror(claim, { fence: 7, image: {} }, { generation: 0, outcome: FAILED, at: NOW });
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ oldestOpenMs: 0 });
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

  it.each([
    ["just within", 0, false],
    ["just beyond", 1, true],
  ])(
    "ends an order that never started, %s a day after it could start for the last time, and frees its pin",
    async (_, ms, ends) => {
      const deps = depsWith({}, NOW + NEVER_START_AFTER + 24 * 3_600_000 + ms);
      const { claim } = await anOrder(deps);
      expect(await reconcile(deps, OPTIONS)).toMatchObject({ expired: ends ? 1 : 0, stillOpen: ends ? 0 : 1 });
      const after = await deps.claims.read(claim);
      if (ends) {
        expect(after).toMatchObject({ orderOutcome: { status: "FAILED", Error: { Code: "CLAIM_EXPIRED" } } });
        expect(await deps.tracking.read(claim)).toMatchObject({ status: "FAILED", errorCode: "CLAIM_EXPIRED" });
      } else {
        expect(after?.endedAt).toBeUndefined();
        await deps.claims.mirror(claim, { fence: 7, image: {} }, { generation: 0, outcome: FAILED, at: NOW });
      }
      const other = aClaim("legacy", { pinKey: claim.pinKey });
      const claimed = await deps.claims.claim(other);
      if (ends) expect(claimed.kind).toBe("claimed");
      else expect(claimed).toMatchObject({ kind: "pinned", pin: { entries: [pinEntry(keyOf(claim), 0)] } });
      if (claimed.kind === "claimed") await deps.claims.endLegacy(other, FAILED, {}, NOW);
    },
  );

  it("leaves an order alone that has started, however long ago", async () => {
    const deps = depsWith({}, NOW + 2 * NEVER_START_AFTER);
    const { claim } = await anOrder(deps);
    await deps.claims.markStarted(claim, NOW);
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ expired: 0, stillOpen: 1 });
    await deps.claims.mirror(claim, { fence: 7, image: {} }, { generation: 0, outcome: FAILED, at: NOW });
  });

  describe("delegated work whose order was stopped before the legacy service was asked (C8)", () => {
    async function stoppedAfterBegin(
      deps: ReconcileDeps,
      given: { begunAt?: number; sentAt?: number; end?: typeof FAILED } = {},
      of: Partial<Claim> = {},
    ) {
      const domain = `${randomUUID()}.fi`;
      const claim = aClaim("order", {
        ...{ route: RouteType.parse("UPDATE_DNS"), integration: "delegate", pinKey: PinKey.parse(domain) },
        ...of,
      });
      await deps.claims.claim(claim);
      await deps.claims.markStarted(claim, NOW);
      const { orderId, executionName, route, requestId, pinKey } = claim;
      const records = [{ name: "@", type: "A", value: "192.0.2.1", ttl: 3600 }];
      const item = {
        ...{ itemId: "1", route, requestId, action: "UpdateDns", executionName: `upd-${requestId}`, pinKey },
        ...{ pinned: true, price: 0, integration: "delegate", input: { customerId: "cust-1", domain, records } },
      };
      const order = OrderInput.parse({
        ...{ orderId, executionName, correlationId: "c", mode: "live", customerId: "cust-1", items: [item] },
      });
      if (orderId === undefined) throw new Error("the claim has no order");
      const effect = { n: 0, role: "whole", lane: "delegate", service: "legacy", command: "message" } as const;
      const who = { key: claim, orderId, generation: 0, pinKey, pinned: true, owner: "legacy" };
      const effects = new DynamoDbEffects(ledger.client, ledger.table);
      await effects.begin({ ...effect, ...who, at: given.begunAt ?? NOW });
      if (given.sentAt !== undefined) await effects.markSent({ key: claim, n: 0 }, given.sentAt);
      if (given.end) await effects.end({ ...who, n: 0, role: "whole" }, given.end);
      return { claim, orderId, name: String(executionName), input: JSON.stringify(order) };
    }
    const askedFor = (requestId: string) => asked.filter((line) => line.startsWith(requestId));
    const row = ({ requestId, route, pinKey }: Claim, status: string) => ({
      ...{ requestId, type: route, customerId: "cust-1", domain: `${pinKey}`, status },
      ...{ createdAt: "2026-11-21T09:00:00.000Z", updatedAt: "2026-11-21T09:00:00.000Z" },
    });

    it("is asked for, once; its end settles the order", async () => {
      const executions: Parameters<typeof depsWith>[0] = {};
      const deps = depsWith(executions);
      const { claim, orderId, name, input } = await stoppedAfterBegin(deps);
      executions[name] = { status: "ABORTED", input };
      const failures = [{ key: keyOf(claim), error: { code: "EFFECT_OPEN" } }];
      expect(await reconcile(deps, OPTIONS)).toMatchObject({ ended: 0, failed: 1, failures });
      await reconcile(deps, OPTIONS);
      expect(askedFor(claim.requestId)).toEqual([expect.stringContaining(new Date(NOW).toISOString())]);
      await ledger.client.send(new PutCommand({ TableName: "tracking", Item: row(claim, "COMPLETED") }));
      expect(await reconcile(deps, OPTIONS)).toMatchObject({ ended: 1, failed: 0 });
      expect(await deps.claims.read(claim)).toMatchObject({ orderOutcome: { status: "COMPLETED" } });
      expect(await deps.charges.read(orderId)).toMatchObject({ openEffects: [], decision: { kind: "none" } });
    });

    it("is looked at item by item: one that waits does not hide another of its order", async () => {
      const executions: Parameters<typeof depsWith>[0] = {};
      const deps = depsWith(executions);
      const waits = await stoppedAfterBegin(deps, { sentAt: NOW });
      const { orderId, executionName } = waits.claim;
      const lost = await stoppedAfterBegin(deps, {}, { orderId, executionName });
      const [order, other] = [waits, lost].map(({ input }) => OrderInput.parse(JSON.parse(input)));
      const items = [...(order?.items ?? []), ...(other?.items ?? []).map((item) => ({ ...item, itemId: "2" }))];
      executions[waits.name] = { status: "RUNNING", input: JSON.stringify({ ...order, items }) };
      expect(await reconcile(deps, OPTIONS)).toMatchObject({ looked: 2, stillOpen: 2, ended: 0 });
      expect(askedFor(waits.claim.requestId)).toEqual([]);
      expect(askedFor(lost.claim.requestId)).toHaveLength(1);
      executions[waits.name] = { status: "ABORTED", input: JSON.stringify({ ...order, items }) };
      for (const { claim } of [waits, lost])
        await ledger.client.send(new PutCommand({ TableName: "tracking", Item: row(claim, "COMPLETED") }));
      await reconcile(deps, OPTIONS);
      await reconcile(deps, OPTIONS);
    });

    it.each([
      ["while an attempt may still be alive", { begunAt: NOW + 3_600_000 - OPTIONS.olderThanMs }, "RECEIVED"],
      ["once it was asked for", { sentAt: NOW }, "RECEIVED"],
      ["once it has ended, though its mark was lost and its row comes late", { end: FAILED }, "RECEIVED"],
      ["when the legacy service has it, though its mark was lost", {}, "PROCESSING"],
    ])("is not asked for %s", async (_, given, status) => {
      const executions: Parameters<typeof depsWith>[0] = {};
      const deps = depsWith(executions);
      const { claim, name, input } = await stoppedAfterBegin(deps, given);
      executions[name] = { status: "ABORTED", input };
      await ledger.client.send(new PutCommand({ TableName: "tracking", Item: row(claim, status) }));
      await reconcile(deps, OPTIONS);
      expect(askedFor(claim.requestId)).toEqual([]);
      await ledger.client.send(new PutCommand({ TableName: "tracking", Item: row(claim, "COMPLETED") }));
      await reconcile(deps, OPTIONS);
    });
  });

  it("gets on where there is no time for more than a page of claims that stay open", async () => {
    const executions: Parameters<typeof depsWith>[0] = {};
    const deps = depsWith(executions);
    const stuck = await Promise.all(Array.from({ length: 12 }, (_, i) => anOrder(deps, NOW - 100 + i)));
    const { claim, order, name } = await anOrder(deps);
    executions[name] = { status: "ABORTED", input: JSON.stringify(order) };
    const hurried = { ...OPTIONS, withinMs: 0 };
    expect(await reconcile(deps, hurried)).toMatchObject({ looked: 10, ended: 0 });
    expect(await reconcile(deps, hurried)).toMatchObject({ looked: 3, ended: 1 });
    expect((await deps.claims.read(claim))?.endedAt).toBeDefined();
    for (const { order: running, name: other } of stuck) {
      executions[other] = { status: "ABORTED", input: JSON.stringify(running) };
    }
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ looked: 12, ended: 12 });
  });

  it("leaves claims alone that are younger than the bound", async () => {
    const deps = depsWith({});
    await anOrder(deps, deps.clock.now() - OPTIONS.olderThanMs + 1);
    expect(await reconcile(deps, OPTIONS)).toMatchObject({ looked: 0 });
  });
});
