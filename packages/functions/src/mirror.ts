import { mirrorEvent } from "@crossfade/bridge";
import { composeMirror } from "./compose.ts";
import { statusChanges } from "./status-changes.ts";
import { telemetry } from "./telemetry.ts";
import { tellWithoutRow } from "./tell-order.ts";

const tools = telemetry("mirror");
const deps = composeMirror();

/** Status-change events of Order executions (RUNNING, SUCCEEDED), by way of a queue: told to the tracking table. */
export const handler = statusChanges(tools, "Mirror", "MIRROR_QUEUE_URL", async (change) => {
  const { kind, order, withoutRow = 0 } = await mirrorEvent(deps, change);
  tellWithoutRow(tools, withoutRow, order?.correlationId);
  return { outcome: kind, correlationId: order?.correlationId };
});
