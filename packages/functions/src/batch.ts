import { SqsRecord } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import * as z from "zod";

const SqsEvent = z.object({ Records: z.array(SqsRecord) });

/**
 * Handles the records of an SQS batch side by side, each for itself. Those for which `handle` answers false or throws
 * are reported as failed and come back; all others are acknowledged (partial batch response).
 */
export async function eachRecord(
  event: unknown,
  handle: (record: SqsRecord) => Promise<boolean>,
  onError: (record: SqsRecord, error: unknown) => void,
): Promise<SQSBatchResponse> {
  const { Records } = SqsEvent.parse(event);
  const failures = await Promise.all(
    Records.map(async (record) => {
      const done = await handle(record).catch((error: unknown) => {
        onError(record, error);
        return false;
      });
      return done ? [] : [{ itemIdentifier: record.messageId }];
    }),
  );
  return { batchItemFailures: failures.flat() };
}
