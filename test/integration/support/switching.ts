import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { type Documents, documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { DynamoDbJournals } from "@crossfade/bridge/adapters/dynamodb-journal";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { carryOut, type Direction, type Ended, type Journal, type Order, type Place } from "@crossfade/bridge/attach";
import { Deployed, type DeploymentInput } from "@crossfade/bridge/deployment";
import { composeOperator, type Operator } from "@crossfade/functions/compose-operator";
import { contract } from "@crossfade/legacy";
import { createLegacyResources, referenceDeployment } from "@crossfade/legacy/reference";
import { type Cloud, startCloud } from "@crossfade/local";
import { type Bridge, deployBridge } from "@crossfade/local/bridge";
import * as z from "zod";
import type { Message } from "./messages.ts";

/** Seconds. Waits for deliveries to be over are as long as this. */
export const VISIBILITY = 3;
const FUNCTION_TIMEOUT = 2;

const Text = z.string().min(1);

export interface TestQueue {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly deadLetterUrl: string;
}

/** An old consumer that runs as a function: what it did, and how it is made to crash. */
export interface OldConsumer {
  readonly functionArn: string;
  /** How often the effect of each request happened. */
  readonly did: Map<string, number>;
  /** Asked before the effect of a request: true crashes the invocation. */
  crash: (requestId: string) => boolean;
}

/** A legacy system whose consumers are functions, the bridge beside it, switched off. */
export interface Switching {
  readonly cloud: Cloud;
  readonly bridge: Bridge;
  readonly deployed: Deployed;
  readonly documents: Documents;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly lambda: LambdaClient;
  readonly claims: DynamoDbClaims;
  readonly rollouts: DynamoDbRollouts;
  readonly operator: Operator;
  /** Asked after ingest has handled a batch: true crashes it, so that nothing of the batch is acknowledged. */
  crashIngest: (requestIds: readonly string[]) => boolean;
  place(source: string): Place;
  journal(source: string): Promise<Journal | undefined>;
  go(direction: Direction, source: string, order?: Partial<Order>): Promise<Ended>;
  send(queueUrl: string, message: Message): Promise<void>;
  mappings(functionArn: string): Promise<readonly { arn: string | undefined; state: string | undefined }[]>;
  close(): Promise<void>;
}

const Body = z.object({ requestId: z.string() });
const Notification = z.object({ Message: z.string() });
const SqsEvent = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });
const SnsEvent = z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })) });

function requestIdOf(body: string): string {
  const parsed: unknown = JSON.parse(body);
  const notification = Notification.safeParse(parsed);
  return Body.parse(notification.success ? JSON.parse(notification.data.Message) : parsed).requestId;
}

/** Registers a function that counts its effects; it reports its crashes as SQS and Lambda know them. */
export function oldConsumer(cloud: Cloud, name: string): OldConsumer {
  const did = new Map<string, number>();
  const consumer = { did, crash: (_: string) => false as boolean };
  const effect = (requestId: string) => {
    if (consumer.crash(requestId)) throw new Error("the old consumer crashed");
    did.set(requestId, (did.get(requestId) ?? 0) + 1);
  };
  const handler = async (event: unknown): Promise<unknown> => {
    const sns = SnsEvent.safeParse(event);
    if (sns.success) {
      for (const { Sns } of sns.data.Records) effect(requestIdOf(Sns.Message));
      return undefined;
    }
    const batchItemFailures = SqsEvent.parse(event).Records.flatMap(({ messageId, body }) => {
      try {
        effect(requestIdOf(body));
        return [];
      } catch {
        return [{ itemIdentifier: messageId }];
      }
    });
    return { batchItemFailures };
  };
  const functionArn = cloud.functions.register(name, handler, { timeoutSeconds: FUNCTION_TIMEOUT });
  return Object.assign(consumer, { functionArn });
}

