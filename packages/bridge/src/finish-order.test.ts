import { describe, expect, it } from "vitest";
import { FinishInput, finishOrder } from "./finish-order.ts";
import { requestKeyText } from "./ids.ts";
import { type OrderInput, OrderOutcome } from "./order.ts";
import type { Outcome } from "./outcome.ts";
import { anOrder, COMPLETED, captureWithinMs, clock, MemoryCharges, MemoryPayments, TAKEN } from "./testing.ts";

const PRICES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const TOTAL = 1023;
const TEN = anOrder(PRICES, TOTAL);

const results = (order: OrderInput, failed: readonly number[]) =>
  order.items.map(({ itemId, route, requestId }, n) => {
    const outcome: Outcome = failed.includes(n) ? TAKEN : COMPLETED;
    return { itemId, route, requestId, ...outcome };
  });
const doneOf = (order: OrderInput, failed: readonly number[]) =>
  order.items.filter((_, n) => !failed.includes(n)).map(requestKeyText);

async function finish(
  order: OrderInput,
  reportedFailed: readonly number[],
  notDone: readonly number[],
  payments = new MemoryPayments(TOTAL),
) {
  const charges = new MemoryCharges({ version: 10, done: doneOf(order, notDone) });
  const input = FinishInput.parse({ generation: 0, order, results: results(order, reportedFailed) });
  const outcome = await finishOrder(
    { charges, payments, clock, captureWithinMs, effects: { read: async () => [] } },
    input,
  );
  return { outcome: OrderOutcome.parse(outcome), payments, statuses: outcome.items.map((item) => item.status) };
}

describe("the end of an order", () => {
  it("of ten items of which two fail captures the sum of eight", async () => {
    const { outcome, payments, statuses } = await finish(TEN, [3, 9], [3, 9]);
    const items = doneOf(TEN, [3, 9]);
    expect(items).toHaveLength(8);
    expect(outcome).toMatchObject({ status: "PARTIAL", charge: { kind: "capture", items, sum: TOTAL - 8 - 512 } });
    expect(payments.record).toMatchObject({ state: "captured", captured: TOTAL - 8 - 512 });
    expect(statuses.flatMap((status, n) => (status === "FAILED" ? [n] : []))).toEqual([3, 9]);
    expect(outcome).not.toHaveProperty("chargeMismatch");
  });

  it("of which all succeed captures everything", async () => {
    const { outcome, payments } = await finish(TEN, [], []);
    expect(outcome.status).toBe("COMPLETED");
    expect(payments.record.captured).toBe(TOTAL);
  });

  it("of which all fail cancels the charge", async () => {
    const all = PRICES.map((_, n) => n);
    const { outcome, payments } = await finish(TEN, all, all);
    expect(outcome).toMatchObject({ status: "FAILED", charge: { kind: "cancel" } });
    expect(payments.record).toMatchObject({ state: "cancelled", amount: TOTAL, captured: 0 });
  });

  it("that was refused before its work began cancels the charge, and ends every item with the refusal", async () => {
    const refusal = { Code: "APPROVAL_REFUSED", Message: "refused by Aino: too much", Retryable: false };
    const payments = new MemoryPayments(TOTAL);
    const deps = { charges: new MemoryCharges({ version: 0, done: [] }), payments, clock, captureWithinMs };
    const input = FinishInput.parse({ generation: 0, order: TEN, results: [], refusal });
    const outcome = await finishOrder({ ...deps, effects: { read: async () => [] } }, input);
    expect(outcome).toMatchObject({ status: "FAILED", charge: { kind: "cancel" } });
    expect(outcome.items).toHaveLength(TEN.items.length);
    for (const item of outcome.items) expect(item).toMatchObject({ status: "FAILED", Error: refusal, effects: [] });
    expect(payments.record).toMatchObject({ state: "cancelled", captured: 0 });
  });

  it("charges by the ledger, not by what the execution saw", async () => {
    const { outcome, payments, statuses } = await finish(TEN, [0], [1]);
    expect(payments.record.captured).toBe(TOTAL - 2);
    expect(statuses.slice(0, 3)).toEqual(["COMPLETED", "FAILED", "COMPLETED"]);
    expect(outcome.items[1]?.Error?.Code).toBe("ITEM_NOT_DONE");
  });

  it("says which items are done and unpaid, and why, where the provider ended the charge otherwise", async () => {
    const expired = new MemoryPayments(TOTAL, "cancelled");
    const { outcome, statuses } = await finish(TEN, [3], [3], expired);
    expect(outcome.chargeMismatch).toBe(`cancelled 0 of ${TOTAL}`);
    expect(new Set(statuses)).toEqual(new Set(["COMPLETED_UNPAID", "FAILED"]));
    expect(statuses[3]).toBe("FAILED");
  });

  it("pairs results with items by request, not by their place", async () => {
    const order = anOrder([1, 2], 3);
    const charges = new MemoryCharges({ version: 1, done: doneOf(order, [0]) });
    const input = FinishInput.parse({ generation: 0, order, results: results(order, [0]).reverse() });
    const effects = { read: async () => [] };
    const deps = { charges, payments: new MemoryPayments(3), clock, captureWithinMs, effects };
    const { items } = await finishOrder(deps, input);
    expect(items.map(({ requestId, status, Error: error }) => [requestId, status, error?.Code])).toEqual([
      ["r0", "FAILED", "DOMAIN_TAKEN"],
      ["r1", "COMPLETED", undefined],
    ]);
  });

  it("takes no result that says COMPLETED_UNPAID: only the ledger can", () => {
    const [result] = results(TEN, []);
    const input = { order: TEN, results: [{ ...result, status: "COMPLETED_UNPAID" }] };
    expect(FinishInput.safeParse(input).success).toBe(false);
  });
});
