import { BridgeError } from "./errors.ts";
import type { StatusChangeEvent } from "./execution-event.ts";
import { type ExecutionStatus, fenceOf } from "./fence.ts";
import { itemOutcomes } from "./item-outcomes.ts";
import { type EvidenceDeps, type KeptEvidence, keepEvidence } from "./keep-evidence.ts";
import { type MirrorDeps, mirrorItems } from "./mirror.ts";
import { OrderInput, type ShadowOrder } from "./order.ts";
import type { ItemOutcome } from "./outcome.ts";
import type { EffectLedger, ExecutionDescription } from "./ports.ts";
import { type ChargeDeps, type SettledCharge, settleCharge } from "./settle-charge.ts";
import { endShadow, shadowIn } from "./shadow-end.ts";

export type SettleDeps = MirrorDeps & ChargeDeps & EvidenceDeps & { readonly effects: Pick<EffectLedger, "read"> };

/** What is to be told of an order that was settled. */
export interface Settled {
  readonly kind: "settled";
  readonly executionArn: string;
  readonly status: ExecutionStatus;
  readonly order: OrderInput;
  readonly charge: SettledCharge;
  readonly ends: readonly ItemOutcome[];
  /** Items whose row is another route's request. */
  readonly withoutRow: number;
  /** Where it broke and the tail of its history, to be logged with the error (R4). */
  readonly kept: KeptEvidence;
}

/** `superseded`: the order has been redriven since, and is not at its end. `shadow`: there was nothing to settle. */
export type SettleOutcome =
  | { readonly kind: "ignored" }
  | { readonly kind: "shadow"; readonly order: ShadowOrder }
  | { readonly kind: "superseded"; readonly order: OrderInput }
  | Settled;

/**
 * The end of an order that failed, timed out or was stopped (N7): waits for open effects, decides the charge (captures
 * what is known done, cancels otherwise), ends the rows from the recorded results. Always from DescribeExecution: an
 * execution that has been redriven since is not at its end.
 * @throws BridgeError EFFECT_OPEN, CHARGE_REFUSED, ROW_NOT_YET_WRITTEN (retry).
 */
export async function settleEvent(deps: SettleDeps, event: StatusChangeEvent): Promise<SettleOutcome> {
  return settleExecution(deps, await deps.executions.describe(event.detail.executionArn));
}

/** As settleEvent, for an execution as DescribeExecution told it. */
export async function settleExecution(deps: SettleDeps, execution: ExecutionDescription): Promise<SettleOutcome> {
  const fence = fenceOf(execution.status, execution.redriveCount);
  if (fence === undefined || execution.status === "RUNNING" || execution.status === "SUCCEEDED")
    return { kind: "ignored" };
  const shadow = shadowIn(execution);
  if (shadow !== undefined) {
    await endShadow(deps.claims, shadow, execution);
    return { kind: "shadow", order: shadow };
  }
  const order = OrderInput.parse(JSON.parse(execution.input));
  const generation = execution.redriveCount;
  const charge = await settleCharge(deps, order, generation).catch((error: unknown) => {
    if (error instanceof BridgeError && error.code === "SUPERSEDED") return undefined;
    throw error;
  });
  if (charge === undefined) return { kind: "superseded", order };
  const otherwise = {
    Code: `ORDER_${execution.status}`,
    Message: execution.error ?? "the order was stopped",
    Retryable: true,
  };
  const ends = await itemOutcomes(deps.effects, order, charge, new Map(), otherwise);
  const standing = { fence, generation, at: execution.stoppedAt ?? execution.startedAt };
  const withoutRow = await mirrorItems(deps, order, standing, ends);
  const { executionArn, status } = execution;
  const kept = await keepEvidence(deps, order, execution);
  return { kind: "settled", executionArn, status, order, charge, ends, withoutRow, kept };
}
