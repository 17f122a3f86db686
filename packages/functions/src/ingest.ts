import { type IngestOutcome, ingestRecord, type ShadowStart } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import { eachRecord } from "./batch.ts";
import { composeIngest } from "./compose.ts";
import { passes } from "./passing.ts";
import { errorFields, telemetry } from "./telemetry.ts";

const { logger, count, time, tell, flush } = telemetry("ingest");
let oldestRollout = 0;
const deps = await composeIngest((_, ageMs) => {
  oldestRollout = Math.max(oldestRollout, ageMs);
});

const fieldsOf = (outcome: IngestOutcome): Record<string, unknown> => {
  switch (outcome.kind) {
    case "failed":
      return { ...errorFields(outcome.error), correlationId: outcome.correlationId };
    case "quarantined":
      // Not the field: the name of an unknown one is the sender's text.
      return { code: outcome.code };
    default:
      return { route: outcome.key.route, requestId: outcome.key.requestId, correlationId: outcome.correlationId };
  }
};

/** A plan that did not begin is told and counted, and is nobody else's trouble (X3). */
function tellShadow(shadow: ShadowStart | undefined, ids: Record<string, unknown>): void {
  if (shadow === undefined) return;
  count(`Ingest.shadow-${shadow.kind}`);
  if (shadow.kind === "started") {
    if (shadow.twinError !== undefined) tell("Shadow's twin not started", shadow.twinError, ids);
    return;
  }
  tell("Shadow not started", shadow.error, ids);
  if (shadow.unrecorded !== undefined) tell("Shadow's failure not recorded", shadow.unrecorded, ids);
}

/** SQS batches of the legacy queues: every message gets exactly one path (design, section 4). */
export async function handler(event: unknown): Promise<SQSBatchResponse> {
  oldestRollout = 0;
  const response = await eachRecord(
    event,
    async (record) => {
      logger.info("Record received", { messageId: record.messageId });
      const outcome = await ingestRecord(deps, record);
      logger.info("Record handled", { messageId: record.messageId, outcome: outcome.kind, ...fieldsOf(outcome) });
      count(`Ingest.${outcome.kind}`);
      // Compared with what SQS says was deleted from the sources: nothing is acknowledged that was not accounted for (P9).
      if (outcome.kind !== "failed") count("Ingest.accounted");
      if ("shadow" in outcome) tellShadow(outcome.shadow, fieldsOf(outcome));
      if (outcome.kind === "failed" && !passes(outcome.error)) {
        tell("Record failed", outcome.error, { messageId: record.messageId, correlationId: outcome.correlationId });
      }
      return outcome.kind !== "failed";
    },
    (record, error) => tell("Record failed", error, { messageId: record.messageId }),
  );
  time("RolloutAgeMs", oldestRollout);
  await flush();
  return response;
}
