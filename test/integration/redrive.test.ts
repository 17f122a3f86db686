import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import {
  type ExecutionDescription,
  finishOrder,
  mirrorEvent,
  type Outcome,
  performEffect,
  reconcile,
  redriveOrder,
  settleExecution,
} from "@crossfade/bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { Meanwhile } from "./support/meanwhile.ts";
import { Crash, Life } from "./support/mortal.ts";
import {
  eventOf,
  type OrdersFixture,
  ordersOn,
  type PlacedOrder,
  placed,
  ROW_GRACE,
  successOf,
} from "./support/orders.ts";
import { type RedrivesFixture, redrivesOn, stop, worked, workOf } from "./support/redrives.ts";
import { aClaim, done, NOW, refused } from "./support/samples.ts";

const PRICE = 1_900;
const WHO = { by: "Aino", reason: "the registry is back" };

let ledger: LedgerFixture;
let fixture: OrdersFixture;
let redrives: RedrivesFixture;
beforeAll(async () => {
  ledger = await startLedger();
  fixture = await ordersOn(ledger);
  redrives = redrivesOn(ledger, fixture);
  // Late enough that rows are created where no publisher wrote them.
  fixture.setNow(NOW + 2_000 + ROW_GRACE);
});
afterAll(() => ledger.close());

const redrive = ({ order }: PlacedOrder, deps = redrives.deps) => redriveOrder(deps, order.orderId, WHO);
const claimsOf = (order: PlacedOrder) => Promise.all(order.claims.map((claim) => fixture.deps.claims.read(claim)));
const rowsOf = (order: PlacedOrder) => Promise.all(order.claims.map((claim) => fixture.deps.tracking.read(claim)));
const recordOf = ({ order }: PlacedOrder) => fixture.deps.charges.read(order.orderId);
const redrivesOf = ({ order }: PlacedOrder) => redrives.redriver.redriven.filter((arn) => arn === order.executionName);

/** Of three items the first is done; the order was stopped, and nobody has settled it yet. */
async function stopped(given: { price?: number } = {}): Promise<[PlacedOrder, ExecutionDescription]> {
  const order = await placed(fixture, { items: 3, ...given });
  await worked(fixture, order, 0, done);
  return [order, stop(fixture, order)];
}

async function settled(given: { price?: number } = {}): Promise<[PlacedOrder, ExecutionDescription]> {
  const [order, execution] = await stopped(given);
  await settleExecution(fixture.deps, execution);
  return [order, execution];
}

/** Redriven once, and nothing of it has ended: items that were not done hold their pins at generation 1. */
async function expectRedriven(order: PlacedOrder): Promise<void> {
  expect(redrivesOf(order)).toHaveLength(1);
  expect(await fixture.executions.describe(order.order.executionName)).toMatchObject({
    status: "RUNNING",
    redriveCount: 1,
  });
  expect(await recordOf(order)).toMatchObject({ generation: 1, decision: undefined });
  for (const [i, claim] of (await claimsOf(order)).entries()) {
    if (i > 0) expect(claim).toMatchObject({ generation: 1 });
    if (i > 0) expect(claim).not.toHaveProperty("endedAt");
    const legacy = aClaim("legacy", { pinKey: claim?.pinKey });
    if (i > 0) expect(await fixture.deps.claims.claim(legacy)).toMatchObject({ kind: "pinned" });
  }
}

/** What the redriven order does: the rest of its work, its end, its rows. */
async function runToItsEnd(order: PlacedOrder): Promise<void> {
  await mirrorEvent(fixture.deps, eventOf(order.execution("RUNNING", 1)));
  for (const i of [1, 2]) {
    expect(await fixture.deps.effects.begin({ ...workOf(order, i, 1), at: NOW })).toEqual({ kind: "begun" });
    expect(await fixture.deps.effects.end(workOf(order, i, 1), done)).toBe(true);
  }
  const { charge } = await finishOrder(fixture.deps, { order: order.order, generation: 1, results: [] });
  const output = { ...successOf(order.order, done), charge };
  fixture.executions.set(order.execution("SUCCEEDED", 1, output));
  await mirrorEvent(fixture.deps, eventOf(order.execution("SUCCEEDED", 1, output)));
  expect((await rowsOf(order)).map((row) => row?.["status"])).toEqual(["COMPLETED", "COMPLETED", "COMPLETED"]);
  for (const claim of await claimsOf(order)) {
    expect(claim).toMatchObject({ endedAt: NOW + 1_000, orderOutcome: { status: "COMPLETED" } });
    const legacy = aClaim("legacy", { pinKey: claim?.pinKey });
    expect(await fixture.deps.claims.claim(legacy)).toMatchObject({ kind: "claimed" });
  }
}

