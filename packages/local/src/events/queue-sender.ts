import { setTimeout as pause } from "node:timers/promises";
import {
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
  SQSServiceException,
} from "@aws-sdk/client-sqs";
import { clientOptions } from "../clients.ts";
import { ACCOUNT_ID } from "../contract.ts";

/** A text on its way to a queue. */
export interface Message {
  readonly body: string;
  readonly messageGroupId?: string | undefined;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
}

/** Why a message could not be sent. Faults of the sender or the queue are final, all others are tried again. */
export interface SendFailure {
  readonly code: string;
  readonly message: string;
  readonly final: boolean;
  /** How often it was tried, the first time included. */
  readonly attempts: number;
}

type Refusal = Omit<SendFailure, "attempts">;

/** Waits between the attempts, in milliseconds. AWS tries for a day; a local queue is back at once or never. */
const PAUSES_MS = [50, 100, 200];

/** Sends batches with retries. After close, whatever is or would be on its way fails. */
export class QueueSender {
  readonly #client: SQSClient;
  readonly #endpoint: string;
  readonly #closing = new AbortController();

  constructor(endpoint: string, region: string) {
    this.#endpoint = endpoint;
    this.#client = new SQSClient({ ...clientOptions(endpoint, region), useQueueUrlAsEndpoint: false, maxAttempts: 1 });
  }

  /** Sends at most ten messages of at most 1 MiB together; gives back those that could not be sent. Never rejects. */
  async send<M extends Message>(queueArn: string, batch: readonly M[]): Promise<ReadonlyMap<M, SendFailure>> {
    const given = new Map<M, SendFailure>();
    let left = batch;
    for (let attempts = 1; left.length > 0; attempts++) {
      const refusals = await this.#attempt(queueArn, left);
      const wait = PAUSES_MS[attempts - 1];
      const isLast = wait === undefined || this.#closing.signal.aborted;
      const again: M[] = [];
      for (const [message, refusal] of refusals) {
        if (isLast || refusal.final) given.set(message, { ...refusal, attempts });
        else again.push(message);
      }
      left = again;
      // A close cuts the wait short; the attempt that follows fails at once.
      if (left.length > 0) await pause(wait, undefined, { signal: this.#closing.signal }).catch(() => {});
    }
    return given;
  }

  close(): void {
    this.#closing.abort();
    this.#client.destroy();
  }

  async #attempt<M extends Message>(queueArn: string, batch: readonly M[]): Promise<ReadonlyMap<M, Refusal>> {
    const QueueUrl = `${this.#endpoint}/${ACCOUNT_ID}/${queueArn.split(":").at(-1)}`;
    const command = new SendMessageBatchCommand({ QueueUrl, Entries: batch.map(entry) });
    try {
      const { Failed = [] } = await this.#client.send(command, { abortSignal: this.#closing.signal });
      const byId = new Map(Failed.map((failed) => [failed.Id, failed]));
      return new Map(
        batch.flatMap((message, index): [M, Refusal][] => {
          const failed = byId.get(String(index));
          if (failed === undefined) return [];
          const { Code: code = "Unknown", Message: text = "", SenderFault: final = false } = failed;
          return [[message, { code, message: text, final }]];
        }),
      );
    } catch (error) {
      const refusal = refusalOf(error);
      return new Map(batch.map((message) => [message, refusal]));
    }
  }
}

function entry({ body, messageGroupId, attributes }: Message, index: number): SendMessageBatchRequestEntry {
  return {
    Id: String(index),
    MessageBody: body,
    ...(messageGroupId !== undefined && { MessageGroupId: messageGroupId }),
    ...(attributes && { MessageAttributes: attributes }),
  };
}

function refusalOf(error: unknown): Refusal {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { code: name, message, final: error instanceof SQSServiceException && error.$fault === "client" };
}
