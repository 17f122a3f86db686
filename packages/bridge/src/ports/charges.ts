import type { OrderRecord } from "../charge.ts";
import type { OrderId } from "../ids.ts";
import type { ChargeDecision } from "../order.ts";

export type DecideResult =
  | { readonly kind: "decided"; readonly decision: ChargeDecision }
  /** An effect is open, or the record has changed since it was read. */
  | { readonly kind: "not-now" };

/** Which reading of an order's record a decision is made on, and for which redrive of its execution. */
export interface DecideAt {
  readonly version: number;
  readonly generation: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The register of charge decisions: one per order, for ever (P7). */
export interface ChargeLedger {
  read(orderId: OrderId): Promise<OrderRecord>;
  /**
   * Writes decision and generation if there is no decision, no effect is open, the version is the one that was read, and
   * the record is of no later generation.
   */
  decide(orderId: OrderId, decision: ChargeDecision, at: DecideAt): Promise<DecideResult>;
  /** The decision that stands is from now on that generation's too; false when the record has changed since. */
  raise(orderId: OrderId, at: Omit<DecideAt, "at">): Promise<boolean>;
  /** `mismatch`: what the provider says of the charge, where that is not what was decided. */
  markCarriedOut(orderId: OrderId, at: number, mismatch?: string): Promise<void>;
}

/** `authorised`: still open, neither captured nor cancelled. */
export type PaymentState = "authorised" | "captured" | "cancelled";
export interface PaymentRecord {
  readonly state: PaymentState;
  readonly amount: number;
  readonly captured: number;
  /** The key of the call that captured or cancelled it, where the provider tells. */
  readonly endedBy?: string | undefined;
}

/**
 * A card provider. Amounts in minor units. Every call is idempotent by its key. The bridge ends charges and authorises
 * none: that takes a customer and a card, and was done when the order was placed.
 */
export interface Payments {
  /** Tries to; the answer is what the provider then says of the charge, never assumed. */
  capture(authorisationId: string, sum: number, key: string): Promise<PaymentRecord>;
  cancel(authorisationId: string, key: string): Promise<PaymentRecord>;
  read(authorisationId: string): Promise<PaymentRecord | undefined>;
}
