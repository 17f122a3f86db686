import { randomUUID } from "node:crypto";
import { CorrelationId, type OrderDraft, OrderId, placeOrder } from "@crossfade/bridge";
import { composePlaceOrder } from "@crossfade/functions/compose";
import { ACTIONS } from "@crossfade/legacy";
import type { World } from "./world.ts";

const ITEMS = 10;
/** In cents. */
const PRICE = 1_900;

/** A customer registers ten domains at once: what no single legacy message could say. */
function tenDomains(number: number, seed: number, authorisationId: string): OrderDraft {
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
  return { customerId, payment: { authorisationId, amount: ITEMS * PRICE }, items };
}

/** Authorises the charge and places an order of ten items directly on the new path. */
export async function placeDirectOrder(world: World, number: number, seed: number): Promise<void> {
  const orderId = OrderId.parse(randomUUID());
  const draft = tenDomains(number, seed, `auth-${orderId}`);
  await world.payments.authorise(`auth-${orderId}`, ITEMS * PRICE, orderId);
  await placeOrder(composePlaceOrder(), draft, { orderId, correlationId: CorrelationId.parse(`direct-${number}`) });
}
