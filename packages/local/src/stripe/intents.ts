import type { z } from "zod";
import { invalid, notSupported, unexpectedState, unknownIntent } from "./errors.ts";
import type { CancelParams, CaptureParams, CreateParams } from "./form.ts";

export type IntentStatus =
  | "requires_payment_method"
  | "requires_confirmation"
  | "requires_action"
  | "processing"
  | "requires_capture"
  | "succeeded"
  | "canceled";

/** The fields of Stripe's PaymentIntent that a caller may rely on here. Times: epoch seconds. */
export interface PaymentIntent {
  readonly id: string;
  readonly object: "payment_intent";
  readonly amount: number;
  readonly currency: string;
  readonly capture_method: string;
  readonly client_secret: string;
  readonly created: number;
  readonly livemode: false;
  readonly payment_method: string | null;
  status: IntentStatus;
  amount_capturable: number;
  amount_received: number;
  canceled_at: number | null;
  cancellation_reason: string | null;
  metadata: Readonly<Record<string, string>>;
}

const CANCELABLE: ReadonlySet<IntentStatus> = new Set([
  "requires_payment_method",
  "requires_confirmation",
  "requires_action",
  "requires_capture",
]);

/** Stripe's test cards that are known here, and what confirming with them leads to. */
const CARDS: ReadonlyMap<string, "allowed" | "requires_action"> = new Map([
  ["pm_card_visa", "allowed"],
  ["pm_card_authenticationRequired", "requires_action"],
]);

/** PaymentIntents and their rules (API reference, "Create", "Capture" and "Cancel a PaymentIntent"). */
export class PaymentIntents {
  readonly #byId = new Map<string, PaymentIntent>();
  readonly #now: () => number;
  /** Every time that money was taken or given back, as `capture <id> <sum>` or `cancel <id>`. */
  readonly effects: string[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  create(params: z.output<typeof CreateParams>): PaymentIntent {
    const { amount, currency, capture_method, payment_method, metadata } = params;
    const id = `pi_${String(this.#byId.size + 1).padStart(8, "0")}`;
    const status = statusAfter(params);
    const intent: PaymentIntent = {
      ...{ id, object: "payment_intent", amount, currency, capture_method, client_secret: `${id}_secret_local` },
      ...{ created: this.#seconds(), livemode: false, payment_method: payment_method ?? null, status, metadata },
      amount_capturable: status === "requires_capture" ? amount : 0,
      amount_received: status === "succeeded" ? amount : 0,
      canceled_at: null,
      cancellation_reason: null,
    };
    this.#byId.set(id, intent);
    return { ...intent };
  }

  read(id: string): PaymentIntent {
    return { ...this.#known(id) };
  }

  capture(id: string, params: z.output<typeof CaptureParams>): PaymentIntent {
    const intent = this.#known(id);
    if (intent.status !== "requires_capture") throw unexpectedState(intent, "captured");
    const sum = params.amount_to_capture ?? intent.amount_capturable;
    if (sum > intent.amount_capturable) {
      const more = { code: "amount_too_large", param: "amount_to_capture" };
      throw invalid(`only ${intent.amount_capturable} can be captured`, more);
    }
    this.effects.push(`capture ${id} ${sum}`);
    const metadata = { ...intent.metadata, ...params.metadata };
    // The rest is released: this is the final capture.
    return { ...Object.assign(intent, { status: "succeeded", amount_received: sum, amount_capturable: 0, metadata }) };
  }

  cancel(id: string, params: z.output<typeof CancelParams>): PaymentIntent {
    const intent = this.#known(id);
    if (!CANCELABLE.has(intent.status)) throw unexpectedState(intent, "cancelled");
    this.effects.push(`cancel ${id}`);
    return { ...this.#canceled(intent, params.cancellation_reason ?? null) };
  }

  /** What Stripe does with an authorisation that nobody captured in time. */
  expire(id: string): void {
    this.#canceled(this.#known(id), "automatic");
  }

  /** Puts a PaymentIntent where the customer, or a slow payment method, would have brought it. */
  become(id: string, status: IntentStatus): void {
    const intent = this.#known(id);
    Object.assign(intent, { status, amount_capturable: status === "requires_capture" ? intent.amount : 0 });
  }

  #canceled(intent: PaymentIntent, cancellation_reason: string | null): PaymentIntent {
    const canceled_at = this.#seconds();
    return Object.assign(intent, { status: "canceled", amount_capturable: 0, canceled_at, cancellation_reason });
  }

  #known(id: string): PaymentIntent {
    const intent = this.#byId.get(id);
    if (intent === undefined) throw unknownIntent(id);
    return intent;
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

function statusAfter({ confirm, payment_method, capture_method }: z.output<typeof CreateParams>): IntentStatus {
  if (payment_method === undefined) {
    if (confirm === "true") throw invalid("there is no payment method to confirm with");
    return "requires_payment_method";
  }
  const card = CARDS.get(payment_method);
  if (card === undefined) throw notSupported(`payment method ${payment_method}`);
  if (confirm === "false") return "requires_confirmation";
  if (card === "requires_action") return card;
  return capture_method === "manual" ? "requires_capture" : "succeeded";
}
