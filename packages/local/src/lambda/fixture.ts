import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import * as z from "zod";
import { clientOptions } from "../clients.ts";
import { type CloudOptions, startCloud } from "../index.ts";

const Counts = z.object({
  QueueArn: z.string(),
  ApproximateNumberOfMessages: z.coerce.number(),
  ApproximateNumberOfMessagesNotVisible: z.coerce.number(),
});

/** A cloud, the real clients for it, and shorthands for what tests do most. */
export async function startLambdaTests(options: CloudOptions = {}) {
  const cloud = await startCloud(options);
  const lambda = new LambdaClient(clientOptions(cloud.endpoints.lambda, cloud.region));
  const sqs = new SQSClient(clientOptions(cloud.endpoints.sqs, cloud.region));
  const dynamodb = new DynamoDBClient(clientOptions(cloud.endpoints.dynamodb, cloud.region));

  async function attributes(QueueUrl: string) {
    const AttributeNames: QueueAttributeName[] = [
      "QueueArn",
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
    ];
    return Counts.parse((await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes);
  }

  return {
    ...{ cloud, lambda, sqs, dynamodb },
    async createQueue(name: string, attributesGiven: Record<string, string> = {}) {
      const command = new CreateQueueCommand({ QueueName: name, Attributes: attributesGiven });
      const queueUrl = z.string().parse((await sqs.send(command)).QueueUrl);
      return { queueUrl, queueArn: (await attributes(queueUrl)).QueueArn };
    },
    /** A table's stream. */
    async createStream(TableName: string): Promise<string> {
      const { TableDescription } = await dynamodb.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
        }),
      );
      return z.string().parse(TableDescription?.LatestStreamArn);
    },
    send: (QueueUrl: string, MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody })),
    /** Messages in the queue, visible and in flight. */
    async left(queueUrl: string): Promise<number> {
      const counts = await attributes(queueUrl);
      return counts.ApproximateNumberOfMessages + counts.ApproximateNumberOfMessagesNotVisible;
    },
    async close(): Promise<void> {
      for (const client of [lambda, sqs, dynamodb]) client.destroy();
      await cloud.close();
    },
  };
}

export type LambdaTests = Awaited<ReturnType<typeof startLambdaTests>>;
