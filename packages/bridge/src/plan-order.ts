import * as z from "zod";
import { captureEffect, decideCharge } from "./charge.ts";
import { requestKeyText } from "./ids.ts";
import { type OrderItem, type OrderOutcome, orderStatus, ShadowOrder, type WholeItem } from "./order.ts";
import type { Effect, ItemOutcome, Outcome } from "./outcome.ts";
import { withInput } from "./payloads.ts";
import type { PayloadStore } from "./ports.ts";
import { explain } from "./route.ts";

/** What Order hands over in shadow: its input. */
export const PlanTask = z.strictObject({ order: ShadowOrder });

export interface PlanDeps {
  /** The contract's own: the external commands that an item's Action would send, as effects. Pure. */
  readonly plan: (item: WholeItem) => Outcome;
  readonly payloads: Pick<PayloadStore, "get">;
}

/** Why there is no plan: the field at fault where the contract names one, and nothing of what stands in it. */
function whyNot(error: unknown): string {
  if (error instanceof z.ZodError) return `the item cannot be planned: ${explain(error).field}`;
  return `the item cannot be planned: ${error instanceof Error ? error.name : "unknown"}`;
}

/** Whatever a contract throws is its item's fault: it would throw again. */
function planned(plan: PlanDeps["plan"], item: WholeItem): Outcome {
  try {
    return plan(item);
  } catch (error) {
    return {
      status: "FAILED",
      Error: { Code: "PLAN_FAILED", Message: whyNot(error), Retryable: false },
      effects: [],
    };
  }
}

/** What would be captured for an item that is done. */
const chargeFor = ({ payment }: ShadowOrder, { price }: OrderItem): readonly Effect[] =>
  payment === undefined || price === 0 ? [] : [captureEffect({ ...payment, amount: price })];

async function planItem(deps: PlanDeps, order: ShadowOrder, item: OrderItem): Promise<ItemOutcome> {
  const { itemId, route, requestId } = item;
  const outcome = await withInput(deps.payloads, item, async (input) => planned(deps.plan, { ...item, input }));
  const effects = outcome.status === "FAILED" ? outcome.effects : [...outcome.effects, ...chargeFor(order, item)];
  return { itemId, route, requestId, ...outcome, effects };
}

/**
 * What an order would do if it were carried out (X3): item by item the commands and the charge, as if nobody refused
 * anything. It reads claim checks and touches nothing (P8).
 */
export async function planOrder(deps: PlanDeps, order: ShadowOrder): Promise<OrderOutcome> {
  const items = await Promise.all(order.items.map((item) => planItem(deps, order, item)));
  const done = items.filter(({ status }) => status !== "FAILED").map(requestKeyText);
  return { status: orderStatus(items), items, charge: decideCharge(order, done) };
}
