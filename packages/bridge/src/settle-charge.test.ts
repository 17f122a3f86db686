import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestKeyText } from "./ids.ts";
import type { OrderInput } from "./order.ts";
import type { ChargeLedger, Payments } from "./ports.ts";
import { settleCharge } from "./settle-charge.ts";
import { anOrder, bridgeError, captureWithinMs, MemoryCharges, MemoryPayments, NOW } from "./testing.ts";

const PRICES = [100, 20, 3];
const ORDER = anOrder(PRICES, 200);
const KEYS = ORDER.items.map(requestKeyText);
const settle = (charges: ChargeLedger, payments: Payments, order: OrderInput = ORDER, now = NOW) =>
  settleCharge({ charges, payments, clock: { now: () => now }, captureWithinMs }, order, 0);

describe("a charge is settled", () => {
  it("captures what is done, under the order's own key, and says so in the ledger", async () => {
    const charges = new MemoryCharges({ version: 2, done: KEYS.slice(0, 1) });
    const payments = new MemoryPayments(200);
    const decision = { kind: "capture", items: KEYS.slice(0, 1), sum: 100 };
    expect(await settle(charges, payments)).toEqual({ decision, done: KEYS.slice(0, 1), mismatch: undefined });
    expect(payments.calls).toEqual([`capture auth-1 100 ${ORDER.orderId}`]);
    expect(charges.record).toMatchObject({ decision, carriedOut: true });
  });

  it("cancels when nothing is done", async () => {
    const payments = new MemoryPayments(200);
    expect((await settle(new MemoryCharges(), payments)).decision).toEqual({ kind: "cancel" });
    expect(payments.record).toMatchObject({ state: "cancelled", amount: 200, captured: 0 });
  });

  it("asks no provider where nothing was authorised, and still decides, so that no work begins later", async () => {
    const charges = new MemoryCharges({ version: 1, done: KEYS });
    const payments = new MemoryPayments(0);
    expect((await settle(charges, payments, anOrder([0, 0, 0]))).decision).toEqual({ kind: "none" });
    expect(payments.calls).toEqual([]);
    expect(charges.begin("late")).toBe(false);
  });

  it("asks the provider no second time when it is settled again", async () => {
    const charges = new MemoryCharges({ version: 1, done: KEYS });
    const payments = new MemoryPayments(200);
    const first = await settle(charges, payments);
    expect(await settle(charges, payments)).toEqual(first);
    expect(payments.calls).toHaveLength(1);
    expect(charges.decisions).toBe(1);
  });

  it("carries out what was decided before a crash, also when more is done by now", async () => {
    const decision = { kind: "capture" as const, items: KEYS.slice(0, 1), sum: 100 };
    const charges = new MemoryCharges({ version: 3, done: KEYS, decision });
    const payments = new MemoryPayments(200);
    expect(await settle(charges, payments)).toEqual({ decision, done: KEYS, mismatch: undefined });
    expect(payments.record.captured).toBe(100);
  });
});

describe("what the provider says of the charge", () => {
  it("is a mismatch where another order ended it, though the sum is right", async () => {
    const charges = new MemoryCharges({ version: 1, done: KEYS.slice(0, 1) });
    const payments = new MemoryPayments(200);
    await payments.capture("auth-1", 100, "another order");
    expect(await settle(charges, payments)).toMatchObject({ mismatch: "captured for another order" });
  });

  it("is asked for nothing more once a capture has gone through, however late", async () => {
    const decision = { kind: "capture" as const, items: KEYS.slice(0, 1), sum: 100 };
    const charges = new MemoryCharges({ version: 1, done: KEYS.slice(0, 1), decision, decidedAt: NOW });
    const payments = new MemoryPayments(200);
    expect(await settle(charges, payments, ORDER, NOW + captureWithinMs + 1)).toMatchObject({ mismatch: undefined });
    expect(payments.calls).toEqual([`capture auth-1 100 ${ORDER.orderId}`]);
  });
});

