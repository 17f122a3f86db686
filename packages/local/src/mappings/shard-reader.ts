import {
  type _Record,
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import { type OnError, pause } from "./mapping.ts";

export interface ShardReaderOptions {
  readonly client: DynamoDBStreamsClient;
  readonly streamArn: string;
  readonly shardId: string;
  readonly position: "TRIM_HORIZON" | "LATEST";
  readonly pollMs: number;
  readonly stopped: AbortSignal;
  readonly onError: OnError;
  /** The end of the parent shard's reader: a child's records are younger than all of its parent's. */
  readonly after: Promise<void> | undefined;
  /** Resolves when every record of the page is handled or given up, or the mapping was stopped. */
  readonly handle: (records: readonly _Record[]) => Promise<void>;
}

export interface ShardReader {
  /** Resolves when the shard is closed and read to its end, or the mapping is stopped. */
  readonly finished: Promise<void>;
  /** Resolves after a read, begun after this call, that found nothing; or when finished. */
  caughtUp(): Promise<void>;
}

/** Where an iterator is opened. */
type Position =
  | { readonly ShardIteratorType: "TRIM_HORIZON" | "LATEST" }
  | { readonly ShardIteratorType: "AFTER_SEQUENCE_NUMBER"; readonly SequenceNumber: string };

/** The most that one GetRecords call may ask for. */
const RECORDS_PER_READ = 1000;
const PAUSE_AFTER_ERROR_MS = 500;

/** Reads one shard page by page; the next page is read when the one before is handled. */
export function startShardReader(options: ShardReaderOptions): ShardReader {
  const { client, streamArn, shardId, stopped } = options;
  let waiting: (() => void)[] = [];
  let iterator: string | undefined;
  let position: Position = { ShardIteratorType: options.position };

  async function openIterator(): Promise<string | undefined> {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamArn: streamArn, ShardId: shardId, ...position }),
    );
    return ShardIterator;
  }

  /** One page. False when the shard has ended. */
  async function readPage(): Promise<boolean> {
    iterator ??= await openIterator();
    if (iterator === undefined) return false;

    const served = [...waiting];
    const { Records = [], NextShardIterator } = await client.send(
      new GetRecordsCommand({ ShardIterator: iterator, Limit: RECORDS_PER_READ }),
    );
    if (Records.length > 0) await options.handle(Records);
    iterator = NextShardIterator;
    const lastRead = Records.at(-1)?.dynamodb?.SequenceNumber;
    if (lastRead !== undefined) {
      position = { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: lastRead };
    }
    if (iterator === undefined) return false;

    if (Records.length === 0) {
      waiting = waiting.filter((resolve) => !served.includes(resolve));
      for (const resolve of served) resolve();
      await pause(options.pollMs, stopped);
    }
    return true;
  }

  async function read(): Promise<void> {
    await options.after;
    let open = true;
    while (open && !stopped.aborted) {
      open = await readPage().catch(recover);
    }
  }

  async function recover(error: unknown): Promise<boolean> {
    options.onError(error);
    if (error instanceof ExpiredIteratorException) iterator = undefined;
    if (error instanceof TrimmedDataAccessException) {
      // What we had not read is gone (24 hours); go on with the oldest that is left.
      iterator = undefined;
      position = { ShardIteratorType: "TRIM_HORIZON" };
    }
    await pause(PAUSE_AFTER_ERROR_MS, stopped);
    return true;
  }

  const finished = read();
  return {
    finished,
    caughtUp: () => Promise.race([finished, new Promise<void>((resolve) => waiting.push(resolve))]),
  };
}
