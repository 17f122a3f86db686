import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { type Cloud, startCloud } from "./index.ts";
import { until } from "./mappings/testing.ts";

const Bodies = z.object({ Records: z.array(z.object({ body: z.string() })) });
const Notification = z.object({ Type: z.literal("Notification"), Message: z.string() });
const Inserted = z.object({
  Records: z.array(z.object({ dynamodb: z.object({ NewImage: z.object({ n: z.object({ N: z.string() }) }) }) })),
});

let cloud: Cloud;
/** Made as any program makes them: the environment alone says where the cloud is. */
let sqs: SQSClient;
let sns: SNSClient;

beforeAll(async () => {
  cloud = await startCloud({ onDeliver: (event) => (event.detail["status"] === "SUCCEEDED" ? "twice" : "deliver") });
  for (const [name, value] of Object.entries(cloud.env)) vi.stubEnv(name, value);
  sqs = new SQSClient({});
  sns = new SNSClient({});
});

afterAll(async () => {
  for (const client of [sqs, sns]) client.destroy();
  await cloud.close();
  vi.unstubAllEnvs();
});

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  const queueUrl = z.string().parse(QueueUrl);
  const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  return { queueUrl, queueArn: z.string().parse(answer.Attributes?.["QueueArn"]) };
}

async function receive(queueUrl: string): Promise<string[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
  return ((await sqs.send(command)).Messages ?? []).map((message) => z.string().parse(message.Body));
}

describe("the embedded cloud", () => {
  test("takes a message from a topic through a queue to a function", async () => {
    const received: string[] = [];
    cloud.functions.register("reader", async (event) => {
      received.push(...Bodies.parse(event).Records.map((record) => record.body));
    });
    const queue = await createQueue("orders");
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "orders" }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queue.queueArn }));
    cloud.mapQueue({ ...queue, functionName: "reader" });
    await sns.send(new PublishCommand({ TopicArn, Message: '{"domain":"aalto.fi"}' }));
    await until("the function has it", () => received.length === 1);
    expect(Notification.parse(JSON.parse(String(received[0]))).Message).toBe('{"domain":"aalto.fi"}');
  });

  test("brings a message that always fails to the dead-letter queue", async () => {
    let attempts = 0;
    cloud.functions.register(
      "failing",
      async () => {
        attempts++;
        throw new Error("no");
      },
      { timeoutSeconds: 1 },
    );
    const dead = await createQueue("failing-dlq");
    const queue = await createQueue("failing", {
      VisibilityTimeout: "1",
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount: 2 }),
    });
    cloud.mapQueue({ ...queue, functionName: "failing" });
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.queueUrl, MessageBody: "poison" }));
    let bodies: string[] = [];
    await until("it is in the dead-letter queue", async () => {
      bodies = await receive(dead.queueUrl);
      return bodies.length > 0;
    });
    expect(bodies).toEqual(["poison"]);
    expect(attempts).toBe(2);
  });

  test("delivers an execution's status changes by a rule, a repeated one twice", async () => {
    const sfn = new SFNClient({});
    const events = new EventBridgeClient({});
    const queue = await createQueue("statuses");
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({
        name: "greet",
        roleArn: "arn:aws:iam::000000000000:role/local",
        definition: JSON.stringify({ StartAt: "Greet", States: { Greet: { Type: "Pass", End: true } } }),
      }),
    );
    const EventPattern = JSON.stringify({ source: ["aws.states"], detail: { stateMachineArn: [stateMachineArn] } });
    await events.send(new PutRuleCommand({ Name: "statuses", EventPattern }));
    await events.send(new PutTargetsCommand({ Rule: "statuses", Targets: [{ Id: "queue", Arn: queue.queueArn }] }));
    await sfn.send(new StartExecutionCommand({ stateMachineArn, name: "one", input: '{"name":"Väinö 🙂"}' }));
    const statuses: string[] = [];
    const Detail = z.object({ detail: z.object({ status: z.string(), input: z.string() }) });
    await until("three events came", async () => {
      for (const body of await receive(queue.queueUrl)) {
        const { detail } = Detail.parse(JSON.parse(body));
        expect(detail.input).toBe('{"name":"Väinö 🙂"}');
        statuses.push(detail.status);
      }
      return statuses.length >= 3;
    });
    await cloud.eventsSettled();
    expect(await receive(queue.queueUrl)).toEqual([]);
    expect(statuses.toSorted()).toEqual(["RUNNING", "SUCCEEDED", "SUCCEEDED"]);
    sfn.destroy();
    events.destroy();
  });

  test("feeds a table's changes to a function, in order", async () => {
    const dynamodb = new DynamoDBClient({});
    const { TableDescription } = await dynamodb.send(
      new CreateTableCommand({
        TableName: "tracking",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      }),
    );
    const seen: number[] = [];
    cloud.functions.register("observer", async (event) => {
      seen.push(...Inserted.parse(event).Records.map((record) => Number(record.dynamodb.NewImage.n.N)));
    });
    const streamArn = z.string().parse(TableDescription?.LatestStreamArn);
    const mapping = cloud.mapStream({ streamArn, functionName: "observer", startingPosition: "TRIM_HORIZON" });
    const numbers = Array.from({ length: 25 }, (_, index) => index);
    for (const n of numbers) {
      await dynamodb.send(new PutItemCommand({ TableName: "tracking", Item: { id: { S: "a" }, n: { N: String(n) } } }));
    }
    await mapping.caughtUp();
    expect(seen).toEqual(numbers);
    dynamodb.destroy();
  });
});

