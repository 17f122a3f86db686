import { StatusChangeEvent, settleEvent } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import { eachRecord } from "./batch.ts";
import { composeRetries, composeSettle } from "./compose.ts";
import { errorFields, telemetry } from "./telemetry.ts";

const { logger, count, flush } = telemetry("settle");
const deps = composeSettle();
const comeBack = composeRetries("SETTLE_QUEUE_URL");

/** Status-change events of failed, timed-out and aborted orders: the charge is settled and the rows end (N7). */
export async function handler(event: unknown): Promise<SQSBatchResponse> {
  const response = await eachRecord(
    event,
    async (record) => {
      const change = StatusChangeEvent.parse(JSON.parse(record.body));
      const { executionArn, status } = change.detail;
      logger.info("Unsuccessful order received", { executionArn, status });
      try {
        const outcome = await settleEvent(deps, change);
        const more =
          outcome.kind === "settled"
            ? {
                correlationId: outcome.order.correlationId,
                charge: outcome.charge.decision.kind,
                chargeMismatch: outcome.charge.mismatch,
                history: outcome.history,
              }
            : {};
        logger.error("Order settled", { executionArn, status, outcome: outcome.kind, ...more });
        count(`Settle.${outcome.kind}`);
        if (outcome.kind === "settled" && outcome.charge.mismatch !== undefined) count("Charge.mismatch");
        return true;
      } catch (error) {
        logger.warn("Order will be settled later", { executionArn, status, ...errorFields(error) });
        count("Settle.failed");
        await comeBack(record);
        return false;
      }
    },
    (record, error) => logger.error("Record failed", { messageId: record.messageId, ...errorFields(error) }),
  );
  flush();
  return response;
}
