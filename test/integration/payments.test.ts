import { randomUUID } from "node:crypto";
import type { Payments } from "@crossfade/bridge";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryPayments } from "../../packages/bridge/src/testing.ts";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";

let ledger: LedgerFixture;

beforeAll(async () => {
  ledger = await startLedger();
  await ledger.createTable("payments", "authorisationId");
});
afterAll(() => ledger.close());

/** The in-memory provider of the unit tests knows one authorisation; it must behave as the adapter does. */
const providers: Readonly<Record<string, (amount: number) => Promise<readonly [Payments, string]>>> = {
  DynamoDB: async (amount) => {
    const payments = new DynamoDbPayments(ledger.client, "payments");
    const id = randomUUID();
    await payments.authorise(id, amount, id);
    return [payments, id];
  },
  memory: async (amount) => [new MemoryPayments(amount), "auth-1"],
};

describe.each(Object.entries(providers))("a charge (P7), %s", (_, authorised) => {
  it("is captured in part, once", async () => {
    const [payments, id] = await authorised(1000);
    expect(await payments.capture(id, 800, "order-1")).toMatchObject({
      state: "captured",
      amount: 1000,
      captured: 800,
    });
    expect(await payments.capture(id, 300, "order-1")).toMatchObject({
      state: "captured",
      amount: 1000,
      captured: 800,
    });
  });

  it("is not cancelled after it was captured, nor captured after it was cancelled", async () => {
    const [payments, captured] = await authorised(1000);
    await payments.capture(captured, 1000, "k");
    expect(await payments.cancel(captured, "k")).toMatchObject({ state: "captured", captured: 1000 });
    const [others, cancelled] = await authorised(1000);
    await others.cancel(cancelled, "k");
    expect(await others.capture(cancelled, 1000, "k")).toMatchObject({ state: "cancelled", captured: 0 });
  });

  it.each([
    [1000, "captured"],
    [1001, "authorised"],
  ])("of 1000 stays open when more is asked for: %i -> %s", async (sum, state) => {
    const [payments, id] = await authorised(1000);
    expect(await payments.capture(id, sum, "k")).toMatchObject({ state });
  });

  it("is authorised once: a repeated authorisation changes nothing", async () => {
    const [payments, id] = await authorised(1000);
    await payments.capture(id, 1000, "k");
    expect(await payments.authorise(id, 5, "k")).toMatchObject({ state: "captured", amount: 1000, captured: 1000 });
  });

  it("has one end, whatever races for it", async () => {
    const call = fc.oneof(fc.constant("cancel" as const), fc.integer({ min: 1, max: 1000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 2, maxLength: 5 }), async (calls) => {
        const [payments, id] = await authorised(1000);
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

it("an authorisation that the provider does not know is an error for a person", async () => {
  const payments = new DynamoDbPayments(ledger.client, "payments");
  const error = { code: "CHARGE_UNKNOWN", disposition: "fatal" };
  await expect(payments.capture("none", 1, "k")).rejects.toMatchObject(error);
  expect(await payments.read("none")).toBeUndefined();
});
