import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
  SQSServiceException,
} from "@aws-sdk/client-sqs";
import * as z from "zod";
import type { QueueNames } from "../deployment/sources.ts";
import type { DeadLetterPlace, DeadLetterStore, DeadMessage, OriginalMessage, SendResult } from "../ports.ts";
import { deadMessageOf } from "./dead-letter-forms.ts";
import { toAwsAttributes } from "./sends.ts";

const count = z.coerce.number().int().nonnegative();
const Counts = z.object({ ApproximateNumberOfMessages: count, ApproximateNumberOfMessagesNotVisible: count });

/** SQS's limit for messages in one call. */
const MOST = 10;
/** Seconds of a long poll: it asks every server, so that an empty answer says that there is nothing. */
const LONG_POLL = 1;

/** For sends that must not be repeated behind our back: whoever calls decides. Milliseconds. */
export const sendOnceClient = (): SQSClient =>
  new SQSClient({
    useQueueUrlAsEndpoint: false,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });

/**
 * The message as it was. In a FIFO queue its deduplication id is the dead letter's own id, as SQS gives it when it moves a
 * message there: under its first one SQS would take the send, and drop it, for five minutes.
 */
const sendInput = (
  { queueUrl, queueArn }: QueueNames,
  { body, attributes, groupId, traceHeader }: OriginalMessage,
  id: string,
): SendMessageCommandInput => ({
  QueueUrl: queueUrl,
  MessageBody: body,
  MessageAttributes: toAwsAttributes(attributes),
  ...(traceHeader !== undefined && {
    MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: traceHeader } },
  }),
  ...(groupId !== undefined && { MessageGroupId: groupId }),
  ...(queueArn.endsWith(".fifo") && { MessageDeduplicationId: id }),
});

/** Dead letters in SQS queues. */
export class SqsDeadLetters implements DeadLetterStore {
  readonly #client: SQSClient;
  readonly #sendOnce: SQSClient;

  /** @param sendOnce never tries a call again: see sendOnceClient. */
  constructor(client: SQSClient, sendOnce: SQSClient) {
    this.#client = client;
    this.#sendOnce = sendOnce;
  }

  async count({ queueUrl }: DeadLetterPlace): Promise<{ readonly visible: number; readonly inFlight: number }> {
    const { Attributes } = await this.#client.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    );
    const found = Counts.parse(Attributes);
    return {
      visible: found.ApproximateNumberOfMessages,
      inFlight: found.ApproximateNumberOfMessagesNotVisible,
    };
  }

  async receive({ queueUrl, form }: DeadLetterPlace, hiddenSeconds: number): Promise<readonly DeadMessage[]> {
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: MOST,
        WaitTimeSeconds: LONG_POLL,
        VisibilityTimeout: hiddenSeconds,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      }),
    );
    return Messages.map((message) => deadMessageOf(message, form));
  }

  async release({ queueUrl }: DeadLetterPlace, receipts: readonly string[]): Promise<void> {
    for (let from = 0; from < receipts.length; from += MOST) {
      const Entries = receipts
        .slice(from, from + MOST)
        .map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle, VisibilityTimeout: 0 }));
      await this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
  }

  async send(to: QueueNames, message: OriginalMessage, id: string): Promise<SendResult> {
    try {
      await this.#sendOnce.send(new SendMessageCommand(sendInput(to, message, id)));
      return { kind: "sent" };
    } catch (error) {
      const status = error instanceof SQSServiceException ? error.$metadata.httpStatusCode : undefined;
      // An answer that it is wrong, or too much, is certain. Whatever else went wrong, the queue may have it.
      if (status === undefined || status < 400 || status >= 500 || status === 408) throw error;
      return { kind: "refused", reason: `the queue refused it: ${error instanceof Error ? error.name : status}` };
    }
  }

  async remove({ queueUrl }: DeadLetterPlace, receipt: string): Promise<void> {
    await this.#client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receipt }));
  }
}
