import { deadLettered } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import { eachRecord } from "./batch.ts";
import { composeDeadLetters } from "./compose.ts";
import { Finding } from "./error-facts.ts";
import { telemetry } from "./telemetry.ts";

const { count, tell, flush } = telemetry("delegate-dead-letters");
const deps = composeDeadLetters();

const GAVE_UP = new Finding("LEGACY_DEAD_LETTER", "the legacy service did not do delegated work");

/** Delegated messages that the legacy service could not do: whoever waits for them is told (N4). */
export async function handler(event: unknown): Promise<SQSBatchResponse> {
  const response = await eachRecord(
    event,
    async (record) => {
      const { key, gaveUp } = await deadLettered(deps, record);
      tell("Legacy service gave up", GAVE_UP, { ...key, gaveUp, messageId: record.messageId });
      count("Delegate.deadLettered");
      return true;
    },
    (record, error) => tell("Record failed", error, { messageId: record.messageId }),
  );
  await flush();
  return response;
}