export async function testQueue(sqs: SQSClient, maxReceiveCount = 10): Promise<TestQueue> {
  const create = async (QueueName: string, Attributes: Record<string, string>) => {
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    return { queueUrl: QueueUrl, queueArn: Text.parse(answer.Attributes?.["QueueArn"]) };
  };
  const name = `old-${randomUUID()}`;
  const dead = await create(`${name}-dlq`, {});
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount });
  const queue = await create(name, { VisibilityTimeout: String(VISIBILITY), RedrivePolicy });
  return { ...queue, deadLetterUrl: dead.queueUrl };
}

export async function testTopic(sns: SNSClient): Promise<string> {
  return Text.parse((await sns.send(new CreateTopicCommand({ Name: `old-${randomUUID()}` }))).TopicArn);
}

export type Clients = Pick<Switching, "cloud" | "sqs" | "sns">;

/** One world per test file: the functions read their environment when they are first imported. */
export async function startSwitching(
  sourcesOf: (clients: Clients) => Promise<DeploymentInput["sources"]>,
): Promise<Switching> {
  process.env["POWERTOOLS_METRICS_DISABLED"] = "true";
  process.env["POWERTOOLS_LOG_LEVEL"] = "SILENT";
  process.env["AWS_LAMBDA_LOG_LEVEL"] = "";
  const cloud = await startCloud({ mappingTransitionMs: 100 });
  Object.assign(process.env, cloud.env);
  const [dynamodb, sns, lambda] = [new DynamoDBClient({}), new SNSClient({}), new LambdaClient({})];
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const legacy = await createLegacyResources({ dynamodb, sns, sqs });
  const { region, accountId } = cloud;
  const config = referenceDeployment(legacy, { region, accountId, registryUrl: "http://127.0.0.1:9" });
  const sources = await sourcesOf({ cloud, sqs, sns });
  const quick = { rolloutMaxAgeMs: 20, reconcileAfterMs: 3_600_000, windowSeconds: 0, reconcileEveryMs: 60_000 };
  const bridge = await deployBridge(cloud, { contract, config: { ...config, sources } }, quick);
  const deployed = Deployed.parse({ ...bridge.deployed, ingestTimeoutSeconds: FUNCTION_TIMEOUT });
  // Waits for deliveries to be over are as long as the visibility timeout of the queue that is read.
  for (const { intake } of Object.values(deployed.sources)) {
    const Attributes = { VisibilityTimeout: String(VISIBILITY) };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: intake.queueUrl, Attributes }));
  }
  const client = documents();
  const operator = composeOperator(deployed);
  const journals = new DynamoDbJournals(client, bridge.ledgerTable);

  const switching: Switching = {
    ...{ cloud, bridge, deployed, documents: client, sqs, sns, lambda, operator },
    claims: new DynamoDbClaims(client, bridge.ledgerTable),
    rollouts: new DynamoDbRollouts(client, bridge.ledgerTable),
    crashIngest: () => false,
    place(source) {
      const place = operator.places.get(source);
      if (place === undefined) throw new Error(`no source ${source}`);
      return place;
    },
    journal: (source) => journals.read(source),
    go: (direction, source, order = {}) =>
      carryOut(operator.deps, switching.place(source), { direction, by: "test", onProgress: () => {}, ...order }),
    async send(QueueUrl, message) {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
    },
    async mappings(FunctionName) {
      const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
      return EventSourceMappings.map(({ EventSourceArn, State }) => ({ arn: EventSourceArn, state: State }));
    },
    async close() {
      await bridge.detach();
      await cloud.close();
      for (const each of [dynamodb, sns, lambda, sqs, client]) each.destroy();
    },
  };
  cloud.functions.register(
    deployed.ingestFunction,
    async (event) => {
      const { handler } = await import("@crossfade/functions/ingest");
      const answer = await handler(event);
      const ids = SqsEvent.parse(event).Records.map(({ body }) => requestIdOf(body));
      if (switching.crashIngest(ids)) throw new Error("ingest crashed before it could acknowledge");
      return answer;
    },
    { timeoutSeconds: FUNCTION_TIMEOUT },
  );
  return switching;
}