describe("crossfade redrive (model R)", () => {
  it("reopens what was not done, keeps what was, and ends again", async () => {
    const [order] = await settled();
    const [first] = await claimsOf(order);
    expect(await redrive(order)).toMatchObject({ kind: "redriven", generation: 1, note: WHO });
    await expectRedriven(order);
    expect((await claimsOf(order))[0]).toEqual(first);
    await mirrorEvent(fixture.deps, eventOf(order.execution("RUNNING", 1)));
    expect(await rowsOf(order)).toMatchObject([
      { status: "COMPLETED", crossfadeFence: 7 },
      { status: "PROCESSING", crossfadeFence: 9 },
      { status: "PROCESSING", crossfadeFence: 9 },
    ]);
    expect((await rowsOf(order))[1]).not.toHaveProperty("errorCode");
    await runToItsEnd(order);
    expect(await rowsOf(order)).toMatchObject([{ crossfadeFence: 7 }, { crossfadeFence: 15 }, { crossfadeFence: 15 }]);
  });

  it("says who made it and why, in the ledger", async () => {
    const [order] = await settled();
    await redrive(order);
    const note = { ...WHO, at: NOW + 2_000 + ROW_GRACE, executionArn: order.order.executionName };
    expect(await redrives.deps.redrives.note(order.order.orderId, 1)).toEqual(note);
  });

  it("of an order that is not settled yet charges for all that is done in the end", async () => {
    const [order, before] = await stopped({ price: PRICE });
    await redrive(order);
    await expectRedriven(order);
    expect(await settleExecution(fixture.deps, before)).toMatchObject({ kind: "superseded" });
    await runToItsEnd(order);
    expect((await recordOf(order)).decision).toMatchObject({ kind: "capture", sum: 3 * PRICE });
  });

  it("of an order whose effect was open at the stop keeps that effect", async () => {
    const [order, before] = await stopped({ price: PRICE });
    await fixture.deps.effects.begin({ ...workOf(order, 1), at: NOW });
    await expect(settleExecution(fixture.deps, before)).rejects.toMatchObject({ code: "EFFECT_OPEN" });
    await redrive(order);
    await expectRedriven(order);
    const begin = { ...workOf(order, 1, 1), owner: "next" };
    const asked: string[] = [];
    const find = async (id: string) => {
      asked.push(id);
      return { kind: "ended", outcome: done } as const;
    };
    const send = async () => Promise.reject(new Error("sent twice"));
    expect(await performEffect(fixture.deps, begin, { send, find })).toEqual(done);
    expect(asked).toEqual([`REGISTER_DOMAIN#${order.claims[1]?.requestId}#0`]);
  });

  it("takes 40 items with pins of their own, and items that share one", async () => {
    const many = await placed(fixture, { items: 40 });
    stop(fixture, many);
    expect(await redrive(many)).toMatchObject({ kind: "redriven" });
    const two = await placed(fixture, { items: 2 });
    const [one, other] = two.claims;
    if (one === undefined || other === undefined) throw new Error("two items");
    const move = {
      orderId: two.order.orderId,
      from: 0,
      note: { ...WHO, at: NOW, executionArn: "x" },
      takeOver: new Map(),
    };
    const shared = [one, { ...other, pinKey: one.pinKey }];
    expect(await redrives.deps.redrives.move({ ...move, claims: shared })).toEqual({ kind: "moved" });
    for (const [i, pinKey] of [one.pinKey, one.pinKey].entries()) {
      const begin = { ...workOf(two, i, 1), pinKey, at: NOW };
      expect(await fixture.deps.effects.begin(begin)).toEqual({ kind: "begun" });
    }
  });

  it("is made again after another end", async () => {
    const [order] = await settled();
    await redrive(order);
    const again = stop(fixture, order, { redriveCount: 1 });
    await settleExecution(fixture.deps, again);
    expect(await redrive(order)).toMatchObject({ kind: "redriven", generation: 2 });
    expect(await recordOf(order)).toMatchObject({ generation: 2, decision: undefined });
    expect((await claimsOf(order)).map((claim) => claim?.generation)).toEqual([0, 2, 2]);
  });
});

