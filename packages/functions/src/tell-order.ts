import { flaggedItems, type Settled } from "@crossfade/bridge";
import { Finding } from "./error-facts.ts";
import type { Telemetry } from "./telemetry.ts";

/** An order that was settled, and where it broke (R4); what a person must look at has metrics to alarm on. */
export function tellSettled({ logger, count, tell }: Telemetry, settled: Settled): void {
  const { executionArn, status, order, charge, ends, withoutRow, kept } = settled;
  const flagged = flaggedItems(ends);
  const { correlationId, orderId } = order;
  const ids = { executionArn, status, orderId, correlationId };
  const what = { charge: charge.decision.kind, chargeMismatch: charge.mismatch, ...flagged, withoutRow };
  const { failedState, error } = kept.evidence ?? {};
  const text = `the order ended in ${failedState ?? "a state that is not known"}: ${error ?? "no error is named"}`;
  tell("Order settled", new Finding(`ORDER_${status}`, text), { ...ids, ...what, evidence: kept.evidence });
  if (kept.failure !== undefined) {
    tell("Evidence was not kept", kept.failure, ids);
    count("Evidence.failed");
  }
  if (charge.mismatch !== undefined) {
    tell("Charge is not what was decided", new Finding("CHARGE_MISMATCH", charge.mismatch), ids);
    count("Charge.mismatch");
  }
  tellFlagged({ count, tell }, flagged, ids);
  tellWithoutRow({ logger, count }, withoutRow, correlationId);
}

/** Items that are a person's business: done and not paid (P7), or done in part and not taken back (N17). */
export function tellFlagged(
  { count, tell }: Pick<Telemetry, "count" | "tell">,
  { unpaid, partlyDone }: ReturnType<typeof flaggedItems>,
  ids: Readonly<Record<string, unknown>>,
): void {
  if (unpaid > 0) {
    tell("Items are done and not paid", new Finding("ITEMS_UNPAID", "done, and not captured"), { ...ids, unpaid });
    count("Order.unpaidItems", unpaid);
  }
  if (partlyDone > 0) {
    const text = "done in part, and neither finished nor taken back";
    tell("Items are done in part", new Finding("ITEMS_PARTLY_DONE", text), { ...ids, partlyDone });
    count("Order.partlyDoneItems", partlyDone);
  }
}

/** A request that shares its id with another route's: its end stands in the ledger alone. */
export function tellWithoutRow(
  { logger, count }: Pick<Telemetry, "logger" | "count">,
  items: number,
  correlationId: string | undefined,
): void {
  if (items === 0) return;
  logger.error("Row belongs to another route's request", { correlationId, items });
  count("Mirror.withoutRow", items);
}
