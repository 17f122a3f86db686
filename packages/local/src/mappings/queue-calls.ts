import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { pause } from "./mapping.ts";

/** SQS's limit for messages in one call. */
const MESSAGES_PER_CALL = 10;
/** Short, so that stop() is quick without aborting a receive, whose messages would be away until their timeout. */
const WAIT_SECONDS = 1;

export interface BatchRequest {
  readonly queueUrl: string;
  readonly batchSize: number;
  /** How long to go on collecting after the first message. */
  readonly windowMs: number;
  readonly stopped: AbortSignal;
}

/** One batch: ends when it is full, when the window has passed, when stopped, or without a message after one wait. */
export async function receiveBatch(client: SQSClient, request: BatchRequest): Promise<readonly Message[]> {
  const { batchSize, windowMs, stopped } = request;
  const batch = await receive(client, request, batchSize, WAIT_SECONDS);
  if (batch.length === 0) return batch;

  const windowEnds = performance.now() + windowMs;
  while (batch.length < batchSize && !stopped.aborted) {
    const leftMs = windowEnds - performance.now();
    if (leftMs <= 0) break;
    // SQS waits in whole seconds; the rest of the window is waited here.
    if (leftMs < 1000) await pause(leftMs, stopped);
    batch.push(...(await receive(client, request, batchSize - batch.length, leftMs < 1000 ? 0 : WAIT_SECONDS)));
  }
  return batch;
}

async function receive(client: SQSClient, request: BatchRequest, room: number, wait: number): Promise<Message[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: request.queueUrl,
      MaxNumberOfMessages: Math.min(room, MESSAGES_PER_CALL),
      WaitTimeSeconds: wait,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    }),
  );
  return Messages;
}

/** Throws when a call fails or SQS refuses an entry; those messages come back, as under any at-least-once delivery. */
export async function deleteMessages(client: SQSClient, queueUrl: string, handles: readonly string[]): Promise<void> {
  const refused: string[] = [];
  for (let from = 0; from < handles.length; from += MESSAGES_PER_CALL) {
    const Entries = handles
      .slice(from, from + MESSAGES_PER_CALL)
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    refused.push(...Failed.map((failure) => failure.Message ?? failure.Code ?? "no reason given"));
  }
  if (refused.length > 0) throw new Error(`SQS did not delete ${refused.length} messages: ${refused.join("; ")}`);
}
