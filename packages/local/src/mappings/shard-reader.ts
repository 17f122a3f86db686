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
  /** Where to begin; kept up to date, so that a later reader can go on from it. */
  readonly progress: ShardProgress;
  readonly pollMs: number;
  /** For so long a page waits for more records, unless it has that many. */
  readonly window: { readonly milliseconds: number; readonly records: number };
  readonly stopped: AbortSignal;
  readonly onError: OnError;
  /** The end of the parent shard's reader: a child's records are younger than all of its parent's. */
  readonly after: Promise<void> | undefined;
  /** Resolves when the page is done, or the mapping was stopped: to how many of its first records were. */
  readonly handle: (records: readonly _Record[]) => Promise<number>;
}

export interface ShardReader {
  /** Resolves when the shard is closed and read to its end, or the mapping is stopped. */
  readonly finished: Promise<void>;
  /** Resolves after a read, begun after this call, that found nothing; or when finished. */
  caughtUp(): Promise<void>;
}

/** How far a shard is read. */
export interface ShardProgress {
  position: Position;
  /** Good for 15 minutes; after that the position has to do. */
  iterator?: string | undefined;
  /** Whether the shard is closed and read to its end. */
  isFinished: boolean;
}

/** Where an iterator is opened. */
type Position =
  | { readonly ShardIteratorType: "TRIM_HORIZON" | "LATEST" }
  | { readonly ShardIteratorType: "AFTER_SEQUENCE_NUMBER"; readonly SequenceNumber: string };

interface Page {
  readonly records: readonly _Record[];
  readonly next: string | undefined;
}

/** The most that one GetRecords call may ask for. */
const RECORDS_PER_READ = 1000;
const PAUSE_AFTER_ERROR_MS = 500;

/** Reads one shard page by page; the next page is read when the one before is handled. */
export function startShardReader(options: ShardReaderOptions): ShardReader {
  const { client, streamArn, shardId, stopped, progress, window } = options;
  let waiting: (() => void)[] = [];

  async function openIterator(): Promise<string | undefined> {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamArn: streamArn, ShardId: shardId, ...progress.position }),
    );
    return ShardIterator;
  }

  async function get(ShardIterator: string): Promise<Page> {
    const { Records = [], NextShardIterator } = await client.send(
      new GetRecordsCommand({ ShardIterator, Limit: RECORDS_PER_READ }),
    );
    return { records: Records, next: NextShardIterator };
  }

  /** What the shard has, and what comes within the window while that is no full batch. */
  async function gather(iterator: string): Promise<Page> {
    let page = await get(iterator);
    if (page.records.length === 0) return page;
    const until = Date.now() + window.milliseconds;
    while (page.records.length < window.records && page.next !== undefined && Date.now() < until && !stopped.aborted) {
      await pause(Math.min(options.pollMs, until - Date.now()), stopped);
      const { records, next } = await get(page.next);
      page = { records: [...page.records, ...records], next };
    }
    return page;
  }

  /** One page. False when the shard has ended. */
  async function readPage(): Promise<boolean> {
    progress.iterator ??= await openIterator();
    if (progress.iterator === undefined) return false;

    const served = [...waiting];
    const { records: Records, next: NextShardIterator } = await gather(progress.iterator);
    const done = Records.length === 0 ? 0 : await options.handle(Records);
    const lastDone = Records[done - 1]?.dynamodb?.SequenceNumber;
    if (lastDone !== undefined) {
      progress.position = { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: lastDone };
    }
    if (done < Records.length) {
      // Stopped within the page: whoever goes on begins with the first record that is not done.
      if (lastDone !== undefined) progress.iterator = undefined;
      return true;
    }
    progress.iterator = NextShardIterator;
    if (NextShardIterator === undefined) return false;

    if (Records.length === 0) {
      waiting = waiting.filter((resolve) => !served.includes(resolve));
      for (const resolve of served) resolve();
      await pause(options.pollMs, stopped);
    }
    return true;
  }

  async function read(): Promise<void> {
    await options.after;
    while (!progress.isFinished && !stopped.aborted) {
      progress.isFinished = !(await readPage().catch(recover));
    }
  }

  async function recover(error: unknown): Promise<boolean> {
    options.onError(error);
    if (error instanceof ExpiredIteratorException) progress.iterator = undefined;
    if (error instanceof TrimmedDataAccessException) {
      // What we had not read is gone (24 hours); go on with the oldest that is left.
      progress.iterator = undefined;
      progress.position = { ShardIteratorType: "TRIM_HORIZON" };
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
