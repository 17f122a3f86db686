import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { DeleteMessageBatchCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { type FunctionName, LEDGER_READER } from "@crossfade/bridge/deployment";
import { type SqsRecord, type StreamRecord, toSqsRecord, toStreamRecord } from "@crossfade/local/records";
import * as z from "zod";
import { eventually } from "../../test/integration/support/eventually.ts";
import type { CountedWorld } from "./world.ts";

/** SQS counts 64 KB of payload as one request, so that a call may be several. */
export const requestsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / 65_536));

export function inBatches<Value>(values: readonly Value[], size: number): readonly (readonly Value[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, n) => values.slice(n * size, (n + 1) * size));
}

/** The sort keys that pass the filter of compare's mapping. */
const COUNTED: ReadonlySet<string> = new Set(LEDGER_READER.filter.dynamodb.Keys.sk.S.map((S) => JSON.stringify({ S })));

const Response = z.object({ batchItemFailures: z.array(z.unknown()) });

/** A queue that Lambda polls. */
export interface PolledQueue {
  readonly url: string;
  readonly arn: string;
}

/** Does by hand, batch by batch, what Lambda's pollers do by themselves. */
export class Hands {
  readonly #world: CountedWorld;
  readonly #streams = new DynamoDBStreamsClient({});
  readonly #taken = new Map<string, SqsRecord[]>();
  readonly #iterators = new Map<string, string[]>();

  constructor(world: CountedWorld) {
    this.#world = world;
  }

  /** So many messages of a queue, of those that are wanted; the others stay in hand. */
  async takeFrom(queue: PolledQueue, count: number, wanted = (_: SqsRecord) => true): Promise<readonly SqsRecord[]> {
    const inHand = this.#taken.get(queue.url) ?? [];
    return eventually(`${count} messages in ${queue.arn}`, async () => {
      inHand.push(...(await this.#receive(queue)));
      const found = inHand.filter(wanted).slice(0, count);
      if (found.length < count) return undefined;
      this.#taken.set(
        queue.url,
        inHand.filter((record) => !found.includes(record)),
      );
      return found;
    });
  }

  async #receive({ url: QueueUrl, arn }: PolledQueue): Promise<readonly SqsRecord[]> {
    const { Messages = [] } = await this.#world.sqs.send(
      new ReceiveMessageCommand({
        ...{ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 },
        ...{ MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"] },
      }),
    );
    return Messages.map((message) => toSqsRecord(message, arn));
  }

  /** Invokes the function on batches of that size, each received by one call and deleted by another. */
  async handle(
    name: FunctionName,
    { url: QueueUrl }: PolledQueue,
    records: readonly SqsRecord[],
    size: number,
  ): Promise<void> {
    for (const batch of inBatches(records, size)) {
      await this.#invoke(name, batch);
      const Entries = batch.map(({ receiptHandle }, i) => ({ Id: String(i), ReceiptHandle: receiptHandle }));
      await this.#world.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      const bytes = batch.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
      this.#world.tally.polled({ by: "Lambda", requests: requestsOf(bytes) + 1 });
    }
  }

  /** Lets observe see everything that the stream of the tracking table holds by now. Reading it costs nothing. */
  async observe(size: number): Promise<void> {
    const stream = z.string().parse(this.#world.bridge.stream?.options.streamArn);
    for (const batch of inBatches(await this.#newRecords(stream), size)) await this.#invoke("observe", batch);
  }

  /** Lets compare count what the stream of the ledger holds by now: what came within its window. */
  async count(): Promise<void> {
    const records = await this.#newRecords(this.#world.bridge.ledgerStream.options.streamArn);
    const counted = records.filter(({ dynamodb: { Keys } }) => COUNTED.has(JSON.stringify(Keys["sk"])));
    for (const batch of inBatches(counted, LEDGER_READER.batchSize)) await this.#invoke("compare", batch);
  }

  async #invoke(name: FunctionName, Records: readonly (SqsRecord | StreamRecord)[]): Promise<void> {
    const result = await this.#world.cloud.functions.invoke(`crossfade-${name}`, { Records });
    if (result.kind === "failed") throw new Error(result.errorMessage);
    const { batchItemFailures } = Response.parse(result.payload);
    if (batchItemFailures.length > 0) throw new Error(`${name} reports ${batchItemFailures.length} records as failed`);
  }

  async #newRecords(StreamArn: string): Promise<readonly StreamRecord[]> {
    const iterators = this.#iterators.get(StreamArn) ?? (await this.#openShards(StreamArn));
    const found: StreamRecord[] = [];
    for (const [n, first] of iterators.entries()) {
      let iterator: string = first;
      for (;;) {
        const page = await this.#streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
        iterator = page.NextShardIterator ?? iterator;
        if (page.Records === undefined || page.Records.length === 0) break;
        found.push(...page.Records.map((record) => toStreamRecord(record, StreamArn)));
      }
      iterators[n] = iterator;
    }
    this.#iterators.set(StreamArn, iterators);
    return found;
  }

  async #openShards(StreamArn: string): Promise<string[]> {
    const { StreamDescription } = await this.#streams.send(new DescribeStreamCommand({ StreamArn }));
    return Promise.all(
      (StreamDescription?.Shards ?? []).map(async ({ ShardId }) => {
        const ask = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" });
        return z.string().parse((await this.#streams.send(ask)).ShardIterator);
      }),
    );
  }

  close(): void {
    this.#streams.destroy();
  }
}
