import { countClaims } from "@crossfade/bridge";
import { type LedgerChange, LedgerRecord, ledgerChange } from "@crossfade/bridge/adapters/dynamodb-ledger-stream";
import type { DynamoDBBatchResponse } from "aws-lambda";
import * as z from "zod";
import { composeCompare } from "./compose-compare.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("compare");
const deps = composeCompare();

const StreamEvent = z.object({ Records: z.array(LedgerRecord) });

/** What cannot be read would not be readable the next time: it is told, and keeps no record behind it waiting. */
function changeOf(record: LedgerRecord): LedgerChange {
  try {
    return ledgerChange(record);
  } catch (error) {
    tell("Claim not counted", error, { sequenceNumber: record.dynamodb.SequenceNumber });
    count("Compare.unreadable");
    return { kind: "nothing" };
  }
}

/**
 * The stream of the ledger: counts what claims went through, and compares their two sides (X4, P9). A batch that fails
 * comes again as a whole: what was counted of it is not counted twice.
 */
export async function handler(event: unknown): Promise<DynamoDBBatchResponse> {
  const { Records } = StreamEvent.parse(event);
  const [first] = Records;
  if (first === undefined) return { batchItemFailures: [] };
  const { SequenceNumber: itemIdentifier } = first.dynamodb;
  try {
    const changes = Records.map(changeOf);
    const rejected = changes.flatMap((change) => (change.kind === "rejected" ? [change.message] : []));
    const sightings = changes.flatMap((change) => (change.kind === "claim" ? [change.sighting] : []));
    await deps.counts.countRejected(rejected);
    const counted = await countClaims(deps, sightings);
    logger.info("Claims counted", { records: Records.length, counted, rejected: rejected.length });
    count("Compare.counted", counted);
    return { batchItemFailures: [] };
  } catch (error) {
    tell("Claims not counted", error, { sequenceNumber: itemIdentifier });
    count("Compare.failed");
    return { batchItemFailures: [{ itemIdentifier }] };
  } finally {
    await flush();
  }
}
