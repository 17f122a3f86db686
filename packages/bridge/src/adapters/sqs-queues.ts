import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import * as z from "zod";
import type { Queues } from "../attach/ports.ts";
import type { QueueSight } from "../attach/seen.ts";
import { SqsRecord } from "../envelope.ts";
import { BridgeError } from "../errors.ts";

const count = z.coerce.number().int().nonnegative();

const RedrivePolicy = z.object({ maxReceiveCount: z.coerce.number().int().positive() });

const Attributes = z.object({
  QueueArn: z.string(),
  VisibilityTimeout: count,
  ApproximateNumberOfMessages: count,
  ApproximateNumberOfMessagesNotVisible: count,
  ApproximateNumberOfMessagesDelayed: count,
  RedrivePolicy: z.string().optional(),
});

/** SQS's limit for messages in one call. */
const MOST = 10;
/** Seconds of a long poll: it asks every server, so that an empty answer says that there is nothing. */
const LONG_POLL = 2;

/** A message as Lambda would deliver it. */
function recordOf(message: Message, eventSourceARN: string): SqsRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { DataType = "", StringValue, BinaryValue }]) => {
      const binaryValue = BinaryValue && Buffer.from(BinaryValue).toString("base64");
      return [name, { dataType: DataType, stringValue: StringValue, binaryValue }] as const;
    },
  );
  return SqsRecord.parse({
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(attributes),
    eventSourceARN,
  });
}

/** What an operator does at queues; messages are received by hand only where nobody else reads them. */
export class SqsQueues implements Queues {
  readonly #client: SQSClient;

  constructor(client: SQSClient) {
    this.#client = client;
  }

  async look(QueueUrl: string): Promise<QueueSight | undefined> {
    try {
      const answer = await this.#client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
      const found = Attributes.parse(answer.Attributes);
      return {
        arn: found.QueueArn,
        visibilitySeconds: found.VisibilityTimeout,
        visible: found.ApproximateNumberOfMessages,
        inFlight: found.ApproximateNumberOfMessagesNotVisible,
        delayed: found.ApproximateNumberOfMessagesDelayed,
        mostReceives:
          found.RedrivePolicy === undefined
            ? undefined
            : RedrivePolicy.parse(JSON.parse(found.RedrivePolicy)).maxReceiveCount,
      };
    } catch (error) {
      if (error instanceof QueueDoesNotExist) return undefined;
      throw error;
    }
  }

  async receive(QueueUrl: string, queueArn: string, hiddenSeconds: number): Promise<readonly SqsRecord[]> {
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: MOST,
        WaitTimeSeconds: LONG_POLL,
        VisibilityTimeout: hiddenSeconds,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      }),
    );
    return Messages.map((message) => recordOf(message, queueArn));
  }

  async hide(QueueUrl: string, receipts: readonly string[], seconds: number): Promise<void> {
    for (const handles of tens(receipts)) {
      const Entries = handles.map((ReceiptHandle, at) => ({
        Id: String(at),
        ReceiptHandle,
        VisibilityTimeout: seconds,
      }));
      // What is refused is visible already, or gone.
      await this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    }
  }

  async acknowledge(QueueUrl: string, receipts: readonly string[]): Promise<void> {
    for (const handles of tens(receipts)) {
      const Entries = handles.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }));
      const { Failed = [] } = await this.#client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length > 0) {
        const message = `SQS did not delete ${Failed.length} messages: ${Failed[0]?.Code ?? "no reason given"}`;
        throw new BridgeError("DEPENDENCY_FAILED", "retry", message);
      }
    }
  }
}

const tens = <T>(list: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / MOST) }, (_, n) => list.slice(n * MOST, (n + 1) * MOST));
