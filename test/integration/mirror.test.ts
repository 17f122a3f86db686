import { PutCommand } from "@aws-sdk/lib-dynamodb";
import {
  type Claim,
  keepOutcome,
  keyOf,
  mirrorEvent,
  mirrorItem,
  mirrorItems,
  observeRow,
  pinEntry,
  settleEvent,
} from "@crossfade/bridge";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import {
  eventOf,
  type OrdersFixture,
  ordersOn,
  type PlacedOrder,
  placed,
  ROW_GRACE,
  successOf,
} from "./support/orders.ts";
import { aClaim, done, NOW, refused } from "./support/samples.ts";

let ledger: LedgerFixture;
let fixture: OrdersFixture;
beforeAll(async () => {
  ledger = await startLedger();
  fixture = await ordersOn(ledger);
});
beforeEach(() => fixture.setNow(NOW));
afterAll(() => ledger.close());

/** The old publisher's blind write. */
async function publishRow({ requestId, route }: Claim) {
  const time = new Date(NOW).toISOString();
  const row = { requestId, type: route, customerId: "cust-1", domain: "a.fi", createdAt: time, updatedAt: time };
  const Item = { ...row, status: "RECEIVED" };
  await ledger.client.send(new PutCommand({ TableName: "tracking", Item }));
  return Item;
}

const rowOf = (claim: Claim) => fixture.deps.tracking.read(claim);
const only = ({ claims: [claim] }: PlacedOrder): Claim => claim ?? aClaim("order");

async function anOrder(given: Parameters<typeof placed>[1] = {}) {
  const order = await placed(fixture, given);
  const succeeded = order.execution("SUCCEEDED", 0, successOf(order.order, done));
  const events = { RUNNING: eventOf(order.execution("RUNNING")), SUCCEEDED: eventOf(succeeded) };
  return { ...order, claim: only(order), events };
}

type Status = "RUNNING" | "SUCCEEDED";
/** Every sequence of up to four events in which the end comes at least once. */
const SEQUENCES = [1, 2, 3, 4].flatMap((length) =>
  Array.from({ length: 2 ** length }, (_, bits) =>
    Array.from({ length }, (_, i): Status => ((bits >> i) & 1 ? "SUCCEEDED" : "RUNNING")),
  ).filter((sequence) => sequence.includes("SUCCEEDED")),
);

describe("every order of events, repeats included, ends in the same row (P5)", () => {
  it.each(SEQUENCES.map((sequence) => [sequence.join(", "), sequence] as const))("%s", async (_, sequence) => {
    const { claim, events } = await anOrder();
    await publishRow(claim);
    for (const status of sequence) await mirrorEvent(fixture.deps, events[status]);
    expect(await rowOf(claim)).toMatchObject({
      ...{ status: "COMPLETED", crossfadeFence: 7, updatedAt: new Date(NOW + 1_000).toISOString() },
      ...{ customerId: "cust-1", domain: "a.fi" },
    });
    expect(await fixture.deps.claims.read(claim)).toMatchObject({ endedAt: NOW + 1_000, orderOutcome: done });
  });

  it("the end and repeats of the start, all at once", async () => {
    const { claim, events } = await anOrder();
    await publishRow(claim);
    const all = [events.RUNNING, events.SUCCEEDED, events.RUNNING, events.SUCCEEDED, events.RUNNING];
    await Promise.all(all.map((event) => mirrorEvent(fixture.deps, event)));
    expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED", crossfadeFence: 7 });
  });

  it.each(["FAILED", "TIMED_OUT", "ABORTED"] as const)("%s is left to settle, whenever it comes", async (status) => {
    const { claim, execution } = await anOrder();
    const row = await publishRow(claim);
    const outcome = await mirrorEvent(fixture.deps, eventOf(execution(status)));
    expect(outcome).toMatchObject({ kind: "left-to-settle" });
    expect(await rowOf(claim)).toEqual(row);
    expect((await fixture.deps.claims.read(claim))?.mirrored).toBeUndefined();
  });

  it("a status that nobody knows writes nothing", async () => {
    const { claim, events } = await anOrder();
    const unknown = { ...events.RUNNING, detail: { ...events.RUNNING.detail, status: "PENDING_REDRIVE" } };
    expect(await mirrorEvent(fixture.deps, unknown)).toEqual({ kind: "ignored" });
    expect((await fixture.deps.claims.read(claim))?.mirrored).toBeUndefined();
  });

  it("an event without its output, or without its redriveCount, is completed from DescribeExecution alone", async () => {
    for (const missing of ["output", "redriveCount", "input"] as const) {
      const { claim, events, execution, order } = await anOrder({ generation: 1 });
      await publishRow(claim);
      // Redriven since: the event's own status belongs to the older generation.
      fixture.executions.set(execution("SUCCEEDED", 1, successOf(order, done)));
      const event = { ...events.SUCCEEDED, detail: { ...events.SUCCEEDED.detail, [missing]: null } };
      await mirrorEvent(fixture.deps, event);
      expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED", crossfadeFence: 15 });
    }
  });
});

