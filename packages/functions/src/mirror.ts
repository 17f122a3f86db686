import { mirrorEvent, StatusChangeEvent } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import { eachRecord } from "./batch.ts";
import { composeMirror, composeRetries } from "./compose.ts";
import { errorFields, telemetry } from "./telemetry.ts";

const { logger, count, flush } = telemetry("mirror");
const deps = composeMirror();
const comeBack = composeRetries("MIRROR_QUEUE_URL");

/** Status-change events of Order executions (RUNNING, SUCCEEDED), by way of a queue: told to the tracking table. */
export async function handler(event: unknown): Promise<SQSBatchResponse> {
  const response = await eachRecord(
    event,
    async (record) => {
      const change = StatusChangeEvent.parse(JSON.parse(record.body));
      const { executionArn, status } = change.detail;
      logger.info("Status change received", { executionArn, status });
      try {
        const { kind, order } = await mirrorEvent(deps, change);
        logger.info("Status change mirrored", {
          executionArn,
          status,
          outcome: kind,
          correlationId: order?.correlationId,
        });
        count(`Mirror.${kind}`);
        return true;
      } catch (error) {
        logger.warn("Status change will be tried again", { executionArn, status, ...errorFields(error) });
        count("Mirror.failed");
        await comeBack(record);
        return false;
      }
    },
    (record, error) => logger.error("Record failed", { messageId: record.messageId, ...errorFields(error) }),
  );
  flush();
  return response;
}
