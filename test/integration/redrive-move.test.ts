import type { RedriveMove } from "@crossfade/bridge";
import { DynamoDbRedrives } from "@crossfade/bridge/adapters/dynamodb-redrives";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { type OrdersFixture, ordersOn, type PlacedOrder, placed } from "./support/orders.ts";
import { aClaim, done, NOW, refused } from "./support/samples.ts";

let ledger: LedgerFixture;
let fixture: OrdersFixture;
let redrives: DynamoDbRedrives;
beforeAll(async () => {
  ledger = await startLedger();
  fixture = await ordersOn(ledger);
  redrives = new DynamoDbRedrives(ledger.client, ledger.table);
});
afterAll(() => ledger.close());

const NOTE = { by: "Aino", reason: "x", at: NOW, executionArn: "arn" };
const moveOf = ({ order, claims }: PlacedOrder, given: Partial<RedriveMove> = {}): RedriveMove => ({
  ...{ orderId: order.orderId, from: 0, claims, note: NOTE, takeOver: new Map(), ...given },
});
const stateOf = async ({ order, claims }: PlacedOrder) => [
  await Promise.all(claims.map((claim) => fixture.deps.claims.read(claim))),
  await fixture.deps.charges.read(order.orderId),
];
const end = (order: PlacedOrder, i: number, generation = 0) => {
  const claim = order.claims[i] ?? aClaim("order");
  const fence = generation * 8 + 7;
  return fixture.deps.claims.mirror(claim, { fence, image: {} }, { generation, outcome: refused, at: NOW });
};
const decide = ({ order }: PlacedOrder, kind: "cancel" | "none", generation = 0) =>
  fixture.deps.charges.decide(order.orderId, { kind }, { version: 0, generation, at: NOW });

describe("the move of an order to its next generation", () => {
  it("is all or nothing, made once, and its own generation's alone", async () => {
    const order = await placed(fixture, { items: 2 });
    await decide(order, "none");
    expect(await redrives.move(moveOf(order))).toEqual({ kind: "moved" });
    const [claims, record] = await stateOf(order);
    expect(claims).toMatchObject([{ generation: 1 }, { generation: 1 }]);
    expect(record).toMatchObject({ generation: 1, version: 1, decision: undefined, carriedOut: false });
    expect(await redrives.move(moveOf(order))).toEqual({ kind: "changed" });
    expect(await stateOf(order)).toEqual([claims, record]);
  });

  it("puts requests that had ended in flight again", async () => {
    const order = await placed(fixture);
    const [claim = aClaim("order")] = order.claims;
    const inFlight = async () => {
      const { entries } = await fixture.deps.claims.inFlight(claim.route, NOW + 1, 1_000);
      return entries.filter(({ requestId }) => requestId === claim.requestId).length;
    };
    await end(order, 0);
    expect(await inFlight()).toBe(0);
    await redrives.move(moveOf(order, { claims: [{ ...claim, endedAt: NOW }] }));
    expect(await inFlight()).toBe(1);
    expect(await fixture.deps.claims.read(claim)).not.toHaveProperty("orderOutcome");
  });

  it.each<[string, (order: PlacedOrder) => Promise<unknown>]>([
    ["the charge is decided", (order) => decide(order, "cancel")],
    ["it is decided for a redrive by hand that there is nothing to charge", (order) => decide(order, "none", 1)],
    ["a request has ended", (order) => end(order, 1)],
    ["a request has ended after a redrive by hand", (order) => end(order, 1, 1)],
  ])("writes nothing where %s since it was read (R3u, R5)", async (_, change) => {
    const order = await placed(fixture, { items: 2 });
    await change(order);
    const before = await stateOf(order);
    expect(await redrives.move(moveOf(order))).toEqual({ kind: "changed" });
    expect(await stateOf(order)).toEqual(before);
    expect(await redrives.note(order.order.orderId, 1)).toBeUndefined();
  });

  it("writes nothing where a request had ended, and ended otherwise since", async () => {
    const order = await placed(fixture);
    await end(order, 0);
    const claims = order.claims.map((claim) => ({ ...claim, endedAt: NOW - 1 }));
    expect(await redrives.move(moveOf(order, { claims }))).toEqual({ kind: "changed" });
  });

  it("names the pins that another path holds, and takes over those whose entries were seen", async () => {
    const order = await placed(fixture, { items: 2 });
    for (const claim of order.claims)
      if (claim.pinKey) await fixture.deps.claims.releasePin(claim.pinKey, [`${claim.route}#${claim.requestId}@0`]);
    const pinKey = order.claims[1]?.pinKey;
    const legacy = aClaim("legacy", { pinKey });
    await fixture.deps.claims.claim(legacy);
    const entries = [`${legacy.route}#${legacy.requestId}@0`];
    const pins = new Map([[pinKey, { lane: "legacy", entries }]]);
    expect(await redrives.move(moveOf(order))).toEqual({ kind: "pin-busy", pins });
    if (pinKey === undefined) throw new Error("the item has a pin");
    const stale = new Map([[pinKey, ["another"]]]);
    expect(await redrives.move(moveOf(order, { takeOver: stale }))).toMatchObject({ kind: "pin-busy" });
    await fixture.deps.claims.endLegacy(legacy, done, {}, NOW);
    expect(await redrives.move(moveOf(order, { takeOver: new Map([[pinKey, entries]]) }))).toEqual({ kind: "moved" });
  });
});
