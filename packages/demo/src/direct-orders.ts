import { randomUUID } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { CorrelationId, type ItemDraft, type OrderDraft, OrderId, placeOrder } from "@crossfade/bridge";
import { composePlaceOrder } from "@crossfade/functions/compose";
import { ACTIONS, CustomerRow, registryAvailability } from "@crossfade/legacy";
import type { World } from "./world.ts";

const ITEMS = 10;
/** In cents. */
const PRICE = 1_900;

/** The shop offers only names that are free: those of an order's own kind that the registry does not say are taken. */
async function freeNames(world: World, name: string): Promise<readonly string[]> {
  const candidates = Array.from({ length: 3 * ITEMS }, (_, i) => `kokoelma-${name}-${i}.fi`);
  const taken = await registryAvailability({ url: world.registry.url }).taken(candidates);
  return candidates.filter((domain) => !taken.includes(domain)).slice(0, ITEMS);
}

/** A zone moves with all its records: some 19 KB, which travel by claim check. Free of charge. */
function zoneOf(customerId: string, domain: string): ItemDraft {
  const name = (n: number) => `${String(n).padStart(60, "n")}._domainkey`;
  const records = Array.from({ length: 50 }, (_, n) => ({
    name: name(n),
    type: "TXT",
    value: "k".repeat(255),
    ttl: 300,
  }));
  const input = { customerId, domain, records };
  return { itemId: domain, route: "UPDATE_DNS", requestId: randomUUID(), action: "UpdateDns", pinKey: domain, input };
}

/**
 * A customer registers ten domains at once and moves two zones: what no single legacy message could say. The shop asks
 * for the checks.
 */
function domainsAndZones(
  customerId: string,
  name: string,
  domains: readonly string[],
  authorisationId: string,
): OrderDraft {
  const items = domains.map((domain, i) => {
    const requestId = randomUUID();
    const registrant = { name: "Aino Esimerkki", email: "aino@example.fi", country: "FI" };
    const nameServers = ["ns1.example.fi", "ns2.example.fi"];
    return {
      itemId: `item-${i + 1}`,
      route: "REGISTER_DOMAIN",
      requestId,
      action: ACTIONS[0] ?? "RegisterDomain",
      pinKey: domain,
      price: PRICE,
      input: { customerId, domain, years: 1, registrant, nameServers },
    };
  });
  const zones = ["a", "b"].map((zone) => zoneOf(customerId, `vyohyke-${name}-${zone}.fi`));
  const payment = { authorisationId, amount: ITEMS * PRICE };
  return { customerId, payment, checks: true, items: [...items, ...zones] };
}

/** Authorises the charge and places an order of twelve items directly on the new path. */
async function place(world: World, customerId: string, name: string): Promise<void> {
  const orderId = OrderId.parse(randomUUID());
  const draft = domainsAndZones(customerId, name, await freeNames(world, name), `auth-${orderId}`);
  await world.payments.authorise(`auth-${orderId}`, ITEMS * PRICE, orderId);
  await placeOrder(composePlaceOrder(), draft, { orderId, correlationId: CorrelationId.parse(`direct-${name}`) });
}

/** One order of a customer in good standing. `number` tells it from the others. */
export const placeDirectOrder = (world: World, number: number, seed: number): Promise<void> =>
  place(world, `cust-${9000 + number}`, `${seed}-${number}`);

/** One order of a customer whom the legacy system has blocked: a check refuses it. */
export async function placeBlockedOrder(world: World, seed: number): Promise<void> {
  const row = CustomerRow.parse({ customerId: "cust-9999", standing: "blocked" });
  await world.documents.send(new PutCommand({ TableName: world.legacy.customersTable, Item: row }));
  await place(world, row.customerId, `${seed}-blocked`);
}