describe("a redrive (P5)", () => {
  it("is not overwritten by the end of the generation before it, which leaves claim and pin alone", async () => {
    const { claim, order, execution } = await anOrder({ generation: 1 });
    await publishRow(claim);
    await mirrorEvent(fixture.deps, eventOf(execution("RUNNING", 1)));
    const ends = order.items.map(({ itemId, route, requestId }) => ({ itemId, route, requestId, ...refused }));
    await mirrorItems(fixture.deps, order, { fence: 7, generation: 0, at: NOW }, ends);
    expect(await rowOf(claim)).toMatchObject({ status: "PROCESSING", crossfadeFence: 9 });
    expect((await fixture.deps.claims.read(claim))?.endedAt).toBeUndefined();
    const other = aClaim("legacy", { pinKey: claim.pinKey });
    expect(await fixture.deps.claims.claim(other)).toMatchObject({ kind: "pinned", pin: { lane: "order" } });
    const event = eventOf(execution("SUCCEEDED", 1, successOf(order, done)));
    await mirrorEvent(fixture.deps, event);
    expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED", crossfadeFence: 15 });
    expect(await fixture.deps.claims.claim(other)).toMatchObject({ kind: "claimed" });
  });

  it("of which no event came yet is not ended by the generation before it (A7)", async () => {
    const { claim, order } = await anOrder({ generation: 1 });
    await publishRow(claim);
    const ends = order.items.map(({ itemId, route, requestId }) => ({ itemId, route, requestId, ...refused }));
    await mirrorItems(fixture.deps, order, { fence: 7, generation: 0, at: NOW }, ends);
    expect((await fixture.deps.claims.read(claim))?.endedAt).toBeUndefined();
  });

  it.each([false, true])("by hand is told and ends claim and pin, ended before %s (P6, R10)", async (endedBefore) => {
    const { claim, order, execution } = await anOrder();
    await publishRow(claim);
    const ends = order.items.map(({ itemId, route, requestId }) => ({ itemId, route, requestId, ...refused }));
    if (endedBefore) await mirrorItems(fixture.deps, order, { fence: 7, generation: 0, at: NOW }, ends);
    await mirrorEvent(fixture.deps, eventOf(execution("RUNNING", 1)));
    expect(await rowOf(claim)).toMatchObject({ status: "PROCESSING", crossfadeFence: 9 });
    await mirrorEvent(fixture.deps, eventOf(execution("SUCCEEDED", 1, successOf(order, done))));
    expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED", crossfadeFence: 15 });
    const ended = { generation: 1, endedAt: NOW + 1_000, orderOutcome: done };
    expect(await fixture.deps.claims.read(claim)).toMatchObject(ended);
    const other = aClaim("legacy", { pinKey: claim.pinKey });
    expect(await fixture.deps.claims.claim(other)).toMatchObject({ kind: "claimed" });
  });

  it("leaves what was done before it alone, row and claim", async () => {
    const { claim, order, execution } = await anOrder();
    await publishRow(claim);
    const ends = order.items.map(({ itemId, route, requestId }) => ({ itemId, route, requestId, ...done }));
    await mirrorItems(fixture.deps, order, { fence: 7, generation: 0, at: NOW }, ends);
    const seen = [await rowOf(claim), await fixture.deps.claims.read(claim)];
    await mirrorEvent(fixture.deps, eventOf(execution("RUNNING", 1)));
    expect([await rowOf(claim), await fixture.deps.claims.read(claim)]).toEqual(seen);
    await mirrorEvent(fixture.deps, eventOf(execution("SUCCEEDED", 1, successOf(order, done))));
    expect([await rowOf(claim), await fixture.deps.claims.read(claim)]).toEqual(seen);
  });

  it("keeps a late event of failure from settling", async () => {
    const { claim, order, execution } = await anOrder({ generation: 1 });
    await publishRow(claim);
    fixture.executions.set(execution("RUNNING", 1));
    expect(await settleEvent(fixture.deps, eventOf(execution("FAILED", 0)))).toEqual({ kind: "ignored" });
    expect((await fixture.deps.charges.read(order.orderId)).decision).toBeUndefined();
  });
});

