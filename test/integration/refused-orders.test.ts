import { randomUUID } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { CorrelationId, type OrderDraft, OrderId, type OrderInput, placeOrder } from "@crossfade/bridge";
import { composePlaceOrder } from "@crossfade/functions/compose";
import { type SimulatedRegistry, startSimulatedRegistry } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { startWorld, type World } from "./support/world.ts";

const PRICE = 1_900;
const BLOCKED = "cust-blocked";

let allTaken: SimulatedRegistry;
let world: World;
beforeAll(async () => {
  allTaken = await startSimulatedRegistry({ takenRate: 1 });
  world = await startWorld({ registryUrl: allTaken.url });
  const row = { customerId: BLOCKED, standing: "blocked" };
  await world.documents.send(new PutCommand({ TableName: world.legacy.customersTable, Item: row }));
});
afterAll(async () => {
  await world.close();
  await allTaken.stop();
});

const draftOf = (customerId: string, authorisationId: string): OrderDraft => ({
  customerId,
  payment: { authorisationId, amount: 2 * PRICE },
  checks: true,
  items: [0, 1].map((i) => {
    const domain = `${randomUUID()}.fi`;
    const registrant = { name: "Aino Aalto", email: "aino@example.fi", country: "FI" };
    const input = { customerId, domain, years: 1, registrant, nameServers: ["ns1.example.fi", "ns2.example.fi"] };
    const work = { action: "RegisterDomain", pinKey: domain, price: PRICE, input };
    return { itemId: `item-${i}`, route: "REGISTER_DOMAIN", requestId: randomUUID(), ...work };
  }),
});

async function placed(customerId: string): Promise<OrderInput> {
  const orderId = OrderId.parse(randomUUID());
  await world.payments.authorise(`auth-${orderId}`, 2 * PRICE, orderId);
  const ids = { orderId, correlationId: CorrelationId.parse("c-1") };
  return placeOrder(composePlaceOrder(), draftOf(customerId, `auth-${orderId}`), ids);
}

describe("an order that a check refuses", () => {
  it.each([
    ["of a blocked customer", BLOCKED, "CUSTOMER_BLOCKED"],
    ["for names that are taken", "cust-fine", "DOMAIN_TAKEN"],
  ])("%s ends in the old table, its charge cancelled, and nothing was commanded", async (_, customerId, errorCode) => {
    const order = await placed(customerId);
    for (const item of order.items) {
      await eventually("the claim to end", async () => (await world.claims.read(item))?.endedAt);
      expect(await world.tracking.read(item)).toMatchObject({ status: "FAILED", errorCode });
    }
    const charge = await world.payments.read(`auth-${order.orderId}`);
    expect(charge).toMatchObject({ state: "cancelled", captured: 0 });
    expect(allTaken.questions().length).toBeGreaterThan(0);
    expect(allTaken.commands()).toEqual([]);
  });
});