describe("crossfade redrive refuses", () => {
  const nothingChanged = async (order: PlacedOrder, run: () => Promise<unknown>, code: string) => {
    const before = [await claimsOf(order), await recordOf(order)];
    expect(await run()).toMatchObject({ kind: "refused", code });
    expect([await claimsOf(order), await recordOf(order)]).toEqual(before);
    expect(redrivesOf(order)).toEqual([]);
  };

  it("an order that nobody knows", async () => {
    const order = await placed(fixture);
    expect(await redrive(order)).toMatchObject({ code: "UNKNOWN_ORDER" });
  });

  it.each([
    ["runs", { status: "RUNNING", stoppedAt: undefined }, "NOT_REDRIVABLE"],
    ["succeeded", { status: "SUCCEEDED" }, "NOT_REDRIVABLE"],
    ["Step Functions would not redrive", { notRedrivable: "history too long" }, "NOT_REDRIVABLE"],
    ["ended over 14 days ago", { stoppedAt: NOW - 14 * 24 * 3_600_000 }, "REDRIVE_WINDOW_OVER"],
    ["was redriven by hand and is not settled", { redriveCount: 1 }, "REDRIVEN_BY_HAND"],
  ] as const)("an order that %s", async (_, given, code) => {
    const [order] = await settled();
    stop(fixture, order, given);
    await nothingChanged(order, () => redrive(order), code);
  });

  it("an order whose charge is decided", async () => {
    const [order] = await settled({ price: PRICE });
    await nothingChanged(order, () => redrive(order), "CHARGE_DECIDED");
  });

  it("an order of which all is done", async () => {
    const order = await placed(fixture);
    await worked(fixture, order, 0, done);
    await settleExecution(fixture.deps, stop(fixture, order));
    await nothingChanged(order, () => redrive(order), "NOT_REDRIVABLE");
  });

  it("an order whose pin another path has taken, until that has ended", async () => {
    const [order] = await settled();
    const legacy = aClaim("legacy", { pinKey: order.claims[2]?.pinKey });
    expect(await fixture.deps.claims.claim(legacy)).toMatchObject({ kind: "claimed" });
    await nothingChanged(order, () => redrive(order), "PIN_BUSY");
    // Its end is known; that its entry is still there no longer counts.
    await fixture.deps.claims.endLegacy(legacy, done, {}, NOW);
    expect(await redrive(order)).toMatchObject({ kind: "redriven" });
    await expectRedriven(order);
    await runToItsEnd(order);
  });
});

describe("crossfade redrive, crashed", () => {
  it.each(
    [false, true].flatMap((isSettled) => (["before", "after"] as const).map((when) => [isSettled, when] as const)),
  )("at every call, does what is missing when it is run again: settled %s, %s", async (isSettled, when) => {
    for (let call = 1; ; call++) {
      const [order] = await (isSettled ? settled() : stopped());
      const life = new Life(call, when);
      const crashed = await redrive(order, { ...life.wrap({ ...redrives.deps }), clock: redrives.deps.clock }).catch(
        (error: unknown) => error,
      );
      if (life.crashedAt === undefined) {
        expect(call).toBeGreaterThan(6);
        break;
      }
      expect(crashed).toBeInstanceOf(Crash);
      expect(await redrive(order), `crashed ${when} ${life.crashedAt}`).toMatchObject({
        kind: "redriven",
        generation: 1,
      });
      await expectRedriven(order);
      await runToItsEnd(order);
    }
  });

  it("between the ledger and the redrive, is left alone by settle and reconcile until it is run again", async () => {
    const [order, before] = await settled();
    const lost = {
      ...redrives.deps.redriver,
      unsuccessful: async () => undefined,
      redrive: () => Promise.reject(new Crash()),
    };
    await expect(redrive(order, { ...redrives.deps, redriver: lost })).rejects.toThrow(Crash);
    expect(await settleExecution(fixture.deps, before)).toMatchObject({ kind: "superseded" });
    expect((await claimsOf(order))[1]).not.toHaveProperty("endedAt");
    expect(await redrive(order)).toMatchObject({ kind: "redriven" });
    await runToItsEnd(order);
  });

  it("and never run again: once Step Functions would not redrive it any more, reconcile ends its requests (P6)", async () => {
    const [order] = await settled();
    const lost = {
      ...redrives.deps.redriver,
      unsuccessful: async () => undefined,
      redrive: () => Promise.reject(new Crash()),
    };
    await expect(redrive(order, { ...redrives.deps, redriver: lost })).rejects.toThrow(Crash);
    stop(fixture, order, { notRedrivable: "redrivable period exceeded" });
    const bookmarks = { read: async () => undefined, write: async () => undefined };
    const handOver = {
      ...fixture.deps,
      ...fixture.deps.delegation,
      effects: fixture.deps.effects,
      forwarder: { send: async () => undefined },
      targetOf: () => undefined,
    };
    await reconcile({ ...fixture.deps, bookmarks, handOver }, { olderThanMs: 0, limit: 1_000, withinMs: 60_000 });
    for (const claim of (await claimsOf(order)).slice(1)) {
      expect(claim).toMatchObject({ generation: 1, endedAt: NOW + 1_000, orderOutcome: { status: "FAILED" } });
    }
    expect((await rowsOf(order)).map((row) => row?.["status"])).toEqual(["COMPLETED", "FAILED", "FAILED"]);
    expect((await recordOf(order)).decision).toEqual({ kind: "none" });
  });
});

