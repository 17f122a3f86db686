import { PublishBatchCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { ForwardMessage, LegacyForwarder } from "../ports.ts";
import { deduplicationId, Sends, toAwsAttributes } from "./sends.ts";

/** PublishBatch takes 256 KiB in all, unless the topic was given more (SNS API reference). */
const MOST_BYTES = 262_144;

/**
 * Publishes to the topic that the legacy consumer subscribes to: the message and its attributes as the legacy system
 * published them, since SNS wraps them anew. Group and deduplication id of a FIFO topic are the request (A5).
 */
export class SnsForwarder implements LegacyForwarder<"topic"> {
  readonly #sends: Sends<"topic">;

  /** @param windowMs milliseconds for which a message waits for company. */
  constructor(client: SNSClient, windowMs = 5) {
    this.#sends = new Sends({
      mostBytes: MOST_BYTES,
      windowMs,
      call: (TopicArn, batch) => {
        const fifo = TopicArn.endsWith(".fifo");
        const PublishBatchRequestEntries = batch.map((message, place) => entryOf(message, place, fifo));
        return client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
      },
    });
  }

  send(message: ForwardMessage<"topic">): Promise<void> {
    return this.#sends.add(message.target.topicArn, message);
  }
}

function entryOf({ key, body, attributes }: ForwardMessage<"topic">, place: number, fifo: boolean) {
  const id = deduplicationId(key);
  return {
    Id: String(place),
    Message: body,
    MessageAttributes: toAwsAttributes(attributes),
    ...(fifo && { MessageGroupId: id, MessageDeduplicationId: id }),
  };
}
