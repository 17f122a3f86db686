import { createHash } from "node:crypto";
import type { _Record } from "@aws-sdk/client-dynamodb-streams";
import type { FunctionHost } from "../contract.ts";
import { type OnError, pause } from "./mapping.ts";
import { readPartialBatch } from "./partial-batch.ts";
import { type StreamRecord, toStreamRecord } from "./record-shapes.ts";
import { type Batch, planRetry } from "./retry-plan.ts";
import type { StreamMappingOptions } from "./stream.ts";

/** Records that were given up after their retries. */
export interface DiscardedBatch {
  readonly shardId: string;
  readonly records: readonly StreamRecord[];
  /** Invocations that a batch beginning with the first record had at this size, the first one included. */
  readonly attempts: number;
  /** Why the last of them failed. */
  readonly reason: string;
}

export interface PageContext {
  readonly functions: FunctionHost;
  readonly options: StreamMappingOptions;
  /** What does not pass the mapping's filters is done without the function. */
  readonly passes: (record: StreamRecord) => boolean;
  readonly shardId: string;
  readonly stopped: AbortSignal;
  readonly onError: OnError;
  /** The first wait before a retry; it doubles up to LONGEST_BACKOFF_MS. */
  readonly pollMs: number;
}

const LONGEST_BACKOFF_MS = 1000;

/**
 * Handles a page: one lane per key hash, lanes side by side, batches of a lane one after another. Resolves to the number
 * of its records before the first that is neither handled nor given up: all of them, unless the mapping was stopped.
 */
export async function handlePage(page: readonly _Record[], context: PageContext): Promise<number> {
  const { streamArn, parallelizationFactor = 1, batchSize = 100 } = context.options;
  const records = page.map((record) => toStreamRecord(record, streamArn));
  const lanes = Map.groupBy(records.filter(context.passes), (record) =>
    laneOf(record.dynamodb.Keys, parallelizationFactor),
  );
  const left = await Promise.all([...lanes.values()].map((lane) => handleLane(lane, batchSize, context)));
  const firstLeft = records.findIndex((record) => left.includes(record));
  return firstLeft === -1 ? records.length : firstLeft;
}

/** The first record that was left when the mapping was stopped. */
type Left = StreamRecord | undefined;

async function handleLane(lane: readonly StreamRecord[], batchSize: number, context: PageContext): Promise<Left> {
  for (let from = 0; from < lane.length; from += batchSize) {
    const left = await handleBatch({ records: lane.slice(from, from + batchSize), retries: 0 }, context);
    if (left !== undefined) return left;
  }
  return undefined;
}

/** Ends when each record is handled or given up, or the mapping was stopped. */
async function handleBatch(first: Batch<StreamRecord>, context: PageContext): Promise<Left> {
  const { options, shardId, stopped, onError, pollMs } = context;
  const queue = [first];
  for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
    if (stopped.aborted) return batch.records[0];
    const failure = await invoke(batch.records, context);
    if (failure === undefined) continue;
    onError(new Error(`${options.functionName}: ${failure.reason}`));

    const plan = planRetry(batch, failure.from, options);
    if (plan.kind === "discard") {
      options.onFailure?.({ shardId, records: plan.records, attempts: batch.retries + 1, reason: failure.reason });
      continue;
    }
    queue.unshift(...plan.batches);
    await pause(Math.min(pollMs * 2 ** batch.retries, LONGEST_BACKOFF_MS), stopped);
  }
  return undefined;
}

interface Failure {
  /** The index of the first record that failed. */
  readonly from: number;
  readonly reason: string;
}

async function invoke(records: readonly StreamRecord[], context: PageContext): Promise<Failure | undefined> {
  const { functionName, reportBatchItemFailures } = context.options;
  try {
    const result = await context.functions.invoke(functionName, { Records: records });
    if (result.kind === "failed") return { from: 0, reason: `${result.errorType}: ${result.errorMessage}` };
    return reportBatchItemFailures ? reported(result.payload, records) : undefined;
  } catch (error) {
    return { from: 0, reason: String(error) };
  }
}

/** The lowest failed sequence number is the checkpoint: records stand in its order, so the first one found is it. */
function reported(response: unknown, records: readonly StreamRecord[]): Failure | undefined {
  const verdict = readPartialBatch(response, new Set(records.map((record) => record.dynamodb.SequenceNumber)));
  if (verdict.kind === "succeeded") return undefined;
  if (verdict.kind === "all-failed") return { from: 0, reason: verdict.reason };
  const from = records.findIndex((record) => verdict.failed.has(record.dynamodb.SequenceNumber));
  return { from, reason: `reported as failed: ${[...verdict.failed].join(", ")}` };
}

/** Which of `lanes` an item belongs to: the same for the same keys, in whatever order their names stand. */
export function laneOf(keys: StreamRecord["dynamodb"]["Keys"], lanes: number): number {
  if (lanes === 1) return 0;
  const sorted = Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest().readUInt32BE(0) % lanes;
}
