import { requestKeyText } from "./ids.ts";
import type { OrderInput, OrderItem } from "./order.ts";
import type { ItemOutcome, Outcome, SoftError } from "./outcome.ts";
import type { EffectLedger, EffectRecord } from "./ports.ts";
import type { SettledCharge } from "./settle-charge.ts";

/** What the records of an item's effects say together; undefined when none has ended. */
function recorded(effects: readonly EffectRecord[]): Outcome | undefined {
  const outcomes = effects.flatMap((effect) => (effect.outcome === undefined ? [] : [effect.outcome]));
  const failed = outcomes.find((outcome) => outcome.status === "FAILED");
  const last = failed ?? outcomes.at(-1);
  return last && { ...last, effects: outcomes.flatMap((outcome) => outcome.effects) };
}

const failure = (error: SoftError): Outcome => ({ status: "FAILED", Error: error, effects: [] });

/** A paid item that is done and stands outside the captured set is flagged, never silent (P7). */
function statusOf(item: OrderItem, order: OrderInput, charge: SettledCharge): ItemOutcome["status"] {
  const unpaid =
    order.payment !== undefined &&
    item.price > 0 &&
    (charge.mismatch !== undefined ||
      !(charge.decision.kind === "capture" && charge.decision.items.includes(requestKeyText(item))));
  return unpaid ? "COMPLETED_UNPAID" : "COMPLETED";
}

/**
 * Item by item what happened (N5). The ledger outranks what the execution saw: an Action that timed out after its
 * work was done is done.
 * @param reported by request key, what the Actions returned; an item without one gets `otherwise`.
 */
export async function itemOutcomes(
  ledger: Pick<EffectLedger, "read">,
  order: OrderInput,
  charge: SettledCharge,
  reported: ReadonlyMap<string, Outcome>,
  otherwise: SoftError,
): Promise<ItemOutcome[]> {
  return Promise.all(
    order.items.map(async (item): Promise<ItemOutcome> => {
      const key = requestKeyText(item);
      const done = charge.done.includes(key);
      const seen = reported.get(key);
      const agreed = seen !== undefined && (seen.status !== "FAILED") === done;
      const outcome = agreed ? seen : (recorded(await ledger.read(item)) ?? seen ?? failure(otherwise));
      const { itemId, route, requestId } = item;
      if (!done) return { itemId, route, requestId, ...outcome, status: "FAILED", Error: outcome.Error ?? otherwise };
      const { Error: _, ...completed } = outcome;
      return { itemId, route, requestId, ...completed, status: statusOf(item, order, charge) };
    }),
  );
}
