import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { ForwardMessage, LegacyForwarder } from "../ports.ts";
import { deduplicationId, Sends, toAwsAttributes } from "./sends.ts";

/** SendMessageBatch takes 1 MiB in all (SQS API reference). */
const MOST_BYTES = 1_048_576;

type Kind = "fifo" | "standard";

/**
 * Sends to the forward queues, body and attributes byte for byte. On a FIFO queue group and deduplication id are the
 * request, so that SQS itself drops a second send (A5). Messages of one batch of records share a call.
 */
export class SqsForwarder implements LegacyForwarder<Kind> {
  readonly #sends: Sends<Kind>;

  /** @param windowMs milliseconds for which a send waits for company. */
  constructor(client: SQSClient, windowMs = 5) {
    this.#sends = new Sends({
      mostBytes: MOST_BYTES,
      windowMs,
      call: (QueueUrl, batch) => client.send(new SendMessageBatchCommand({ QueueUrl, Entries: batch.map(entryOf) })),
    });
  }

  send(message: ForwardMessage<Kind>): Promise<void> {
    return this.#sends.add(message.target.queueUrl, message);
  }
}

function entryOf({ key, target, body, attributes }: ForwardMessage<Kind>, place: number) {
  const id = deduplicationId(key);
  return {
    Id: String(place),
    MessageBody: body,
    MessageAttributes: toAwsAttributes(attributes),
    ...(target.kind === "fifo" && { MessageGroupId: id, MessageDeduplicationId: id }),
  };
}
