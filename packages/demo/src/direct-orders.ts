import { randomUUID } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { CorrelationId, type OrderInput, placeOrder } from "@crossfade/bridge";
import { composePlaceOrder } from "@crossfade/functions/compose";
import { CustomerRow, registryAvailability, ShopOrder, shopDraft } from "@crossfade/legacy";
import type { World } from "./world.ts";

/** In cents. */
const PRICE = 1_900;

/** Names that the registry does not say are taken: the shop offers no others. */
async function freeNames({ registry }: World, name: string, count: number): Promise<readonly string[]> {
  const candidates = Array.from({ length: 3 * count }, (_, i) => `kokoelma-${name}-${i}.fi`);
  const taken = await registryAvailability({ url: registry.url }).taken(candidates);
  return candidates.filter((domain) => !taken.includes(domain)).slice(0, count);
}

interface Wish {
  readonly customerId: string;
  /** Tells this order's domains from all others. */
  readonly name: string;
  readonly domains: number;
  /** Of each domain, in cents. */
  readonly price: number;
  /** Zones that are moved with the order; none unless given. */
  readonly zones?: readonly string[];
}

/** A zone moves with all its records: some 19 KB, which travel by claim check. Free of charge. */
function zoneOf(domain: string) {
  const name = (n: number) => `${String(n).padStart(60, "n")}._domainkey`;
  const records = Array.from({ length: 50 }, (_, n) => ({
    ...{ name: name(n), type: "TXT", value: "k".repeat(255), ttl: 300 },
  }));
  return { itemId: domain, requestId: randomUUID(), action: "UpdateDns", input: { domain, records } };
}

/** Authorises the charge and places an order of several domains directly: what no single legacy message could say. */
export async function place(world: World, { customerId, name, domains, price, zones = [] }: Wish): Promise<OrderInput> {
  const orderId = randomUUID();
  const payment = { authorisationId: `auth-${orderId}`, amount: domains * price };
  const registrant = { name: "Aino Esimerkki", email: "aino@example.fi", country: "FI" };
  const nameServers = ["ns1.example.fi", "ns2.example.fi"];
  const items = (await freeNames(world, name, domains)).map((domain, i) => ({
    ...{ itemId: `item-${i + 1}`, requestId: randomUUID(), action: "RegisterDomain", price },
    input: { domain, years: 1, registrant, nameServers },
  }));
  return placeShopOrder(world, { orderId, customerId, payment, items: [...items, ...zones.map(zoneOf)] }, name);
}

/** Authorises the charge of an order and places it, as the shop does. */
export async function placeShopOrder(world: World, given: unknown, name: string): Promise<OrderInput> {
  const wish = ShopOrder.parse(given);
  const { orderId, payment } = wish;
  const authorisationId = payment && (await world.charges.authorise(payment.authorisationId, payment.amount, orderId));
  const order = payment && authorisationId ? { ...wish, payment: { ...payment, authorisationId } } : wish;
  const ids = { orderId, correlationId: CorrelationId.parse(`direct-${name}`) };
  return placeOrder(composePlaceOrder(), shopDraft(order), ids);
}

/** Ten domains and two zones for a customer in good standing. `number` tells the order from the others. */
export function placeDirectOrder(world: World, number: number, seed: number): Promise<OrderInput> {
  const name = `${seed}-${number}`;
  const zones = [`vyohyke-${name}-a.fi`, `vyohyke-${name}-b.fi`];
  return place(world, { customerId: `cust-${9000 + number}`, name, domains: 10, price: PRICE, zones });
}

/** Two domains for a customer whom the legacy system has blocked: a check refuses the order. */
export async function placeBlockedOrder(world: World, seed: number): Promise<OrderInput> {
  const Item = CustomerRow.parse({ customerId: "cust-blocked", standing: "blocked" });
  await world.documents.send(new PutCommand({ TableName: world.legacy.customersTable, Item }));
  return place(world, { customerId: Item.customerId, name: `${seed}-blocked`, domains: 2, price: PRICE });
}
