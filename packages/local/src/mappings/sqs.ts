import type { SQSClient } from "@aws-sdk/client-sqs";
import type { FunctionHost } from "../contract.ts";
import { type Mapping, type OnError, pause, regionOf, requireRange } from "./mapping.ts";
import { type BatchVerdict, readPartialBatch } from "./partial-batch.ts";
import { deleteMessages, receiveBatch } from "./queue-calls.ts";
import { type SqsRecord, toSqsRecord } from "./record-shapes.ts";

export type { Mapping } from "./mapping.ts";

export interface QueueMappingOptions {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly functionName: string;
  /** 1 to 10,000, default 10; above 10 only with a window, and never for a FIFO queue. */
  readonly batchSize?: number;
  /** 0 to 300 s, default 0. Not for a FIFO queue. */
  readonly maximumBatchingWindowSeconds?: number;
  /** Whether the function's answer may name the failed messages; default false: its answer is ignored. */
  readonly reportBatchItemFailures?: boolean;
  /** 1 to 1,000 invocations at a time, default 5. (AWS asks for at least 2; 1 stands in for reserved concurrency.) */
  readonly maximumConcurrency?: number;
  readonly onError?: OnError;
}

/** The wait after a call to SQS failed. */
const PAUSE_AFTER_ERROR_MS = 500;

/**
 * Feeds a queue to a function as Lambda does: each of `maximumConcurrency` pollers receives a batch, invokes, deletes
 * what succeeded, and leaves the rest to the visibility timeout and the queue's redrive policy. A batch that was
 * received when stop() is called is still handled, so stop() takes up to a second and loses nothing.
 *
 * FIFO queues: SQS keeps the order per group and locks a group while messages of it are in flight, so no two pollers
 * work on one group. When one message of a group fails, the handler must report the later ones of that group too,
 * for what it does not report is deleted (Lambda guide, "Implementing partial batch responses").
 *
 * Batches are not cut at Lambda's payload limit of 6 MB. Throws for options that AWS refuses and unknown functions.
 */
export function startQueueMapping(
  client: SQSClient,
  functions: FunctionHost,
  options: QueueMappingOptions,
): Mapping<QueueMappingOptions> {
  checkQueueMapping(functions, options);
  const { queueUrl, queueArn, functionName, batchSize = 10, maximumConcurrency = 5 } = options;
  const windowMs = (options.maximumBatchingWindowSeconds ?? 0) * 1000;
  const stopping = new AbortController();
  const onError: OnError = options.onError ?? (() => undefined);

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const messages = await receiveBatch(client, { queueUrl, batchSize, windowMs, stopped: stopping.signal });
        if (messages.length > 0) await handle(messages.map((message) => toSqsRecord(message, queueArn)));
      } catch (error) {
        onError(error);
        await pause(PAUSE_AFTER_ERROR_MS, stopping.signal);
      }
    }
  }

  async function handle(records: readonly SqsRecord[]): Promise<void> {
    const verdict = await invoke(records);
    if (verdict.kind === "all-failed") {
      onError(new Error(`${functionName}: ${verdict.reason}`));
      return;
    }
    const done =
      verdict.kind === "succeeded" ? records : records.filter((record) => !verdict.failed.has(record.messageId));
    await deleteMessages(
      client,
      queueUrl,
      done.map((record) => record.receiptHandle),
    );
  }

  async function invoke(records: readonly SqsRecord[]): Promise<BatchVerdict> {
    const result = await functions.invoke(functionName, { Records: records });
    if (result.kind === "failed") return { kind: "all-failed", reason: `${result.errorType}: ${result.errorMessage}` };
    if (!options.reportBatchItemFailures) return { kind: "succeeded" };
    return readPartialBatch(result.payload, new Set(records.map((record) => record.messageId)));
  }

  const pollers = Promise.all(Array.from({ length: maximumConcurrency }, poll));
  return {
    options,
    async stop() {
      stopping.abort();
      await pollers;
    },
  };
}

export function checkQueueMapping(functions: FunctionHost, options: QueueMappingOptions): void {
  const { batchSize, maximumBatchingWindowSeconds: window } = options;
  regionOf(options.queueArn);
  requireRange("batchSize", batchSize, 1, 10_000);
  requireRange("maximumBatchingWindowSeconds", window, 0, 300);
  requireRange("maximumConcurrency", options.maximumConcurrency, 1, 1000);
  const fifo = options.queueArn.endsWith(".fifo");
  if (fifo && window) throw new RangeError("maximumBatchingWindowSeconds is not for FIFO queues");
  if ((batchSize ?? 0) > 10 && !window) {
    throw new RangeError(
      fifo ? "batchSize is at most 10 for FIFO queues" : "batchSize over 10 needs maximumBatchingWindowSeconds",
    );
  }
  if (!functions.has(options.functionName)) throw new Error(`no such function: ${options.functionName}`);
}
