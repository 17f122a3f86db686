import * as z from "zod";
import { requestKeyText } from "./ids.ts";
import { itemOutcomes } from "./item-outcomes.ts";
import { OrderInput, type OrderOutcome, orderStatus } from "./order.ts";
import { ItemOutcome, SoftError } from "./outcome.ts";
import type { EffectLedger } from "./ports.ts";
import { type ChargeDeps, settleCharge } from "./settle-charge.ts";

/**
 * What the last state of Order hands over: its input, and what the Map's Actions returned, in the items' order; or the
 * refusal that ended the order before any of its items began.
 */
export const FinishInput = z.strictObject({
  order: OrderInput,
  /** Redrives of the order's execution. */
  generation: z.int().nonnegative(),
  results: z.array(
    z.discriminatedUnion("status", [
      z.object({ ...ItemOutcome.shape, status: z.literal("COMPLETED") }),
      z.object({ ...ItemOutcome.shape, status: z.literal("FAILED") }),
    ]),
  ),
  refusal: SoftError.optional(),
});
export type FinishInput = z.infer<typeof FinishInput>;

/**
 * The end of an order: the charge is decided and carried out (N6), and the output says item by item what happened (N5).
 * @throws BridgeError as settleCharge does; Step Functions retries.
 */
export async function finishOrder(
  deps: ChargeDeps & { readonly effects: Pick<EffectLedger, "read"> },
  { order, generation, results, refusal }: FinishInput,
): Promise<OrderOutcome> {
  const charge = await settleCharge(deps, order, generation);
  const reported = new Map(
    results.map(({ itemId: _, route, requestId, ...outcome }) => [requestKeyText({ route, requestId }), outcome]),
  );
  const otherwise = refusal ?? { Code: "ITEM_NOT_DONE", Message: "the item's work was not done", Retryable: false };
  const items = await itemOutcomes(deps.effects, order, charge, reported, otherwise);
  const { decision, mismatch } = charge;
  return {
    status: orderStatus(items),
    items,
    charge: decision,
    ...(mismatch !== undefined && { chargeMismatch: mismatch }),
  };
}
