import { randomUUID } from "node:crypto";
import { draw } from "@crossfade/legacy/reference";
import { placeShopOrder } from "./direct-orders.ts";
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

/** Two domains with their DNS; one set-up fails for good, and its registration is reversed (N17). */
export async function placeSetUpOrder(world: World, seed: number): Promise<void> {
  const orderId = randomUUID();
  const items = [false, true].map((dnsFails, i) => ({
    ...{ itemId: `item-${i + 1}`, requestId: randomUUID(), action: "SetUpDomain", price: PRICE, reverse: true },
    input: {
      domain: nameFor(seed, dnsFails),
      years: 1,
      registrant: { name: "Aino Esimerkki", email: "aino@example.fi", country: "FI" },
      nameServers: ["ns1.example.fi", "ns2.example.fi"],
      records: [{ name: "@", type: "A", value: "192.0.2.7", ttl: 3_600 }],
    },
  }));
  const payment = { authorisationId: `auth-${orderId}`, amount: items.length * PRICE };
  await placeShopOrder(world, { orderId, customerId: "cust-9500", payment, items }, `${seed}-set-up`);
}
