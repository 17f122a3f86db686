import { randomUUID } from "node:crypto";
import { CorrelationId, type OrderDraft, OrderId, placeOrder } from "@crossfade/bridge";
import { composePlaceOrder } from "@crossfade/functions/compose";
import { draw } from "@crossfade/legacy/reference";
import type { World } from "./world.ts";

/** In cents. */
const PRICE = 2_400;

/** The shares of names of which the simulated registry and DNS service will not hear. */
const TAKEN_RATE = 0.06;
const NO_ZONE_RATE = 0.04;

/** A free name whose DNS set-up works, or fails for good: both follow from the seed. */
function nameFor(seed: number, dnsFails: boolean): string {
  for (let i = 0; ; i++) {
    const name = `avaimet-kateen-${dnsFails ? "x" : "y"}${i}.fi`;
    const taken = draw(seed, "taken", name) < TAKEN_RATE;
    if (!taken && draw(seed, "no-zone", name) < NO_ZONE_RATE === dnsFails) return name;
  }
}

function draftOf(seed: number, authorisationId: string): OrderDraft {
  const customerId = "cust-9500";
  const items = [false, true].map((dnsFails, i) => {
    const domain = nameFor(seed, dnsFails);
    const registrant = { name: "Aino Esimerkki", email: "aino@example.fi", country: "FI" };
    const nameServers = ["ns1.example.fi", "ns2.example.fi"];
    const records = [{ name: "@", type: "A", value: "192.0.2.7", ttl: 3_600 }];
    return {
      itemId: `item-${i + 1}`,
      route: "REGISTER_DOMAIN",
      requestId: randomUUID(),
      action: "SetUpDomain",
      pinKey: domain,
      price: PRICE,
      reverse: true,
      input: { customerId, domain, years: 1, registrant, nameServers, records },
    };
  });
  return { customerId, payment: { authorisationId, amount: items.length * PRICE }, items };
}

/** Two domains with their DNS; one set-up fails for good, and its registration is reversed (N17). */
export async function placeSetUpOrder(world: World, seed: number): Promise<void> {
  const orderId = OrderId.parse(randomUUID());
  const draft = draftOf(seed, `auth-${orderId}`);
  await world.payments.authorise(`auth-${orderId}`, 2 * PRICE, orderId);
  await placeOrder(composePlaceOrder(), draft, { orderId, correlationId: CorrelationId.parse("set-up") });
}
