import { createHash } from "node:crypto";
import { type MessageAttributeValue, SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { BridgeError } from "../errors.ts";
import { requestKeyText } from "../ids.ts";
import type { ForwardMessage, LegacyForwarder } from "../ports.ts";

/** SendMessageBatch takes ten messages, and 1 MiB in all (SQS API reference). */
const MOST = 10;
const MOST_BYTES = 1_048_576;

interface Waiting {
  readonly message: ForwardMessage;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** At most 128 characters of those SQS allows: the request itself where it fits, else its hash. */
const fifoId = (message: ForwardMessage): string => {
  const text = requestKeyText(message.key);
  return /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/.test(text)
    ? text
    : createHash("sha256").update(text).digest("hex");
};

export const toSqsAttributes = (attributes: ForwardMessage["attributes"]): Record<string, MessageAttributeValue> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      {
        DataType: dataType,
        ...(stringValue !== undefined && { StringValue: stringValue }),
        ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, "base64") }),
      },
    ]),
  );

const sizeOf = ({ body, attributes }: ForwardMessage): number =>
  Buffer.byteLength(body) +
  Object.entries(attributes).reduce(
    (sum, [name, { dataType, stringValue = "", binaryValue = "" }]) =>
      sum + Buffer.byteLength(name + dataType + stringValue + binaryValue),
    0,
  );

/** The next batch: as many as fit. */
function take(waiting: Waiting[]): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { message } of waiting) {
    bytes += sizeOf(message);
    if (count === MOST || (count > 0 && bytes > MOST_BYTES)) break;
    count++;
  }
  return waiting.splice(0, count);
}

/**
 * Sends to the forward queues, body and attributes byte for byte. On a FIFO queue group and deduplication id are the
 * request, so that SQS itself drops a second send (A5). Messages of one batch of records share a call.
 */
export class SqsForwarder implements LegacyForwarder {
  readonly #client: SQSClient;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #windowMs: number;

  /** @param windowMs milliseconds for which a send waits for company. */
  constructor(client: SQSClient, windowMs = 5) {
    this.#client = client;
    this.#windowMs = windowMs;
  }

  send(message: ForwardMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(message.queueUrl) ?? [];
      if (waiting.length === 0) setTimeout(() => void this.#flush(message.queueUrl), this.#windowMs);
      waiting.push({ message, resolve, reject });
      this.#waiting.set(message.queueUrl, waiting);
    });
  }

  async #flush(queueUrl: string): Promise<void> {
    const waiting = this.#waiting.get(queueUrl) ?? [];
    this.#waiting.delete(queueUrl);
    const batches: Waiting[][] = [];
    while (waiting.length > 0) batches.push(take(waiting));
    await Promise.all(batches.map((batch) => this.#sendBatch(queueUrl, batch)));
  }

  async #sendBatch(queueUrl: string, batch: readonly Waiting[]): Promise<void> {
    const Entries = batch.map(({ message }, i) => ({
      Id: String(i),
      MessageBody: message.body,
      MessageAttributes: toSqsAttributes(message.attributes),
      ...(message.kind === "fifo" && { MessageGroupId: fifoId(message), MessageDeduplicationId: fifoId(message) }),
    }));
    try {
      const { Successful = [], Failed = [] } = await this.#client.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
      );
      const sent = new Set(Successful.map((entry) => entry.Id));
      for (const [i, waiting] of batch.entries()) {
        if (sent.has(String(i))) waiting.resolve();
        else waiting.reject(refused(Failed.find((entry) => entry.Id === String(i))?.Code));
      }
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}

const refused = (code: string | undefined) =>
  new BridgeError("DEPENDENCY_FAILED", "retry", `the forward queue refused a message: ${code ?? "no answer"}`);