describe("a row that is not there (A8)", () => {
  it("is waited for; when it comes, the next try finds it", async () => {
    const { claim, events } = await anOrder();
    for (const event of [events.RUNNING, events.SUCCEEDED]) {
      await expect(mirrorEvent(fixture.deps, event)).rejects.toMatchObject({ code: "ROW_NOT_YET_WRITTEN" });
    }
    expect(await rowOf(claim)).toBeUndefined();
    await publishRow(claim);
    await mirrorEvent(fixture.deps, events.SUCCEEDED);
    expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED", domain: "a.fi" });
  });

  it("is waited for until the grace is over, and then created", async () => {
    const { claim, events } = await anOrder();
    fixture.setNow(NOW + 1_000 + ROW_GRACE);
    await expect(mirrorEvent(fixture.deps, events.SUCCEEDED)).rejects.toMatchObject({ code: "ROW_NOT_YET_WRITTEN" });
    // A claim that had ended would be looked for by nobody, were this the last that is heard of it.
    expect((await fixture.deps.claims.read(claim))?.endedAt).toBeUndefined();
    fixture.setNow(NOW + 1_000 + ROW_GRACE + 1);
    await mirrorEvent(fixture.deps, events.SUCCEEDED);
    expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED", crossfadeFence: 7 });
  });

  it("of one item does not keep the others' rows waiting", async () => {
    const order = await placed(fixture, { items: 3 });
    const [first, , third] = order.claims;
    for (const claim of [first, third]) if (claim) await publishRow(claim);
    const event = eventOf(order.execution("RUNNING"));
    await expect(mirrorEvent(fixture.deps, event)).rejects.toMatchObject({ details: { missing: 1 } });
    for (const claim of [first, third]) expect(claim && (await rowOf(claim))).toMatchObject({ status: "PROCESSING" });
  });
});

it("a row that cannot be written leaves its claim in flight and its pin held, for reconcile to find (P6)", async () => {
  const order = await placed(fixture, { items: 1 });
  const [item] = order.order.items;
  if (item === undefined) throw new Error("the order has an item");
  const event = eventOf(order.execution("SUCCEEDED", 0, successOf(order.order, done)));
  const tracking = { ...fixture.deps.tracking, write: () => Promise.reject(new Error("throttled")) };
  fixture.setNow(NOW + 10 * ROW_GRACE);
  await expect(mirrorEvent({ ...fixture.deps, tracking }, event)).rejects.toThrow("throttled");
  expect((await fixture.deps.claims.read(item))?.endedAt).toBeUndefined();
  await mirrorEvent(fixture.deps, event);
  expect((await fixture.deps.claims.read(item))?.endedAt).toBeDefined();
});

