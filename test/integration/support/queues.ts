import { randomUUID } from "node:crypto";
import { type SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import * as z from "zod";

/** Takes everything out of a queue that is visible in it. */
export async function drain(sqs: SQSClient, QueueUrl: string): Promise<readonly Message[]> {
  const found: Message[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 600,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      }),
    );
    if (Messages.length === 0) return found;
    found.push(...Messages);
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** Messages in a queue, waiting and in hand. */
export async function depth(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

/** The text of a message's attribute. */
export const attribute = (message: Message | undefined, name: string): string | undefined =>
  message?.MessageAttributes?.[name]?.StringValue;

/** A new queue that gets what a topic publishes, as notifications. */
export async function subscribedQueue({ sns, sqs }: { sns: SNSClient; sqs: SQSClient }, TopicArn: string) {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: `q-${randomUUID()}` }));
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
  const arn = z.string().parse((await sqs.send(asked)).Attributes?.["QueueArn"]);
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: arn, ReturnSubscriptionArn: true }),
  );
  return { url: QueueUrl, arn, SubscriptionArn };
}
