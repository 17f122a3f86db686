import { decideCharge, type OrderRecord } from "./charge.ts";
import { BridgeError } from "./errors.ts";
import type { ChargeDecision, OrderInput } from "./order.ts";
import type { ChargeLedger, Clock, PaymentRecord, Payments } from "./ports.ts";

const ROUNDS = 5;

export interface ChargeDeps {
  readonly charges: ChargeLedger;
  readonly payments: Payments;
  readonly clock: Clock;
  /** Milliseconds for which a capture that the provider refuses is tried again, before the charge is given back. */
  readonly captureWithinMs: number;
}

/** The charge as it was settled, and the record it was decided on. */
export interface SettledCharge {
  readonly decision: ChargeDecision;
  readonly done: readonly string[];
  /** What the provider says of the charge, where that is not what was decided: a person must look. */
  readonly mismatch: string | undefined;
}

/**
 * The decision, as of that generation: one that was made for an earlier redrive stands, and is this one's from then on,
 * so that nobody takes it back who has seen the earlier one only (R11).
 */
async function decided(
  deps: ChargeDeps,
  order: OrderInput,
  generation: number,
): Promise<[OrderRecord, ChargeDecision]> {
  const { orderId } = order;
  for (let round = 0; round < ROUNDS; round++) {
    const record = await deps.charges.read(orderId);
    const { version } = record;
    if (record.generation > generation) {
      throw new BridgeError("SUPERSEDED", "reject", "the order has been redriven since it came to this end", {
        details: { orderId, generation },
      });
    }
    if (record.decision !== undefined) {
      const mine = record.generation === generation || (await deps.charges.raise(orderId, { version, generation }));
      if (mine) return [record, record.decision];
      continue;
    }
    if (record.openEffects.length > 0) break;
    const decision = decideCharge(order, record.done);
    const at = deps.clock.now();
    const result = await deps.charges.decide(orderId, decision, { version, generation, at });
    if (result.kind === "decided") return [{ ...record, decidedAt: at }, result.decision];
  }
  throw new BridgeError("EFFECT_OPEN", "retry", "the charge waits for work that has begun and not ended", {
    details: { orderId: order.orderId },
  });
}

const agrees = (decision: ChargeDecision, record: PaymentRecord): boolean =>
  decision.kind === "capture"
    ? record.state === "captured" && record.captured === decision.sum
    : record.state === "cancelled";

/**
 * A provider's refusal is read back, never assumed: what it says of the charge is compared with what was decided. A
 * charge that ended otherwise (an authorisation that expired, a hand at the provider) is told, and the order goes on to
 * its end with it. One that is still open is tried again; a capture that stays refused is given back in the end, and
 * told, so that no charge is left open.
 */
async function carryOut(
  deps: ChargeDeps,
  order: OrderInput,
  decision: ChargeDecision,
  decidedAt: number,
): Promise<string | undefined> {
  if (order.payment === undefined || decision.kind === "none") return undefined;
  const { authorisationId } = order.payment;
  const cancel = () => deps.payments.cancel(authorisationId, order.orderId);
  const late = deps.clock.now() - decidedAt > deps.captureWithinMs;
  const capture = async (sum: number) => {
    const tried = await deps.payments.capture(authorisationId, sum, order.orderId);
    return tried.state === "authorised" && late ? cancel() : tried;
  };
  const record = await (decision.kind === "capture" ? capture(decision.sum) : cancel()).catch((error: unknown) => {
    if (error instanceof BridgeError && error.code === "CHARGE_UNKNOWN") return undefined;
    throw error;
  });
  if (record === undefined) return "unknown to the provider";
  if (record.endedBy !== undefined && record.endedBy !== order.orderId) return `${record.state} for another order`;
  if (agrees(decision, record)) return undefined;
  if (record.state !== "authorised") return `${record.state} ${record.captured} of ${record.amount}`;
  throw new BridgeError("CHARGE_REFUSED", "retry", "the provider refuses what was decided, and the charge is open", {
    details: { orderId: order.orderId, decided: decision.kind },
  });
}

/**
 * Decides an order's charge, once and for ever, and carries out what is decided; safe to repeat and to race (P7).
 * @param generation the redrives of the execution that has ended, or ends.
 * @throws BridgeError EFFECT_OPEN, CHARGE_REFUSED (retry); SUPERSEDED (reject) when the order has been redriven since: it
 * is not at its end (R8, R8g).
 */
export async function settleCharge(deps: ChargeDeps, order: OrderInput, generation: number): Promise<SettledCharge> {
  const [record, decision] = await decided(deps, order, generation);
  if (record.carriedOut) return { decision, done: record.done, mismatch: record.mismatch };
  const mismatch = await carryOut(deps, order, decision, record.decidedAt ?? deps.clock.now());
  await deps.charges.markCarriedOut(order.orderId, deps.clock.now(), mismatch);
  return { decision, done: record.done, mismatch };
}