describe("observe", () => {
  it.each<[Status, string, number]>([
    ["RUNNING", "PROCESSING", 1],
    ["SUCCEEDED", "COMPLETED", 7],
  ])("restores a row that the publisher overwrote after %s (P5)", async (status, words, fence) => {
    const { claim, events } = await anOrder();
    await publishRow(claim);
    await mirrorEvent(fixture.deps, events[status]);
    const overwritten = await publishRow(claim);
    expect(await observeRow(fixture.deps, overwritten)).toMatchObject({ kind: "restored" });
    const restored = await rowOf(claim);
    expect(restored).toMatchObject({ status: words, crossfadeFence: fence, createdAt: overwritten.createdAt });
    expect(await observeRow(fixture.deps, restored ?? {})).toEqual({ kind: "ignored" });
  });

  it("of an old image does not take back what the mirror wrote meanwhile", async () => {
    const { claim, events } = await anOrder();
    const first = await publishRow(claim);
    await mirrorEvent(fixture.deps, events.RUNNING);
    await mirrorEvent(fixture.deps, events.SUCCEEDED);
    await observeRow(fixture.deps, first);
    expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED", crossfadeFence: 7 });
  });

  it("records a legacy end once, releases its pin, and puts a late first row right", async () => {
    const { claims } = fixture.deps;
    const claim = aClaim("legacy");
    await claims.claim(claim);
    const received = await publishRow(claim);
    expect(await observeRow(fixture.deps, received)).toEqual({ kind: "ignored" });
    const ended = { ...received, status: "COMPLETED", result: { domain: "a.fi", years: 1, expiresAt: "2027-11-21" } };
    await ledger.client.send(new PutCommand({ TableName: "tracking", Item: ended }));
    expect(await observeRow(fixture.deps, ended)).toMatchObject({ kind: "legacy-ended" });
    fixture.setNow(NOW + 99);
    await observeRow(fixture.deps, { ...ended, status: "FAILED", errorCode: "DOMAIN_TAKEN" });
    expect(await claims.read(claim)).toMatchObject({ endedAt: NOW, legacyOutcome: { status: "COMPLETED" } });
    const next = aClaim("order", { pinKey: claim.pinKey });
    expect(await claims.claim(next)).toMatchObject({ kind: "claimed" });

    await publishRow(claim);
    expect(await observeRow(fixture.deps, received)).toMatchObject({ kind: "restored" });
    expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED", result: ended.result });
    await observeRow(fixture.deps, received);
    expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED" });
  });

  it("records the end of a row that holds what JSON cannot, and puts the rest of it back", async () => {
    const claim = aClaim("legacy");
    await fixture.deps.claims.claim(claim);
    const received = await publishRow(claim);
    const result = { domain: "a.fi", years: 1, expiresAt: "2027-11-21" };
    const odd = { serial: 2n ** 60n, tags: new Set(["a"]) };
    const ended = { ...received, ...odd, status: "COMPLETED", result };
    expect(await observeRow(fixture.deps, ended)).toMatchObject({ kind: "legacy-ended" });
    expect(await observeRow(fixture.deps, received)).toMatchObject({ kind: "restored" });
    expect(await rowOf(claim)).toMatchObject({ status: "COMPLETED", result });
  });

  it("does not release a pin before the request has ended", async () => {
    const claim = aClaim("legacy");
    await fixture.deps.claims.claim(claim);
    await observeRow(fixture.deps, { ...(await publishRow(claim)), status: "PROCESSING" });
    const next = aClaim("order", { pinKey: claim.pinKey });
    const pin = { lane: "legacy", entries: [pinEntry(claim, 0)] };
    expect(await fixture.deps.claims.claim(next)).toEqual({ kind: "pinned", pin });
  });
});