describe("crossfade redrive beside others", () => {
  it.each([0, 1, 2])("made by four people at once, redrives once and names one of them, round %i", async () => {
    const [order] = await settled();
    const all = ["Aino", "Eero", "Helmi", "Otso"].map((by) =>
      redriveOrder(redrives.deps, order.order.orderId, { by, reason: "x" }),
    );
    const results = await Promise.all(all);
    expect(results.map(({ kind }) => kind)).toEqual(["redriven", "redriven", "redriven", "redriven"]);
    const names = results.map((result) => (result.kind === "redriven" ? result.note.by : ""));
    expect(new Set(names).size).toBe(1);
    await expectRedriven(order);
  });

  it.each([undefined, PRICE])("a settlement of the end before, at its every step: price %s", async (price) => {
    const ports = ["executions", "evidence", "charges", "claims", "redrives", "redriver"] as const;
    for (let call = 1; ; call++) {
      const [order, before] = await stopped(price === undefined ? {} : { price });
      const meanwhile = new Meanwhile(call, () => settleExecution(fixture.deps, before));
      const result = await redrive(order, meanwhile.wrap({ ...redrives.deps }, ports));
      if (!meanwhile.happened) break;
      await expectOneEnd(order, before, result, price);
    }
  });

  it.each([undefined, PRICE])("at every step of a settlement of the end before: price %s", async (price) => {
    const ports = ["charges", "effects", "claims", "tracking", "payments", "evidence"] as const;
    for (let call = 1; ; call++) {
      const [order, before] = await stopped(price === undefined ? {} : { price });
      const results: Awaited<ReturnType<typeof redrive>>[] = [];
      const meanwhile = new Meanwhile(call, async () => {
        results.push(await redrive(order));
      });
      await settleExecution(meanwhile.wrap({ ...fixture.deps }, ports), before);
      const [result] = results;
      if (result === undefined) break;
      await expectOneEnd(order, before, result, price);
    }
  });

  /** Either it was redriven, and the end before ended and decided nothing of it; or its charge had been decided. */
  async function expectOneEnd(
    order: PlacedOrder,
    before: ExecutionDescription,
    result: Awaited<ReturnType<typeof redrive>>,
    price: number | undefined,
  ): Promise<void> {
    // However late, and however often.
    await settleExecution(fixture.deps, before);
    if (result.kind === "redriven") {
      await expectRedriven(order);
      await runToItsEnd(order);
      const decision = price === undefined ? { kind: "none" } : { kind: "capture", sum: 3 * price };
      expect((await recordOf(order)).decision).toMatchObject(decision);
    } else {
      expect(price).toBeDefined();
      expect(result).toMatchObject({ code: "CHARGE_DECIDED" });
      expect(redrivesOf(order)).toEqual([]);
      expect((await rowsOf(order)).map((row) => row?.["status"])).toEqual(["COMPLETED", "FAILED", "FAILED"]);
      expect((await claimsOf(order)).map((claim) => claim?.generation)).toEqual([0, 0, 0]);
    }
  }

  it("a slow run does not redrive what another has redriven and what has ended again (R7)", async () => {
    const [order] = await settled();
    const slow: typeof redrives.deps.redriver.redrive = async (executionArn, token) => {
      expect(await redrive(order)).toMatchObject({ kind: "redriven", generation: 1 });
      stop(fixture, order, { redriveCount: 1 });
      return redrives.redriver.redrive(executionArn, token);
    };
    const redriver = { unsuccessful: async () => undefined, redrive: slow };
    expect(await redrive(order, { ...redrives.deps, redriver })).toMatchObject({ kind: "redriven", generation: 1 });
    expect(redrivesOf(order)).toHaveLength(1);
  });

  it("a slow run that read before another's redrive, whose order has ended again, makes no second one", async () => {
    const [order] = await settled();
    const move: typeof redrives.deps.redrives.move = async (given) => {
      expect(await redrive(order)).toMatchObject({ kind: "redriven", generation: 1 });
      await settleExecution(fixture.deps, stop(fixture, order, { redriveCount: 1 }));
      return redrives.deps.redrives.move(given);
    };
    const note = redrives.deps.redrives.note.bind(redrives.deps.redrives);
    const slow = { ...redrives.deps, redrives: { move, note } };
    expect(await redrive(order, slow)).toMatchObject({ kind: "redriven", generation: 1 });
    expect(redrivesOf(order)).toHaveLength(1);
  });

  it("a redrive by hand that ends, at every step of a slow run: its decision stands (R11)", async () => {
    const ports = ["executions", "evidence", "charges", "claims", "redrives", "redriver"] as const;
    for (let call = 1; ; call++) {
      const [order] = await settled();
      const meanwhile = new Meanwhile(call, async () => {
        if ((await recordOf(order)).generation > 0) return;
        const outcome = await finishOrder(fixture.deps, { order: order.order, generation: 1, results: [] });
        const execution = order.execution("SUCCEEDED", 1, outcome);
        fixture.executions.set(execution);
        await mirrorEvent(fixture.deps, eventOf(execution));
      });
      const result = await redrive(order, meanwhile.wrap({ ...redrives.deps }, ports));
      if (!meanwhile.happened) break;
      if (result.kind === "redriven") continue;
      expect(result).toMatchObject({ code: "NOT_REDRIVABLE" });
      expect(await recordOf(order)).toMatchObject({ generation: 1, decision: { kind: "none" } });
      for (const claim of await claimsOf(order)) expect(claim?.endedAt).toBeDefined();
    }
  });

  it("a late status event of the generation before does not close the row again (P5)", async () => {
    const [order, before] = await settled();
    await redrive(order);
    await mirrorEvent(fixture.deps, eventOf(order.execution("RUNNING", 1)));
    await settleExecution(fixture.deps, before);
    await mirrorEvent(fixture.deps, eventOf(order.execution("RUNNING")));
    expect((await rowsOf(order))[1]).toMatchObject({ status: "PROCESSING", crossfadeFence: 9 });
    await runToItsEnd(order);
  });
});

