import { finishOrder, type Outcome, settleCharge, settleEvent } from "@crossfade/bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import {
  eventOf,
  keysOf,
  type OrdersFixture,
  ordersOn,
  type PlacedOrder,
  placed,
  ROW_GRACE,
} from "./support/orders.ts";
import { aClaim, done, NOW, refused } from "./support/samples.ts";

const PRICE = 1_900;

let ledger: LedgerFixture;
let fixture: OrdersFixture;
beforeAll(async () => {
  ledger = await startLedger();
  fixture = await ordersOn(ledger);
  // Late enough that rows are created where no publisher wrote them.
  fixture.setNow(NOW + 2_000 + ROW_GRACE);
});
afterAll(() => ledger.close());

const effectOf = ({ order }: PlacedOrder, i: number) => {
  const item = order.items[i];
  if (item === undefined) throw new Error(`the order has no item ${i}`);
  const { orderId } = order;
  const kind = { role: "whole", lane: "order" } as const;
  return { key: item, n: 0, ...kind, orderId, generation: 0, pinKey: item.pinKey, pinned: true, owner: "w" };
};

const begin = (order: PlacedOrder, i: number) =>
  fixture.deps.effects.begin({ ...effectOf(order, i), service: "registry", command: "register", at: NOW });
const end = (order: PlacedOrder, i: number, outcome: Outcome) => fixture.deps.effects.end(effectOf(order, i), outcome);

async function work(order: PlacedOrder, i: number, outcome: Outcome): Promise<void> {
  expect(await begin(order, i)).toEqual({ kind: "begun" });
  expect(await end(order, i, outcome)).toBe(true);
}

const paymentOf = ({ order }: PlacedOrder) => fixture.deps.payments.read(`auth-${order.orderId}`);
const rowsOf = (order: PlacedOrder) => Promise.all(order.claims.map((claim) => fixture.deps.tracking.read(claim)));

function stopped(order: PlacedOrder, status: "FAILED" | "TIMED_OUT" | "ABORTED" = "ABORTED") {
  const execution = order.execution(status);
  fixture.executions.set(execution);
  return eventOf(execution);
}

