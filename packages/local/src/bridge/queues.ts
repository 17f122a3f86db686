import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

export interface QueueWithDeadLetters extends Queue {
  readonly deadLetters: Queue;
}

async function create(client: SQSClient, name: string, attributes: Record<string, string>): Promise<Queue> {
  const fifo = name.endsWith(".fifo");
  const Attributes = { ...attributes, ...(fifo && { FifoQueue: "true" }) };
  const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const answer = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  return { url: QueueUrl, arn: answer.Attributes?.["QueueArn"] ?? "" };
}

/** Six times the longest function timeout, as AWS recommends; in seconds. */
const VISIBILITY = 60;
export const MOST_RECEIVES = 50;

/** A queue with its dead-letter queue; a name that ends in `.fifo` makes both FIFO. `most`: receives before that. */
export async function createQueue(
  client: SQSClient,
  name: string,
  most = MOST_RECEIVES,
): Promise<QueueWithDeadLetters> {
  const fifo = name.endsWith(".fifo");
  const deadLetters = await create(client, fifo ? name.replace(/\.fifo$/, "-dlq.fifo") : `${name}-dlq`, {});
  const queue = await create(client, name, {
    VisibilityTimeout: String(VISIBILITY),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: most }),
  });
  return { ...queue, deadLetters };
}
