import { CreateTableCommand, type DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, type SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type DeploymentConfig, hasForwardQueue } from "@crossfade/bridge/deployment";
import * as z from "zod";

export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

/** What the shop and the dispatcher use. */
export interface Resources {
  readonly topicArn: string;
  readonly queueUrl: string;
  readonly jobsTable: string;
  readonly chargesTable: string;
}

const Text = z.string().min(1);
const lastPart = (arn: string): string => arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1);

async function createTable(dynamodb: DynamoDBClient, TableName: string, key: string, streams: boolean): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: key, AttributeType: "S" }],
      KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
      ...(streams && { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } }),
    }),
  );
  await waitUntilTableExists({ client: dynamodb, minDelay: 1, maxWaitTime: 60 }, { TableName });
}

/** Creates what the configuration says is there: the shop's topic, the queue it feeds, and the tables. */
export async function createResources({ dynamodb, sns, sqs }: Clients, config: DeploymentConfig): Promise<Resources> {
  const jobs = Object.values(config.sources).find(hasForwardQueue);
  const topic = jobs?.topicArns[0];
  if (jobs === undefined || topic === undefined) throw new TypeError("the configuration names no queue with a topic");
  if (config.payments.kind !== "table") throw new TypeError("the configuration names no table of charges");
  const [jobsTable, chargesTable] = [lastPart(config.tracking.tableArn), lastPart(config.payments.tableArn)];
  await createTable(dynamodb, jobsTable, "ref", true);
  await createTable(dynamodb, chargesTable, "authorisationId", false);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: lastPart(jobs.queueArn) }));
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: lastPart(topic) }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: jobs.queueArn }));
  return { topicArn: Text.parse(TopicArn), queueUrl: Text.parse(QueueUrl), jobsTable, chargesTable };
}
