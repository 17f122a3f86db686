import { settleEvent } from "@crossfade/bridge";
import { composeSettle } from "./compose.ts";
import { statusChanges } from "./status-changes.ts";
import { telemetry } from "./telemetry.ts";
import { tellSettled } from "./tell-order.ts";

const tools = telemetry("settle");
const deps = composeSettle();

/** Status-change events of failed, timed-out and aborted orders: the charge is settled and the rows end (N7). */
export const handler = statusChanges(tools, "Settle", "SETTLE_QUEUE_URL", async (change) => {
  const outcome = await settleEvent(deps, change);
  if (outcome.kind === "ignored") return { outcome: outcome.kind };
  if (outcome.kind === "settled") tellSettled(tools, outcome);
  return { outcome: outcome.kind, correlationId: outcome.order.correlationId };
});