describe("a bundle", () => {
  test("is invoked by a mapping, and finds the cloud by the environment that it is given", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bundle-"));
    const file = join(folder, "copy.mjs");
    await writeFile(
      file,
      `export async function handler({ Records }) {
         for (const { body } of Records) {
           await fetch(process.env.AWS_ENDPOINT_URL_SQS, {
             method: "POST",
             headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" },
             body: JSON.stringify({ QueueUrl: process.env.TARGET_URL, MessageBody: body }),
           });
         }
       }`,
    );
    const [from, to] = [await createQueue("bundle-from"), await createQueue("bundle-to")];
    const environment = { ...cloud.env, TARGET_URL: to.queueUrl };
    cloud.functions.registerBundle("copy", { file, environment, timeoutSeconds: 20 });
    cloud.mapQueue({ ...from, functionName: "copy" });
    await sqs.send(new SendMessageCommand({ QueueUrl: from.queueUrl, MessageBody: "hello" }));
    let bodies: string[] = [];
    await until("it is copied", async () => {
      bodies = await receive(to.queueUrl);
      return bodies.length > 0;
    });
    expect(bodies).toEqual(["hello"]);
    await rm(folder, { recursive: true });
  });
});

describe("closing", () => {
  test("leaves no server and no child process behind, and another cloud can start after it", async () => {
    const children = () => process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length;
    const before = children();
    // Started while the environment names the other cloud, whose DynamoDB it must not use.
    const second = await startCloud();
    expect(children()).toBe(before + 1);
    expect(second.endpoints.dynamodb).not.toBe(cloud.endpoints.dynamodb);
    const closing = second.close();
    await second.close();
    await closing;
    await until("its child is gone", () => children() === before);
    for (const endpoint of new Set(Object.values(second.endpoints))) {
      await expect(fetch(endpoint)).rejects.toThrow("fetch failed");
    }
  });

  test("a cloud that cannot start leaves nothing of itself", async () => {
    const children = () => process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length;
    const before = children();
    // The third port of the five is one that is taken: two parts have started by then.
    const portBase = Number(new URL(cloud.endpoints.events).port) - 2;
    await expect(startCloud({ portBase })).rejects.toThrow(/EADDRINUSE/);
    await until("its child is gone", () => children() === before);
  });
});
