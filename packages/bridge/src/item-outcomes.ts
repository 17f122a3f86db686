import { requestKeyText } from "./ids.ts";
import type { OrderInput, OrderItem } from "./order.ts";
import type { ItemOutcome, Outcome, SoftError } from "./outcome.ts";
import type { EffectLedger, EffectRecord, EffectRole } from "./ports.ts";
import type { SettledCharge } from "./settle-charge.ts";

/** What the records of an item's effects say together; undefined when none has ended. */
function recorded(effects: readonly EffectRecord[]): Outcome | undefined {
  const outcomes = effects.flatMap((effect) => (effect.outcome === undefined ? [] : [effect.outcome]));
  const failed = outcomes.find((outcome) => outcome.status === "FAILED");
  const last = failed ?? outcomes.at(-1);
  return last && { ...last, effects: outcomes.flatMap((outcome) => outcome.effects) };
}

/**
 * Begins the code of an item of which one command of several was done, and neither finished nor taken back: a person
 * must look.
 */
export const PARTLY_DONE = "PARTLY_DONE";

/** The part of an order's items that a person must look at: done and not paid (P7), or done in part. */
export const flaggedItems = (items: readonly ItemOutcome[]) => ({
  unpaid: items.filter((item) => item.status === "COMPLETED_UNPAID").length,
  partlyDone: items.filter((item) => item.Error?.Code.startsWith(PARTLY_DONE)).length,
});

const completed = (effects: readonly EffectRecord[], role: EffectRole) =>
  effects.flatMap(({ role: its, outcome }) => (its === role && outcome?.status === "COMPLETED" ? [outcome] : []));

/** Why an item is not done; where a part of it was done and not taken back, that comes first, whoever told of the end. */
function flagged(effects: readonly EffectRecord[], error: SoftError): SoftError {
  const parts = completed(effects, "part").flatMap((outcome) => outcome.effects);
  const takenBack = completed(effects, "reversal").length > 0;
  if (parts.length === 0 || takenBack || error.Code.startsWith(PARTLY_DONE)) return error;
  const done = parts.map(({ service, command }) => `${service} ${command}`).join(", ");
  const Message = `done and not taken back: ${done}; ${error.Message}`.slice(0, 1000);
  return { Code: PARTLY_DONE, Message, Retryable: false };
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
      const effects = agreed && done ? [] : await ledger.read(item);
      const outcome = agreed ? seen : (recorded(effects) ?? seen ?? failure(otherwise));
      const { itemId, route, requestId } = item;
      if (!done) {
        const error = flagged(effects, outcome.Error ?? otherwise);
        const known = outcome.effects.length > 0 ? outcome.effects : (recorded(effects)?.effects ?? []);
        return { itemId, route, requestId, ...outcome, status: "FAILED", Error: error, effects: known };
      }
      const { Error: _, ...completed } = outcome;
      return { itemId, route, requestId, ...completed, status: statusOf(item, order, charge) };
    }),
  );
}
