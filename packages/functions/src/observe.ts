import { dispositionOf, observeRow } from "@crossfade/bridge";
import { rowFromImage } from "@crossfade/bridge/adapters/dynamodb-stream";
import type { DynamoDBBatchResponse } from "aws-lambda";
import * as z from "zod";
import { composeObserve } from "./compose.ts";
import { CONTRADICTED } from "./error-facts.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("observe");
const deps = composeObserve();

const StreamEvent = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({ SequenceNumber: z.string(), NewImage: z.record(z.string(), z.unknown()).optional() }),
    }),
  ),
});

/**
 * The stream of the tracking table: legacy outcomes, ends of legacy claims, rows to be restored. Records are taken in
 * order; the first that fails is the checkpoint, and it and all after it come again. What a person must put right first
 * (fatal) is told and passed by.
 */
export async function handler(event: unknown): Promise<DynamoDBBatchResponse> {
  const { Records } = StreamEvent.parse(event);
  try {
    for (const { dynamodb } of Records) {
      if (dynamodb.NewImage === undefined) continue;
      try {
        const { kind, key } = await observeRow(deps, rowFromImage(dynamodb.NewImage));
        if (kind === "contradicted") tell("Row says otherwise", CONTRADICTED, { ...key });
        else if (kind !== "ignored") logger.info("Row observed", { outcome: kind, ...key });
        count(`Observe.${kind}`);
      } catch (error) {
        tell("Row not observed", error, { sequenceNumber: dynamodb.SequenceNumber });
        count("Observe.failed");
        // Coming again would not help it, and would keep every row behind it waiting: reconcile looks at its claim.
        if (dispositionOf(error) === "fatal") continue;
        return { batchItemFailures: [{ itemIdentifier: dynamodb.SequenceNumber }] };
      }
    }
    return { batchItemFailures: [] };
  } finally {
    await flush();
  }
}