describe("a redrive by hand", () => {
  it("begins no work, and its end ends claims and rows (P6, R10)", async () => {
    const [order] = await stopped({ price: PRICE });
    fixture.executions.set(order.execution("RUNNING", 1));
    const never = {
      send: async () => Promise.reject(new Error("sent")),
      find: async () => ({ kind: "unknown" }) as const,
    };
    await expect(performEffect(fixture.deps, workOf(order, 1, 1), never)).rejects.toMatchObject({
      code: "REDRIVEN_BY_HAND",
      disposition: "reject",
      message: expect.stringContaining("crossfade redrive"),
    });
    const outcome = await finishOrder(fixture.deps, { order: order.order, generation: 1, results: [] });
    expect(outcome).toMatchObject({ status: "PARTIAL", charge: { kind: "capture", sum: PRICE } });
    await mirrorEvent(fixture.deps, eventOf(order.execution("SUCCEEDED", 1, outcome)));
    expect((await rowsOf(order)).map((row) => row?.["status"])).toEqual(["COMPLETED", "FAILED", "FAILED"]);
    expect((await claimsOf(order)).map((claim) => claim?.generation)).toEqual([1, 1, 1]);
  });

  it("that ended unsuccessfully may be followed by the command, once it is settled", async () => {
    const [order] = await stopped();
    const byHand = stop(fixture, order, { redriveCount: 1 });
    expect(await redrive(order)).toMatchObject({ code: "REDRIVEN_BY_HAND" });
    await settleExecution(fixture.deps, byHand);
    expect(await redrive(order)).toMatchObject({ kind: "redriven", generation: 2 });
    expect((await claimsOf(order)).map((claim) => claim?.generation)).toEqual([1, 2, 2]);
  });
});

