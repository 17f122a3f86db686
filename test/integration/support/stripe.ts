import { randomUUID } from "node:crypto";
import { StripePayments } from "@crossfade/bridge/adapters/stripe-payments";
import { type StripeServer, type StripeServerOptions, startStripe } from "@crossfade/local/stripe";
import Stripe from "stripe";

export const SECRET_KEY = "sk_test_of_nobody";
/** Milliseconds: what a request without an answer costs a test. */
const TIMEOUT = 150;

export interface StripeFixture {
  readonly server: StripeServer;
  readonly payments: StripePayments;
  /** Stripe's own client, as a shop uses it. */
  readonly shop: Stripe;
  /** Authorises a card, and returns the id of the PaymentIntent. */
  authorise(amount: number): Promise<string>;
  /** What was done to one PaymentIntent, without its id. */
  effectsOf(id: string): readonly string[];
}

export async function startStripeFixture(options: Partial<StripeServerOptions> = {}): Promise<StripeFixture> {
  const server = await startStripe({ secretKey: SECRET_KEY, ...options });
  const { hostname: host, port } = new URL(server.endpoint);
  const shop = new Stripe(SECRET_KEY, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
  const card = { payment_method: "pm_card_visa", payment_method_types: ["card"] };
  return {
    server,
    shop,
    payments: new StripePayments(SECRET_KEY, { apiUrl: server.endpoint, timeoutMs: TIMEOUT }),
    async authorise(amount) {
      const params = { amount, currency: "eur", capture_method: "manual", confirm: true, ...card } as const;
      return (await shop.paymentIntents.create(params, { idempotencyKey: randomUUID() })).id;
    },
    effectsOf: (id) =>
      server
        .effects()
        .filter((effect) => effect.split(" ")[1] === id)
        .map((effect) => effect.replace(` ${id}`, "")),
  };
}
