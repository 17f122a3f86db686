import { deadLettered } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import { eachRecord } from "./batch.ts";
import { composeDeadLetters } from "./compose.ts";
import { errorFields, telemetry } from "./telemetry.ts";

const { logger, count, flush } = telemetry("delegate-dead-letters");
const deps = composeDeadLetters();

/** Delegated messages that the legacy service could not do: whoever waits for them is told (N4). */
export async function handler(event: unknown): Promise<SQSBatchResponse> {
  const response = await eachRecord(
    event,
    async (record) => {
      const { key, gaveUp } = await deadLettered(deps, record);
      logger.error("Legacy service gave up", { ...key, gaveUp, messageId: record.messageId });
      count("Delegate.deadLettered");
      return true;
    },
    (record, error) => logger.error("Record failed", { messageId: record.messageId, ...errorFields(error) }),
  );
  flush();
  return response;
}
