import { CreateTableCommand, type DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, type SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import * as z from "zod";

export interface LegacyClients {
  readonly dynamodb: DynamoDBClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

export interface LegacyQueue {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly deadLetterUrl: string;
  readonly deadLetterArn: string;
}

/** A queue that a topic feeds. */
export interface LegacyIntake extends LegacyQueue {
  readonly topicArn: string;
  readonly subscriptionArn: string;
}

/** Everything WebCat runs on, as it was before anybody thought of a bridge. */
export interface LegacyResources {
  /** Partition key `requestId`; streams new and old images. */
  readonly trackingTable: string;
  readonly trackingStreamArn: string;
  /** Partition key `authorisationId`. */
  readonly paymentsTable: string;
  /** Partition key `customerId`. */
  readonly customersTable: string;
  /** SNS-wrapped: registrations and renewals. */
  readonly registrations: LegacyIntake;
  /** Fed by no topic. */
  readonly refreshes: LegacyQueue;
  /** Raw delivery. */
  readonly dns: LegacyIntake;
}

/** So often a message is tried before it goes to the dead-letter queue. */
const MAX_RECEIVES = 10;
const VISIBILITY_SECONDS = 30;

const Text = z.string().min(1);

async function createTable(dynamodb: DynamoDBClient, name: string, key: string, streams: boolean) {
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: key, AttributeType: "S" }],
      KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
      ...(streams && { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } }),
    }),
  );
  await waitUntilTableExists({ client: dynamodb, minDelay: 1, maxWaitTime: 60 }, { TableName: name });
  return TableDescription;
}

async function bareQueue(sqs: SQSClient, name: string, attributes: Record<string, string>) {
  const queueUrl = Text.parse(
    (await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }))).QueueUrl,
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] }),
  );
  return { queueUrl, queueArn: Text.parse(Attributes?.["QueueArn"]) };
}

async function createQueue(sqs: SQSClient, name: string, visibility: number): Promise<LegacyQueue> {
  const dead = await bareQueue(sqs, `${name}-dlq`, { MessageRetentionPeriod: "1209600" });
  const queue = await bareQueue(sqs, name, {
    VisibilityTimeout: String(visibility),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount: MAX_RECEIVES }),
  });
  return { ...queue, deadLetterUrl: dead.queueUrl, deadLetterArn: dead.queueArn };
}

/** A topic and the queue it feeds, which lets this topic send and nobody else. */
async function createIntake(
  { sns, sqs }: LegacyClients,
  name: string,
  raw: boolean,
  visibility: number,
): Promise<LegacyIntake> {
  const queue = await createQueue(sqs, name, visibility);
  const topicArn = Text.parse((await sns.send(new CreateTopicCommand({ Name: name }))).TopicArn);
  const statement = {
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queue.queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
  };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.queueUrl, Attributes: { Policy } }));
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: queue.queueArn,
      Attributes: { RawMessageDelivery: String(raw) },
      ReturnSubscriptionArn: true,
    }),
  );
  return { ...queue, topicArn, subscriptionArn: Text.parse(SubscriptionArn) };
}

/** Creates WebCat's tables, topics and queues, once; nothing in it knows of the bridge. `visibility`: of queues, in seconds. */
export async function createLegacyResources(
  clients: LegacyClients,
  visibility = VISIBILITY_SECONDS,
): Promise<LegacyResources> {
  const [tracking, , , registrations, refreshes, dns] = await Promise.all([
    createTable(clients.dynamodb, "webcat-requests", "requestId", true),
    createTable(clients.dynamodb, "webcat-payments", "authorisationId", false),
    createTable(clients.dynamodb, "webcat-customers", "customerId", false),
    createIntake(clients, "webcat-registrations", false, visibility),
    createQueue(clients.sqs, "webcat-refreshes", visibility),
    createIntake(clients, "webcat-dns", true, visibility),
  ]);
  return {
    trackingTable: "webcat-requests",
    trackingStreamArn: Text.parse(tracking?.LatestStreamArn),
    paymentsTable: "webcat-payments",
    customersTable: "webcat-customers",
    ...{ registrations, refreshes, dns },
  };
}