describe("a charge waits", () => {
  it("while an effect is open", async () => {
    const decide = () => Promise.reject(new Error("nothing is to be decided now"));
    const charges = Object.assign(new MemoryCharges(), { decide });
    charges.begin(`${KEYS[0]}`);
    const payments = new MemoryPayments(200);
    await expect(settle(charges, payments)).rejects.toEqual(bridgeError("EFFECT_OPEN", "retry"));
    expect(payments.calls).toEqual([]);
    expect(charges.record.decision).toBeUndefined();
  });

  /** Effects that begin and end between reading and deciding, so many times. */
  class Busy extends MemoryCharges {
    left: number;
    constructor(left: number) {
      super();
      this.left = left;
    }
    override async read() {
      const record = await super.read();
      if (this.left-- > 0) {
        this.begin("x");
        this.end("x", false);
      }
      return record;
    }
  }

  it("no longer than five rounds for effects that come and go", async () => {
    expect((await settle(new Busy(4), new MemoryPayments(200))).decision).toEqual({ kind: "cancel" });
    const charges = new Busy(5);
    await expect(settle(charges, new MemoryPayments(200))).rejects.toEqual(bridgeError("EFFECT_OPEN", "retry"));
    expect(charges.record.decision).toBeUndefined();
  });
});

describe("a charge that the provider ended otherwise than decided", () => {
  it.each([
    ["cancelled, when it was to be captured", KEYS, "cancelled", 0, "cancelled 0 of 200"],
    ["captured, but another sum", KEYS, "captured", 122, "captured 122 of 200"],
    ["captured, when it was to be cancelled", [], "captured", 123, "captured 123 of 200"],
  ] as const)("%s: is told, now and when asked again", async (_, done, state, captured, mismatch) => {
    const charges = new MemoryCharges({ done });
    const payments = new MemoryPayments(200, state, captured);
    const settled = await settle(charges, payments);
    expect(settled).toMatchObject({ mismatch, decision: { kind: done.length > 0 ? "capture" : "cancel" } });
    expect(charges.record).toMatchObject({ carriedOut: true, mismatch });
    expect(await settle(charges, payments)).toEqual(settled);
    expect(payments.calls).toHaveLength(1);
  });

  it("is none, when an earlier attempt, whose answer was lost, had done it", async () => {
    const charges = new MemoryCharges({ done: KEYS });
    const settled = await settle(charges, new MemoryPayments(200, "captured", 123));
    expect(settled).toMatchObject({ decision: { kind: "capture" }, mismatch: undefined });
    expect(charges.record).toMatchObject({ carriedOut: true, mismatch: undefined });
  });
});

