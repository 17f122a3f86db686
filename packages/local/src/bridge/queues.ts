import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { deadLetterName, MAX_RECEIVES, RETENTION_SECONDS } from "@crossfade/bridge/deployment";

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

export interface QueueWithDeadLetters extends Queue {
  readonly deadLetters: Queue;
}

/** A queue that keeps its messages for as long as SQS does; a name that ends in `.fifo` makes it FIFO. */
export async function createBareQueue(
  client: SQSClient,
  name: string,
  attributes: Readonly<Record<string, string>> = {},
): Promise<Queue> {
  const fifo = name.endsWith(".fifo");
  const Attributes = {
    MessageRetentionPeriod: String(RETENTION_SECONDS),
    ...attributes,
    ...(fifo && { FifoQueue: "true" }),
  };
  const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const answer = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  return { url: QueueUrl, arn: answer.Attributes?.["QueueArn"] ?? "" };
}

export interface QueueSettings {
  readonly visibilitySeconds: number;
  /** Receives before a message goes to the dead-letter queue. */
  readonly maxReceives?: number;
  /** Of the dead-letter queue, where a function reads it; SQS's default unless given. */
  readonly deadLetterVisibilitySeconds?: number;
}

/** A queue with its dead-letter queue; a name that ends in `.fifo` makes both FIFO. */
export async function createQueue(
  client: SQSClient,
  name: string,
  { visibilitySeconds, maxReceives = MAX_RECEIVES, deadLetterVisibilitySeconds }: QueueSettings,
): Promise<QueueWithDeadLetters> {
  const deadLetters = await createBareQueue(client, deadLetterName(name), {
    ...(deadLetterVisibilitySeconds !== undefined && { VisibilityTimeout: String(deadLetterVisibilitySeconds) }),
  });
  const queue = await createBareQueue(client, name, {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: maxReceives }),
  });
  return { ...queue, deadLetters };
}