describe("an effect that failed before a redrive", () => {
  const failed = (Retryable: boolean): Outcome => ({
    status: "FAILED",
    Error: { Code: "SERVICE_BUSY", Message: "later", Retryable },
    effects: [],
  });
  /** The second item's effect ended so; then the order was stopped, settled and redriven. */
  async function redrivenAfter(outcome: Outcome, role: "whole" | "part" = "whole") {
    const order = await placed(fixture, { items: 2 });
    await fixture.deps.effects.begin({ ...workOf(order, 1), role, at: NOW });
    await fixture.deps.effects.end({ ...workOf(order, 1), role }, outcome);
    stop(fixture, order);
    return order;
  }
  const perform = async (order: PlacedOrder, generation = 1) => {
    const sent: string[] = [];
    const send = async (id: string) => {
      sent.push(id);
      return { kind: "ended", outcome: done } as const;
    };
    const find = async () => ({ kind: "never-received" }) as const;
    const outcome = await performEffect(fixture.deps, workOf(order, 1, generation), { send, find });
    return { sent, outcome };
  };
  const keyText = (order: PlacedOrder) => `REGISTER_DOMAIN#${order.claims[1]?.requestId}`;

  it("begins anew under another command id where trying again may help, and the failure is kept", async () => {
    const order = await redrivenAfter(failed(true));
    expect(await perform(order, 0)).toEqual({ sent: [], outcome: failed(true) });
    await redrive(order);
    expect(await perform(order)).toEqual({ sent: [`${keyText(order)}#0@1`], outcome: done });
    expect(await perform(order)).toEqual({ sent: [], outcome: done });
    expect((await recordOf(order)).done).toEqual([keyText(order)]);
    const { Items = [] } = await ledger.client.send(
      new QueryCommand({
        TableName: ledger.table,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :tried)",
        ExpressionAttributeValues: { ":pk": `REQ#${keyText(order)}`, ":tried": "TRIED#" },
      }),
    );
    expect(Items).toMatchObject([{ sk: "TRIED#0@0", generation: 0, outcome: failed(true) }]);
  });

  it("once begun anew is ended by nobody who speaks for the one before", async () => {
    const order = await redrivenAfter(failed(true));
    await redrive(order);
    const [effect] = await fixture.deps.effects.read(workOf(order, 1).key);
    const begun = await fixture.deps.effects.begin({ ...workOf(order, 1, 1), at: NOW }, { anew: effect });
    expect(begun).toEqual({ kind: "begun" });
    expect(await fixture.deps.effects.end(workOf(order, 1, 0), refused)).toBe(false);
    await fixture.deps.effects.forget(workOf(order, 1, 0));
    expect(await fixture.deps.effects.read(workOf(order, 1).key)).toMatchObject([
      { generation: 1, outcome: undefined },
    ]);
    expect(await fixture.deps.effects.end(workOf(order, 1, 1), done)).toBe(true);
  });

  it.each([
    ["failed for good", failed(false)],
    ["was refused", refused],
    ["completed", done],
  ])("answers as recorded when it %s", async (_, outcome) => {
    const order = await redrivenAfter(outcome);
    await redrive(order);
    expect(await perform(order)).toEqual({ sent: [], outcome });
  });

  it("answers as recorded when a reversal was begun after it", async () => {
    const order = await redrivenAfter(failed(true));
    const reversal = { ...workOf(order, 1), n: 2, role: "reversal" as const };
    await fixture.deps.effects.begin({ ...reversal, at: NOW });
    await fixture.deps.effects.end(reversal, done);
    await redrive(order);
    expect(await perform(order)).toEqual({ sent: [], outcome: failed(true) });
  });
});
