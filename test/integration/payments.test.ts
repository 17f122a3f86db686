import { randomUUID } from "node:crypto";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";

let ledger: LedgerFixture;
let payments: DynamoDbPayments;

beforeAll(async () => {
  ledger = await startLedger();
  await ledger.createTable("payments", "authorisationId");
  payments = new DynamoDbPayments(ledger.client, "payments");
});
afterAll(() => ledger.close());

async function authorised(amount = 1000): Promise<string> {
  const id = randomUUID();
  await payments.authorise(id, amount, id);
  return id;
}

describe("a charge (P7)", () => {
  it("is captured in part, once", async () => {
    const id = await authorised();
    expect(await payments.capture(id, 800, "order-1")).toEqual({ state: "captured", amount: 1000, captured: 800 });
    expect(await payments.capture(id, 300, "order-1")).toEqual({ state: "captured", amount: 1000, captured: 800 });
  });

  it("is not cancelled after it was captured, nor captured after it was cancelled", async () => {
    const captured = await authorised();
    await payments.capture(captured, 1000, "k");
    expect(await payments.cancel(captured, "k")).toMatchObject({ state: "captured", captured: 1000 });
    const cancelled = await authorised();
    await payments.cancel(cancelled, "k");
    expect(await payments.capture(cancelled, 1000, "k")).toMatchObject({ state: "cancelled", captured: 0 });
  });

  it.each([
    [1000, "captured"],
    [1001, "authorised"],
  ])("of 1000 stays open when more is asked for: %i -> %s", async (sum, state) => {
    expect(await payments.capture(await authorised(), sum, "k")).toMatchObject({ state });
  });

  it("is authorised once: a repeated authorisation changes nothing", async () => {
    const id = await authorised();
    await payments.capture(id, 1000, "k");
    expect(await payments.authorise(id, 5, "k")).toEqual({ state: "captured", amount: 1000, captured: 1000 });
  });

  it("that the provider does not know is an error for a person", async () => {
    await expect(payments.capture("none", 1, "k")).rejects.toMatchObject({
      code: "CHARGE_UNKNOWN",
      disposition: "fatal",
    });
    expect(await payments.read("none")).toBeUndefined();
  });

  it("has one end, whatever races for it", async () => {
    const call = fc.oneof(fc.constant("cancel" as const), fc.integer({ min: 1, max: 1000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 2, maxLength: 5 }), async (calls) => {
        const id = await authorised();
        const ends = await Promise.all(
          calls.map((what) => (what === "cancel" ? payments.cancel(id, "k") : payments.capture(id, what, "k"))),
        );
        const last = await payments.read(id);
        expect(last?.state).not.toBe("authorised");
        for (const end of ends) expect(end).toEqual(last);
      }),
      { numRuns: 25 },
    );
  });
});