describe("a charge that the provider leaves open (P7: never left open)", () => {
  it.each(["capture", "cancel"] as const)("after a %s comes back until it is carried out", async (what) => {
    const payments = new MemoryPayments(200);
    const refusing: Payments = Object.assign(new MemoryPayments(200), { [what]: () => payments.read() });
    const charges = new MemoryCharges({ done: what === "capture" ? KEYS : [] });
    await expect(settle(charges, refusing)).rejects.toEqual(bridgeError("CHARGE_REFUSED", "retry"));
    expect(charges.record).toMatchObject({ decision: { kind: what }, carriedOut: false });
    expect(await settle(charges, payments)).toMatchObject({ decision: { kind: what }, mismatch: undefined });
    expect(charges.record.carriedOut).toBe(true);
  });

  it.each([
    ["at the bound comes back", 0, "authorised"],
    ["beyond the bound is given back, and told", 1, "cancelled"],
  ] as const)("after a refused capture %s", async (_, beyond, state) => {
    const payments = new MemoryPayments(200);
    const refusing: Payments = Object.assign(payments, { capture: () => payments.read() });
    const charges = new MemoryCharges({ done: KEYS });
    await expect(settle(charges, refusing)).rejects.toEqual(bridgeError("CHARGE_REFUSED", "retry"));
    const later = settle(charges, refusing, ORDER, NOW + captureWithinMs + beyond);
    if (state === "cancelled") await expect(later).resolves.toMatchObject({ mismatch: "cancelled 0 of 200" });
    else await expect(later).rejects.toEqual(bridgeError("CHARGE_REFUSED", "retry"));
    expect(payments.record.state).toBe(state);
    expect(charges.record).toMatchObject({ decision: { kind: "capture" }, carriedOut: state === "cancelled" });
  });

  it("beyond the bound is captured all the same, where the provider takes it", async () => {
    const charges = new MemoryCharges({ done: KEYS });
    const payments = new MemoryPayments(200);
    const down: Payments = Object.assign(new MemoryPayments(200), { capture: () => Promise.reject(new Error("down")) });
    await expect(settle(charges, down)).rejects.toThrow("down");
    const settled = await settle(charges, payments, ORDER, NOW + captureWithinMs + 1);
    expect(settled.mismatch).toBeUndefined();
    expect(payments.record).toMatchObject({ state: "captured", captured: 123 });
  });

  it("by failing is asked again, and the decision stands", async () => {
    const charges = new MemoryCharges({ done: KEYS });
    const payments = new MemoryPayments(200);
    const down: Payments = Object.assign(new MemoryPayments(200), { capture: () => Promise.reject(new Error("down")) });
    await expect(settle(charges, down)).rejects.toThrow("down");
    expect(charges.record).toMatchObject({ decision: { kind: "capture", sum: 123 }, carriedOut: false });
    await settle(charges, payments);
    expect(payments.record.captured).toBe(123);
  });
});

/** Puts every call of two ports, and every step of a worker, at a moment that the scheduler chooses. */
function interleaved(s: fc.Scheduler, charges: MemoryCharges, payments: MemoryPayments) {
  const at = <T>(label: string, act: () => Promise<T>) => s.schedule(Promise.resolve(label), label).then(act);
  const ledger: ChargeLedger = {
    read: () => at("read", () => charges.read()),
    decide: (id, decision, seen) => at("decide", () => charges.decide(id, decision, seen)),
    raise: (id, seen) => at("raise", () => charges.raise(id, seen)),
    markCarriedOut: (id, when, mismatch) => at("mark", () => charges.markCarriedOut(id, when, mismatch)),
  };
  const provider: Payments = {
    capture: (id, sum, key) => at("capture", () => payments.capture(id, sum, key)),
    cancel: (id, key) => at("cancel", () => payments.cancel(id, key)),
    read: () => payments.read(),
  };
  const work = async (key: string, completes: boolean) => {
    if (!(await at(`begin ${key}`, async () => charges.begin(key)))) return;
    await at(`end ${key}`, async () => charges.end(key, completes));
  };
  return { ledger, provider, work };
}

it("captures exactly what is done, once, under any interleaving of two settlers and the work (property, P7)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), async (s, completes) => {
      const charges = new MemoryCharges();
      const payments = new MemoryPayments(200);
      const { ledger, provider, work } = interleaved(s, charges, payments);
      const settlers = [0, 1].map(() => settle(ledger, provider));
      const workers = KEYS.map((key, n) => work(key, completes[n] === true));
      const ends = Promise.allSettled(settlers);
      await s.waitFor(Promise.all([ends, ...workers]));
      for (const end of await ends) {
        if (end.status === "rejected") expect(end.reason).toEqual(bridgeError("EFFECT_OPEN", "retry"));
        else expect(end.value.decision).toEqual(charges.record.decision);
      }
      const { decision, done } = await settle(charges, payments);
      expect(done).toEqual(charges.record.done);
      expect(new Set(decision.kind === "capture" ? decision.items : [])).toEqual(new Set(done));
      const owed = PRICES.filter((_, n) => done.includes(`${KEYS[n]}`)).reduce((sum, price) => sum + price, 0);
      expect(payments.record).toMatchObject({ state: owed === 0 ? "cancelled" : "captured", captured: owed });
      expect(charges.decisions).toBe(1);
    }),
    { numRuns: 300 },
  );
});