describe("settle (P7)", () => {
  it("captures exactly what is known done, and ends the rows item by item", async () => {
    const order = await placed(fixture, { items: 4, price: PRICE });
    await work(order, 0, done);
    await work(order, 1, refused);
    await work(order, 3, done);
    const settled = await settleEvent(fixture.deps, stopped(order, "TIMED_OUT"));
    const [first, , , fourth] = keysOf(order.order);
    expect(settled).toMatchObject({
      kind: "settled",
      charge: { decision: { kind: "capture", items: [first, fourth], sum: 2 * PRICE } },
      kept: { evidence: { events: ["1 ExecutionStarted"] } },
    });
    expect(await paymentOf(order)).toMatchObject({ state: "captured", captured: 2 * PRICE });
    expect(await rowsOf(order)).toMatchObject([
      { status: "COMPLETED" },
      { status: "FAILED", errorCode: "DOMAIN_TAKEN" },
      { status: "FAILED", errorCode: "ORDER_TIMED_OUT" },
      { status: "COMPLETED" },
    ]);
    for (const claim of order.claims) {
      expect(await fixture.deps.claims.read(claim)).toMatchObject({ endedAt: NOW + 1_000 });
      const next = aClaim("legacy", { pinKey: claim.pinKey });
      expect(await fixture.deps.claims.claim(next)).toMatchObject({ kind: "claimed" });
    }
  });

  it.each(["FAILED", "TIMED_OUT", "ABORTED"] as const)("cancels when nothing is done: %s", async (status) => {
    const order = await placed(fixture, { items: 2, price: PRICE });
    await work(order, 0, refused);
    await settleEvent(fixture.deps, stopped(order, status));
    expect(await paymentOf(order)).toMatchObject({ state: "cancelled", captured: 0 });
    expect((await fixture.deps.charges.read(order.order.orderId)).decision).toEqual({ kind: "cancel" });
    expect(await rowsOf(order)).toMatchObject([
      { status: "FAILED" },
      { status: "FAILED", errorCode: `ORDER_${status}` },
    ]);
  });

  it.each([
    ["runs", "RUNNING"],
    ["has succeeded", "SUCCEEDED"],
  ] as const)("leaves an order alone that %s by now, whatever the event said", async (_, status) => {
    const order = await placed(fixture, { price: PRICE });
    const event = stopped(order);
    fixture.executions.set(order.execution(status, 1));
    expect(await settleEvent(fixture.deps, event)).toEqual({ kind: "ignored" });
    expect((await fixture.deps.charges.read(order.order.orderId)).decision).toBeUndefined();
    expect(await paymentOf(order)).toMatchObject({ state: "authorised" });
  });

  it("waits while an effect is open, and touches neither charge nor rows nor pins", async () => {
    const order = await placed(fixture, { items: 2, price: PRICE });
    await work(order, 0, done);
    await begin(order, 1);
    const event = stopped(order);
    await expect(settleEvent(fixture.deps, event)).rejects.toMatchObject({ code: "EFFECT_OPEN", disposition: "retry" });
    expect(await paymentOf(order)).toMatchObject({ state: "authorised" });
    expect(await rowsOf(order)).toEqual([undefined, undefined]);
    for (const claim of order.claims) {
      const next = aClaim("legacy", { pinKey: claim.pinKey });
      expect(await fixture.deps.claims.claim(next)).toMatchObject({ kind: "pinned" });
    }
    await end(order, 1, done);
    expect(await settleEvent(fixture.deps, event)).toMatchObject({ charge: { decision: { sum: 2 * PRICE } } });
    expect(await paymentOf(order)).toMatchObject({ state: "captured", captured: 2 * PRICE });
  });

  it("lets nothing begin once the charge is decided", async () => {
    const order = await placed(fixture, { items: 2, price: PRICE });
    await work(order, 0, done);
    expect(await settleCharge(fixture.deps, order.order, 0)).toMatchObject({
      decision: { kind: "capture", sum: PRICE },
    });
    expect(await begin(order, 1)).toEqual({ kind: "refused", reason: "DECIDED" });
  });

  it("repeated, and racing with itself, leaves one decision and one charge", async () => {
    const order = await placed(fixture, { items: 3, price: PRICE });
    await work(order, 1, done);
    const event = stopped(order);
    await Promise.all(Array.from({ length: 8 }, () => settleEvent(fixture.deps, event)));
    await settleEvent(fixture.deps, event);
    expect(await paymentOf(order)).toMatchObject({ state: "captured", captured: PRICE });
    expect((await rowsOf(order)).map((row) => row?.["status"])).toEqual(["FAILED", "COMPLETED", "FAILED"]);
  });

  it.each([0, 1, 2, 3, 4])(
    "racing with finishOrder and the last effects agrees with the decision, round %i",
    async () => {
      const order = await placed(fixture, { items: 3, price: PRICE });
      await work(order, 0, done);
      const event = stopped(order);
      const finish = () => finishOrder(fixture.deps, { order: order.order, generation: 0, results: [] });
      const late = [1, 2].map(async (i) => {
        if ((await begin(order, i)).kind === "begun") await end(order, i, done);
      });
      await Promise.allSettled([
        finish(),
        settleEvent(fixture.deps, event),
        ...late,
        settleEvent(fixture.deps, event),
        finish(),
      ]);
      const settled = await settleEvent(fixture.deps, event);
      const record = await fixture.deps.charges.read(order.order.orderId);
      const sum = record.done.length * PRICE;
      expect(record).toMatchObject({ openEffects: [], decision: { kind: "capture", sum }, carriedOut: true });
      expect(settled).toMatchObject({ charge: { decision: record.decision } });
      expect(await paymentOf(order)).toMatchObject({ state: "captured", captured: sum });
      expect((await finish()).charge).toEqual(record.decision);
    },
  );

  it("after a crash between decision and capture carries out what was decided", async () => {
    const order = await placed(fixture, { items: 2, price: PRICE });
    await work(order, 0, done);
    const event = stopped(order);
    const { payments } = fixture.deps;
    const crash = () => Promise.reject(new Error("crash"));
    const broken = { capture: crash, cancel: crash, authorise: crash, read: crash };
    await expect(settleEvent({ ...fixture.deps, payments: broken }, event)).rejects.toThrow("crash");
    const lost = {
      ...broken,
      capture: async (...given: Parameters<typeof payments.capture>) => {
        await payments.capture(...given);
        return crash();
      },
    };
    await expect(settleEvent({ ...fixture.deps, payments: lost }, event)).rejects.toThrow("crash");
    expect(await settleEvent(fixture.deps, event)).toMatchObject({
      charge: { decision: { kind: "capture", sum: PRICE } },
    });
    expect(await paymentOf(order)).toMatchObject({ state: "captured", captured: PRICE });
  });

  it("whose authorisation ended at the provider is flagged on every row, and stops nothing", async () => {
    const order = await placed(fixture, { items: 2, price: PRICE });
    await work(order, 0, done);
    await fixture.deps.payments.cancel(`auth-${order.order.orderId}`, "somebody");
    const event = stopped(order);
    for (let run = 0; run < 2; run++) {
      expect(await settleEvent(fixture.deps, event)).toMatchObject({
        charge: { decision: { kind: "capture", sum: PRICE }, mismatch: "cancelled for another order" },
      });
    }
    expect(await rowsOf(order)).toMatchObject([
      { status: "COMPLETED", errorCode: "PAYMENT_NOT_CAPTURED" },
      { status: "FAILED" },
    ]);
    expect(await fixture.deps.claims.read(order.order.items[0] ?? aClaim("order"))).toMatchObject({
      orderOutcome: { status: "COMPLETED_UNPAID" },
    });
  });

  it("of an order that shares another's authorisation, or has none, is flagged, not taken for paid", async () => {
    const order = await placed(fixture, { items: 1, price: PRICE });
    await work(order, 0, done);
    await fixture.deps.payments.capture(`auth-${order.order.orderId}`, PRICE, "another-order");
    expect(await settleEvent(fixture.deps, stopped(order))).toMatchObject({
      charge: { mismatch: "captured for another order" },
    });
    expect(await rowsOf(order)).toMatchObject([{ status: "COMPLETED", errorCode: "PAYMENT_NOT_CAPTURED" }]);
  });
});