describe("a result that travelled by claim check (N18)", () => {
  const result = { domain: "a.fi", padding: "ä".repeat(10_000) };
  const byCheck = async () => {
    const outcome = await keepOutcome(fixture.payloads, { ...done, result });
    const order = await placed(fixture);
    await publishRow(only(order));
    return { order, outcome, event: eventOf(order.execution("SUCCEEDED", 0, successOf(order.order, outcome))) };
  };

  it("stands in the row as any other, and in the claim as its check", async () => {
    const { order, outcome, event } = await byCheck();
    await mirrorEvent(fixture.deps, event);
    expect(await rowOf(only(order))).toMatchObject({ status: "COMPLETED", result, crossfadeFence: 7 });
    expect((await fixture.deps.claims.read(only(order)))?.orderOutcome).toEqual(outcome);
  });

  it("and is gone leaves a row that is completed, without it, and says why", async () => {
    const { order, event } = await byCheck();
    fixture.payloads.kept.clear();
    await mirrorEvent(fixture.deps, event);
    const row = await rowOf(only(order));
    expect(row).toMatchObject({ status: "COMPLETED", errorCode: "CLAIM_CHECK_MISSING" });
    expect(row).not.toHaveProperty("result");
    expect(await fixture.deps.claims.read(only(order))).toMatchObject({ orderOutcome: { status: "COMPLETED" } });
  });

  it("makes the event wait while the store does not answer", async () => {
    const { order, event } = await byCheck();
    const down = { get: () => Promise.reject(new Error("503")) };
    await expect(mirrorEvent({ ...fixture.deps, payloads: down }, event)).rejects.toThrow("503");
    expect(await rowOf(only(order))).toMatchObject({ status: "RECEIVED" });
    await mirrorEvent(fixture.deps, event);
    expect(await rowOf(only(order))).toMatchObject({ status: "COMPLETED", result });
  });

  it("is settled like any other when its order was stopped", async () => {
    const { order, outcome } = await byCheck();
    const [item] = order.order.items;
    if (item === undefined) throw new Error("the order has no item");
    const kind = { n: 0, role: "whole", lane: "order", service: "dns", command: "update", owner: "w" } as const;
    const { orderId } = order.order;
    const effect = { ...kind, key: item, orderId, generation: 0, pinKey: item.pinKey, pinned: true };
    await fixture.deps.effects.begin({ ...effect, at: NOW });
    await fixture.deps.effects.end(effect, outcome);
    const stopped = order.execution("ABORTED");
    fixture.executions.set(stopped);
    await settleEvent(fixture.deps, eventOf(stopped));
    expect(await rowOf(only(order))).toMatchObject({ status: "COMPLETED", result });
  });
});

describe("the fence in the tracking table (P5)", () => {
  it("wins only when it is strictly greater", async () => {
    const claim = aClaim("order");
    const write = (fence: number, status: string, create = false) =>
      fixture.deps.tracking.write(claim, { fence, image: { status } }, create);
    expect(await write(1, "none")).toBe("no-row");
    expect(await rowOf(claim)).toBeUndefined();
    expect(await write(1, "first", true)).toBe("written");
    expect(await write(1, "same", true)).toBe("kept-out");
    expect(await write(7, "end")).toBe("written");
    expect(await write(7, "same end")).toBe("kept-out");
    expect(await write(6, "older")).toBe("kept-out");
    expect(await rowOf(claim)).toMatchObject({ status: "end", crossfadeFence: 7 });
    expect(await write(9, "redriven")).toBe("written");
  });

  it("takes what told of an end away with it, when the request is worked on again", async () => {
    const claim = aClaim("order");
    const { tracking } = fixture.deps;
    const failed = { status: "FAILED", errorCode: "DOMAIN_TAKEN", errorMessage: "taken", customerId: "cust-1" };
    await tracking.write(claim, { fence: 7, image: failed }, true);
    await tracking.write(claim, { fence: 9, image: { status: "PROCESSING" } }, false);
    const row = { requestId: claim.requestId, status: "PROCESSING", customerId: "cust-1", crossfadeFence: 9 };
    expect(await rowOf(claim)).toEqual(row);
  });

  it("leaves the row of another route's request alone, and the claim ends all the same", async () => {
    const claim = aClaim("order");
    await fixture.deps.claims.claim(claim);
    const other = { ...(await publishRow(claim)), type: "RENEW_DOMAIN" };
    await ledger.client.send(new PutCommand({ TableName: "tracking", Item: other }));
    const standing = { fence: 7, generation: 0, at: NOW };
    const end = { ...keyOf(claim), itemId: "1", status: "COMPLETED" as const, effects: [] };
    expect(await mirrorItem(fixture.deps, claim, standing, end)).toBe("other-request");
    expect(await rowOf(claim)).toEqual(other);
    expect(await fixture.deps.claims.read(claim)).toMatchObject({ orderOutcome: { status: "COMPLETED" } });
  });
});
