import { setTimeout as pause } from "node:timers/promises";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { LegacyMessage } from "../messages/index.ts";
import { ServiceError } from "../service-client.ts";
import { readMessage } from "./message-body.ts";
import { oneAtATime } from "./one-at-a-time.ts";

export interface WorkerOptions {
  /** Standard and FIFO queues alike. */
  readonly queueUrls: readonly string[];
  /** Seconds a receive waits for a message, 0 to 20; 20 unless given. */
  readonly waitSeconds?: number;
  /** Seconds for which a message is kept from others, and by which it is kept again; 30 unless given. */
  readonly visibilitySeconds?: number;
  /** Told of every failure; the message comes back when its visibility timeout ends. A replaced worker stops. */
  readonly onError?: (error: unknown) => void;
}

export interface Worker {
  start(): Promise<void>;
  /**
   * Resolves when no poll is under way any more and everything received is done: after `waitSeconds` and one piece of
   * work at most. Polls are not cut off: the queue may have given a message to one, and would hide it for its whole
   * visibility timeout.
   */
  stop(): Promise<void>;
}

/** Keeps a message from other receivers until the work is over. */
async function keepInvisible(
  sqs: SQSClient,
  QueueUrl: string,
  ReceiptHandle: string,
  seconds: number,
  until: AbortSignal,
) {
  for (;;) {
    const over = await pause((seconds * 1000) / 2, false, { signal: until }).catch(() => true);
    if (over) return;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: seconds }));
  }
}

/** A consumer that polls its queues and works one message at a time over all of them. */
export function createWorker(
  sqs: SQSClient,
  options: WorkerOptions,
  login: () => Promise<void>,
  work: (message: LegacyMessage) => Promise<void>,
): Worker {
  const { queueUrls, waitSeconds = 20, visibilitySeconds = 30, onError = () => undefined } = options;
  const inTurn = oneAtATime();
  const stopping = new AbortController();
  let polling: Promise<unknown> = Promise.resolve();

  async function handle(queueUrl: string, { Body, ReceiptHandle }: Message): Promise<void> {
    if (Body === undefined || ReceiptHandle === undefined) return;
    const over = new AbortController();
    const kept = keepInvisible(sqs, queueUrl, ReceiptHandle, visibilitySeconds, over.signal).catch(onError);
    try {
      await inTurn(() => work(readMessage(Body)));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    } finally {
      over.abort();
      await kept;
    }
  }

  async function poll(queueUrl: string): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: queueUrl,
            MaxNumberOfMessages: 1,
            WaitTimeSeconds: waitSeconds,
            VisibilityTimeout: visibilitySeconds,
          }),
        );
        for (const message of Messages) await handle(queueUrl, message);
      } catch (error) {
        if (stopping.signal.aborted) return;
        onError(error);
        if (error instanceof ServiceError && error.code === "SESSION_CLOSED") stopping.abort();
        await pause(100, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  return {
    async start() {
      await login();
      polling = Promise.all(queueUrls.map(poll));
    },
    async stop() {
      stopping.abort();
      await polling;
    },
  };
}
