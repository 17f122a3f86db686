import { requestKeyText } from "./ids.ts";
import type { Payment } from "./money.ts";
import type { ChargeDecision, OrderInput } from "./order.ts";
import type { Effect } from "./outcome.ts";

/** The ledger's record of an order: effects open on it, items known done, and the one decision about its charge. */
export interface OrderRecord {
  /** Rises with every begin and end of an effect, and with a redrive; a decision is conditional on it. */
  readonly version: number;
  /** The redrive of the order's execution for which it was moved on or decided last. */
  readonly generation: number;
  readonly openEffects: readonly string[];
  /** Request keys of the items whose work is known done. */
  readonly done: readonly string[];
  readonly decision: ChargeDecision | undefined;
  /** Epoch milliseconds. */
  readonly decidedAt: number | undefined;
  readonly carriedOut: boolean;
  /** What the provider says of the charge, where that is not what was decided. */
  readonly mismatch: string | undefined;
}

export const EMPTY_ORDER_RECORD: OrderRecord = {
  version: 0,
  generation: 0,
  openEffects: [],
  done: [],
  decision: undefined,
  decidedAt: undefined,
  carriedOut: false,
  mismatch: undefined,
};

/** What is to be decided about the charge, given the items known done: capture exactly their sum, or cancel (P7). */
export function decideCharge(order: Pick<OrderInput, "payment" | "items">, done: readonly string[]): ChargeDecision {
  if (order.payment === undefined) return { kind: "none" };
  const paid = order.items.filter((item) => item.price > 0 && done.includes(requestKeyText(item)));
  const sum = paid.reduce((total, item) => total + item.price, 0);
  return sum === 0 ? { kind: "cancel" } : { kind: "capture", items: paid.map(requestKeyText), sum };
}

/** A captured charge as an effect: in the same words whether it is planned or an old row tells of it. */
export const captureEffect = ({ authorisationId, amount }: Payment): Effect => ({
  ...{ service: "payments", command: "capture", target: authorisationId },
  details: { amount },
});
