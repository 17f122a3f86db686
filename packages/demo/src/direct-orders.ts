import { randomUUID } from "node:crypto";
import { CorrelationId, type ItemDraft, type OrderDraft, OrderId, placeOrder } from "@crossfade/bridge";
import { composePlaceOrder } from "@crossfade/functions/compose";
import { ACTIONS } from "@crossfade/legacy";
import type { World } from "./world.ts";

const ITEMS = 10;
/** In cents. */
const PRICE = 1_900;

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

/** A customer registers ten domains at once, and moves two zones: what no single legacy message could say. */
function domainsAndZones(number: number, seed: number, authorisationId: string): OrderDraft {
  const customerId = `cust-${9000 + number}`;
  const items = Array.from({ length: ITEMS }, (_, i) => {
    const domain = `kokoelma-${seed}-${number}-${i}.fi`;
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
  const zones = ["a", "b"].map((zone) => zoneOf(customerId, `vyohyke-${seed}-${number}-${zone}.fi`));
  return { customerId, payment: { authorisationId, amount: ITEMS * PRICE }, items: [...items, ...zones] };
}

/** Authorises the charge and places an order of twelve items directly on the new path. */
export async function placeDirectOrder(world: World, number: number, seed: number): Promise<void> {
  const orderId = OrderId.parse(randomUUID());
  const draft = domainsAndZones(number, seed, `auth-${orderId}`);
  await world.payments.authorise(`auth-${orderId}`, ITEMS * PRICE, orderId);
  await placeOrder(composePlaceOrder(), draft, { orderId, correlationId: CorrelationId.parse(`direct-${number}`) });
}
