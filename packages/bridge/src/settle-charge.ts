import { decideCharge, type OrderRecord } from "./charge.ts";
import { BridgeError } from "./errors.ts";
import type { ChargeDecision, OrderInput } from "./order.ts";
import type { ChargeLedger, Clock, PaymentRecord, Payments } from "./ports.ts";

const ROUNDS = 5;

export interface ChargeDeps {
  readonly charges: ChargeLedger;
  readonly payments: Payments;
  readonly clock: Clock;
}

/** The charge as it was settled, and the record it was decided on. */
export interface SettledCharge {
  readonly decision: ChargeDecision;
  readonly done: readonly string[];
}

async function decided(deps: ChargeDeps, order: OrderInput): Promise<[OrderRecord, ChargeDecision]> {
  for (let round = 0; round < ROUNDS; round++) {
    const record = await deps.charges.read(order.orderId);
    if (record.decision !== undefined) return [record, record.decision];
    if (record.openEffects.length > 0) break;
    const decision = decideCharge(order, record.done);
    const result = await deps.charges.decide(order.orderId, record.version, decision, deps.clock.now());
    if (result.kind === "decided") return [record, result.decision];
  }
  throw new BridgeError("EFFECT_OPEN", "retry", "the charge waits for work that has begun and not ended", {
    details: { orderId: order.orderId },
  });
}

const agrees = (decision: ChargeDecision, record: PaymentRecord): boolean =>
  decision.kind === "capture"
    ? record.state === "captured" && record.captured === decision.sum
    : record.state === "cancelled";

/** A provider's refusal is read back, never assumed: what it says of the charge in the end must be what was decided. */
async function carryOut(deps: ChargeDeps, order: OrderInput, decision: ChargeDecision): Promise<void> {
  if (order.payment === undefined || decision.kind === "none") return;
  const { authorisationId } = order.payment;
  const record =
    decision.kind === "capture"
      ? await deps.payments.capture(authorisationId, decision.sum, order.orderId)
      : await deps.payments.cancel(authorisationId, order.orderId);
  if (agrees(decision, record)) return;
  throw new BridgeError("CHARGE_MISMATCH", "fatal", "the provider's charge is not the one that was decided", {
    details: { orderId: order.orderId, decided: decision.kind, provider: record.state },
  });
}

/**
 * Decides an order's charge, once and for ever, and carries out what is decided; safe to repeat and to race (P7).
 * @throws BridgeError EFFECT_OPEN (retry) while an effect is open; CHARGE_MISMATCH (fatal).
 */
export async function settleCharge(deps: ChargeDeps, order: OrderInput): Promise<SettledCharge> {
  const [record, decision] = await decided(deps, order);
  if (!record.carriedOut) {
    await carryOut(deps, order, decision);
    await deps.charges.markCarriedOut(order.orderId, deps.clock.now());
  }
  return { decision, done: record.done };
}
