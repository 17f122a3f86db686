import Stripe from "stripe";
import * as z from "zod";
import { BridgeError } from "../errors.ts";
import { derivedUuid } from "../hash.ts";
import type { PaymentRecord, Payments } from "../ports.ts";
import { failureOf, isUnknownObject, type StripeFailure } from "./stripe-failures.ts";

/** Milliseconds without a sign of life from Stripe; two calls that hang must not outlast the function. */
const TIMEOUT_MS = 4_000;

/** How many keys one call may go through, past those whose answer is stored. */
const KEYS = 8;

/** Where a captured PaymentIntent names the call that captured it; Stripe takes no metadata with a cancellation. */
const ENDED_BY = "crossfade_ended_by";

const Intent = z.object({
  status: z.enum([
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "succeeded",
    "canceled",
  ]),
  amount: z.int(),
  amount_received: z.int(),
  metadata: z.object({ [ENDED_BY]: z.string().optional() }),
});
type Intent = z.infer<typeof Intent>;

function recordOf(intent: Intent): PaymentRecord {
  const { amount, amount_received: captured } = intent;
  switch (intent.status) {
    case "succeeded":
      return { state: "captured", amount, captured, endedBy: intent.metadata[ENDED_BY] };
    case "canceled": // by a call, by hand, or by Stripe when the authorisation expired
      return { state: "cancelled", amount, captured };
    case "requires_capture":
    // Nothing was authorised yet: open all the same, to be cancelled where a capture stays refused.
    case "requires_payment_method":
    case "requires_confirmation":
    case "requires_action":
      return { state: "authorised", amount, captured };
    case "processing":
      throw new BridgeError("DEPENDENCY_FAILED", "retry", "Stripe has begun to end the charge, and not said how");
  }
}

const hasEnded = ({ status }: Intent): boolean => status === "succeeded" || status === "canceled";

export interface StripeOptions {
  /** Another server than Stripe's own, for tests. */
  readonly apiUrl?: string | undefined;
  readonly timeoutMs?: number;
}

/**
 * Charges as manual-capture PaymentIntents: an authorisation id is the id of a PaymentIntent that the shop created and
 * confirmed. Amounts are in the minor unit of the PaymentIntent's own currency. Capturing less releases the rest.
 *
 * After every command the PaymentIntent is read, and it alone says what happened. The state of a PaymentIntent keeps it
 * from being captured twice, or captured and cancelled; idempotency keys keep concurrent commands apart. They follow
 * from the call and a number, because Stripe repeats a stored failure, a 500 included, for 24 hours: while the charge
 * is open and an answer is a stored one, the next number is tried.
 */
export class StripePayments implements Payments {
  readonly #intents: Stripe["paymentIntents"];

  constructor(secretKey: string, options: StripeOptions = {}) {
    const { hostname, port, protocol } = new URL(options.apiUrl ?? "https://api.stripe.com");
    const stripe = new Stripe(secretKey, {
      host: hostname,
      port: port || (protocol === "http:" ? 80 : 443),
      protocol: protocol === "http:" ? "http" : "https",
      timeout: options.timeoutMs ?? TIMEOUT_MS,
      maxNetworkRetries: 0, // who calls tries again, with pauses; a closed connection is retried once even so
      telemetry: false,
    });
    this.#intents = stripe.paymentIntents;
  }

  capture(authorisationId: string, sum: number, key: string): Promise<PaymentRecord> {
    const params = { amount_to_capture: sum, metadata: { [ENDED_BY]: key } };
    return this.#end(authorisationId, ["capture", authorisationId, String(sum), key], (options) =>
      this.#intents.capture(authorisationId, params, options),
    );
  }

  cancel(authorisationId: string, key: string): Promise<PaymentRecord> {
    return this.#end(authorisationId, ["cancel", authorisationId, key], (options) =>
      this.#intents.cancel(authorisationId, {}, options),
    );
  }

  async read(authorisationId: string): Promise<PaymentRecord | undefined> {
    const intent = await this.#find(authorisationId);
    return intent && recordOf(intent);
  }

  async #end(
    authorisationId: string,
    call: readonly string[],
    command: (options: Stripe.RequestOptions) => Promise<unknown>,
  ): Promise<PaymentRecord> {
    for (let number = 1; ; number++) {
      const idempotencyKey = derivedUuid("stripe", ...call, String(number));
      const failure = await command({ idempotencyKey }).then((): StripeFailure | undefined => undefined, failureOf);
      const intent = await this.#known(authorisationId);
      if (failure === undefined || hasEnded(intent)) return recordOf(intent);
      if (failure.spent && number < KEYS) continue;
      if (failure.refused) return recordOf(intent);
      throw failure.error;
    }
  }

  async #find(authorisationId: string): Promise<Intent | undefined> {
    try {
      return Intent.parse(await this.#intents.retrieve(authorisationId));
    } catch (error) {
      if (isUnknownObject(error)) return undefined;
      throw failureOf(error).error;
    }
  }

  async #known(authorisationId: string): Promise<Intent> {
    const intent = await this.#find(authorisationId);
    if (intent !== undefined) return intent;
    throw new BridgeError("CHARGE_UNKNOWN", "fatal", "the provider knows no such authorisation", {
      details: { authorisationId },
    });
  }
}
