import { randomUUID } from "node:crypto";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MemoryPayments } from "../../packages/bridge/src/testing.ts";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { type Authorised, paymentsContract } from "./support/payments-contract.ts";
import { type StripeFixture, startStripeFixture } from "./support/stripe.ts";

let ledger: LedgerFixture;
let stripe: StripeFixture;

beforeAll(async () => {
  [ledger, stripe] = await Promise.all([startLedger(), startStripeFixture()]);
  await ledger.createTable("payments", "authorisationId");
});
afterAll(() => Promise.all([ledger.close(), stripe.server.close()]));

const onDynamoDb: Authorised = async (amount) => {
  const payments = new DynamoDbPayments(ledger.client, "payments");
  const id = randomUUID();
  await payments.authorise(id, amount, id);
  return [payments, id];
};

paymentsContract("DynamoDB", onDynamoDb);
paymentsContract("Stripe", async (amount) => [stripe.payments, await stripe.authorise(amount)]);
/** The in-memory provider of the unit tests knows one authorisation; it must behave as the adapters do. */
paymentsContract("memory", async (amount) => [new MemoryPayments(amount), "auth-1"]);

it("a row is authorised once: a repeated authorisation changes nothing", async () => {
  const payments = new DynamoDbPayments(ledger.client, "payments");
  const id = randomUUID();
  await payments.authorise(id, 1000, id);
  await payments.capture(id, 1000, "k");
  expect(await payments.authorise(id, 5, "k")).toMatchObject({ state: "captured", amount: 1000, captured: 1000 });
});
