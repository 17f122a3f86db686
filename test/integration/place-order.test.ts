import { randomUUID } from "node:crypto";
import {
  CorrelationId,
  NEVER_START_AFTER,
  type OrderDraft,
  OrderId,
  type OrderStarter,
  type PlaceOrderDeps,
  placeOrder,
  RequestId,
  RouteType,
} from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { webcat } from "@crossfade/legacy";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MemoryPayloads } from "../../packages/bridge/src/testing.ts";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
let deps: PlaceOrderDeps;
let started: string[];
const payloads = new MemoryPayloads();
const orders: OrderStarter = {
  async start(name) {
    started.push(name);
    return { kind: "started" };
  },
};

beforeAll(async () => {
  ledger = await startLedger();
  await ledger.createTable("tracking", "requestId");
  deps = {
    migration: webcat,
    claims: new DynamoDbClaims(ledger.client, ledger.table),
    tracking: new DynamoDbTracking(ledger.client, "tracking", webcat.tracking),
    orders,
    payloads,
    clock: { now: () => NOW },
  };
});
beforeEach(() => {
  started = [];
});
afterAll(() => ledger.close());

const draftOf = (requestIds: readonly string[]): OrderDraft => ({
  customerId: "cust-1",
  items: requestIds.map((requestId, i) => ({
    itemId: `item-${i}`,
    route: "REFRESH_DOMAIN",
    requestId,
    action: "RefreshDomain",
    input: { customerId: "cust-1", domain: `example-${i}.fi` },
  })),
});
const ids = (orderId = randomUUID()) => ({ orderId: OrderId.parse(orderId), correlationId: CorrelationId.parse("c") });

describe("an order placed directly", () => {
  it("has a claim and a row for each item, and one execution however often it is placed", async () => {
    const requestIds = [randomUUID(), randomUUID()];
    const given = ids();
    const order = await placeOrder(deps, draftOf(requestIds), given);
    expect(await placeOrder(deps, draftOf(requestIds), given)).toEqual(order);
    expect(new Set(started)).toEqual(new Set([order.executionName]));
    for (const item of order.items) {
      expect(await deps.claims.read(item)).toMatchObject({ origin: "direct", path: "order", startedAt: NOW });
      expect(await deps.tracking.read(item)).toMatchObject({ status: "RECEIVED" });
    }
  });

  it.each([
    ["another order", ids()],
    ["the same order with another content", undefined],
  ])("is refused whole when an id was claimed by %s", async (_, other) => {
    const taken = randomUUID();
    const first = ids();
    await placeOrder(deps, draftOf([taken]), first);
    started = [];
    const fresh = randomUUID();
    const draft = draftOf([fresh, taken]);
    await expect(placeOrder(deps, draft, other ?? first)).rejects.toMatchObject({
      code: "CONFLICT",
      disposition: "reject",
    });
    expect(started).toEqual([]);
    expect(
      await deps.claims.read({ route: RouteType.parse("REFRESH_DOMAIN"), requestId: RequestId.parse(fresh) }),
    ).toBeUndefined();
    const untouched = (await placeOrder({ ...deps, orders }, draftOf([fresh]), ids())).items[0];
    expect(untouched?.requestId).toBe(fresh);
  });

  it("is refused when its id stands for an order of other items, also before that one was marked as started", async () => {
    const given = ids();
    const crash = { start: () => Promise.reject(new Error("crash")) };
    await expect(placeOrder({ ...deps, orders: crash }, draftOf([randomUUID()]), given)).rejects.toThrow("crash");
    const conflict = { code: "CONFLICT", details: { field: "orderId" } };
    await expect(placeOrder(deps, draftOf([randomUUID()]), given)).rejects.toMatchObject(conflict);
    expect(started).toEqual([]);
  });

  it("is finished when it is placed again after a crash, also under another correlation id", async () => {
    const given = ids();
    const draft = draftOf([randomUUID()]);
    const crash = { start: () => Promise.reject(new Error("crash")) };
    await expect(placeOrder({ ...deps, orders: crash }, draft, given)).rejects.toThrow("crash");
    const order = await placeOrder(deps, draft, { ...given, correlationId: CorrelationId.parse("another") });
    expect(started).toEqual([order.executionName]);
  });

  it("is the same order when a threshold of approval has moved since", async () => {
    const given = ids();
    const payment = { authorisationId: "auth-1", amount: 60_000 };
    const draft: OrderDraft = { ...draftOf([randomUUID()]), payment };
    const first = await placeOrder(deps, draft, given);
    const routes = new Map([...webcat.routes].map(([type, route]) => [type, { ...route, approveOver: 50_000 }]));
    const again = await placeOrder({ ...deps, migration: { ...webcat, routes } }, draft, given);
    expect(first).not.toHaveProperty("approval");
    expect(again).toEqual({ ...first, approval: { over: 50_000, amount: 60_000 } });
  });

  it("is not started when it was claimed over 80 days ago", async () => {
    const given = ids();
    const draft = draftOf([randomUUID()]);
    const crash = { start: () => Promise.reject(new Error("crash")) };
    await expect(placeOrder({ ...deps, orders: crash }, draft, given)).rejects.toThrow("crash");
    const late = { ...deps, clock: { now: () => NOW + NEVER_START_AFTER + 1 } };
    await expect(placeOrder(late, draft, given)).rejects.toMatchObject({ code: "CLAIM_EXPIRED" });
    expect(started).toEqual([]);
  });
});
