import { DescribeStreamCommand, type DynamoDBStreamsClient, type Shard } from "@aws-sdk/client-dynamodb-streams";
import type { FunctionHost } from "../contract.ts";
import { compilePattern } from "../events/pattern.ts";
import { type Mapping, type OnError, pause, regionOf, requireRange } from "./mapping.ts";
import type { StreamRecord } from "./record-shapes.ts";
import { type ShardProgress, type ShardReader, startShardReader } from "./shard-reader.ts";
import { type DiscardedBatch, handlePage } from "./stream-batches.ts";

export interface StreamMappingOptions {
  readonly streamArn: string;
  readonly functionName: string;
  /** 1 to 10,000, default 100. A batch never holds more than one read gives: 1,000 records. */
  readonly batchSize?: number;
  /** 0 to 300, default 0: how long a batch that is not full waits for company. */
  readonly maximumBatchingWindowSeconds?: number;
  /** Patterns of which a record must match one (Lambda guide, "Control which events Lambda sends"); at most 5. */
  readonly filters?: readonly string[];
  /** Where shards that exist at the start are read from; shards found later are always read from their beginning. */
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
  readonly reportBatchItemFailures?: boolean;
  readonly bisectBatchOnFunctionError?: boolean;
  /** 0 to 10,000; absent: for ever. */
  readonly maximumRetryAttempts?: number;
  /** 1 to 10 invocations at a time for one shard, default 1. */
  readonly parallelizationFactor?: number;
  /** Told of records that are given up after their retries. Must not throw. */
  readonly onFailure?: (discarded: DiscardedBatch) => void;
  readonly onError?: OnError;
  /** Milliseconds between reads of a shard that had nothing, default 50. */
  readonly pollMs?: number;
}

export interface StreamMapping extends Mapping<StreamMappingOptions> {
  /**
   * Resolves when every record that stood in the stream at the call has been handled or given up; under LATEST, the
   * first one also means that what is written from now on will be seen. It waits for a read that finds nothing, so it
   * can take longer while others write. Rejects when the mapping is stopped first.
   */
  caughtUp(): Promise<void>;
}

/** How far a stream is read. It outlives a mapping that is stopped, for another to go on from it. */
export interface StreamProgress {
  readonly shards: Map<string, ShardProgress>;
}

export const newProgress = (): StreamProgress => ({ shards: new Map() });

/** Shards change when a table is split or every few hours; a closed shard makes us look at once. */
const DISCOVER_EVERY_MS = 1000;

/**
 * Feeds a table's stream to a function as Lambda does: in order per shard, a parent shard before its children, and with
 * a parallelization factor in order per item (its keys are hashed). Checkpoints live in memory, in `progress`. Throws for
 * options that AWS refuses and unknown functions.
 */
export function startStreamMapping(
  client: DynamoDBStreamsClient,
  functions: FunctionHost,
  options: StreamMappingOptions,
  progress: StreamProgress = newProgress(),
): StreamMapping {
  checkStreamMapping(functions, options);
  const { streamArn, pollMs = 50, batchSize = 100, maximumBatchingWindowSeconds = 0 } = options;
  const patterns = options.filters?.map(compilePattern);
  const passes = (record: StreamRecord): boolean => patterns?.some((matches) => matches(record)) ?? true;
  const stopping = new AbortController();
  const stopped = stopping.signal;
  const onError: OnError = options.onError ?? (() => undefined);
  const readers = new Map<string, ShardReader>();
  let firstLook = progress.shards.size === 0;
  let wake = new AbortController();

  async function discover(): Promise<void> {
    const shards = await listShards(client, streamArn);
    if (stopped.aborted) return;
    const position = firstLook ? options.startingPosition : "TRIM_HORIZON";
    firstLook = false;
    // Parents stand before their children in the list, so that a child finds its parent's reader.
    for (const { ShardId: shardId, ParentShardId: parent } of shards) {
      if (shardId === undefined || readers.has(shardId)) continue;
      const shard = progress.shards.get(shardId) ?? { position: { ShardIteratorType: position }, isFinished: false };
      progress.shards.set(shardId, shard);
      const reader = startShardReader({
        client,
        streamArn,
        shardId,
        progress: shard,
        pollMs,
        window: { milliseconds: maximumBatchingWindowSeconds * 1000, records: batchSize },
        stopped,
        onError,
        after: parent === undefined ? undefined : readers.get(parent)?.finished,
        handle: (records) => handlePage(records, { functions, options, passes, shardId, stopped, onError, pollMs }),
      });
      readers.set(shardId, reader);
      void reader.finished.then(() => wake.abort());
    }
  }

  // One look at a time: two at once could start a shard twice.
  let looking: Promise<void> = Promise.resolve();
  function look(): Promise<void> {
    const next = looking.then(discover);
    looking = next.catch(() => undefined);
    return next;
  }

  async function keepLooking(): Promise<void> {
    while (!stopped.aborted) {
      wake = new AbortController();
      await look().catch(onError);
      await pause(DISCOVER_EVERY_MS, AbortSignal.any([stopped, wake.signal]));
    }
  }

  const looked = keepLooking();
  return {
    options,
    async caughtUp() {
      await look();
      await Promise.all([...readers.values()].map((reader) => reader.caughtUp()));
      if (stopped.aborted) throw new Error("the stream mapping was stopped before it had caught up");
    },
    async stop() {
      stopping.abort();
      await looked;
      await looking;
      await Promise.all([...readers.values()].map((reader) => reader.finished));
    },
  };
}

async function listShards(client: DynamoDBStreamsClient, streamArn: string): Promise<readonly Shard[]> {
  const shards: Shard[] = [];
  let from: string | undefined;
  do {
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: from }),
    );
    shards.push(...(StreamDescription?.Shards ?? []));
    from = StreamDescription?.LastEvaluatedShardId;
  } while (from !== undefined);
  return shards;
}

export function checkStreamMapping(functions: FunctionHost, options: StreamMappingOptions): void {
  regionOf(options.streamArn);
  requireRange("batchSize", options.batchSize, 1, 10_000);
  requireRange("maximumBatchingWindowSeconds", options.maximumBatchingWindowSeconds, 0, 300);
  requireRange("filters", options.filters?.length, 1, 5);
  for (const filter of options.filters ?? []) compilePattern(filter);
  requireRange("maximumRetryAttempts", options.maximumRetryAttempts, 0, 10_000);
  requireRange("parallelizationFactor", options.parallelizationFactor, 1, 10);
  requireRange("pollMs", options.pollMs, 1, 60_000);
  if (!functions.has(options.functionName)) throw new Error(`no such function: ${options.functionName}`);
}
