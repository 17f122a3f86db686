import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  type SubscribeCommandInput,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, ListQueuesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { clientOptions } from "../clients.ts";
import { type Cloud, type DroppedEvent, startCloud } from "../index.ts";

const Messages = z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })) });

let cloud: Cloud;
let sns: SNSClient;
let sqs: SQSClient;
const dropped: DroppedEvent[] = [];
beforeAll(async () => {
  const onDropped = (event: DroppedEvent) => void dropped.push(event);
  cloud = await startCloud({ asyncInvocations: { retryDelaysMs: [1, 1], onDropped } });
  sns = new SNSClient(clientOptions(cloud.endpoints.sns, cloud.region));
  sqs = new SQSClient(clientOptions(cloud.endpoints.sqs, cloud.region));
});
afterAll(async () => {
  for (const client of [sns, sqs]) client.destroy();
  await cloud.close();
});

const createTopic = async (Name: string) =>
  z.string().parse((await sns.send(new CreateTopicCommand({ Name }))).TopicArn);

/** A function that remembers its events, and their messages. */
function recorder(name: string) {
  const events: unknown[] = [];
  const arn = cloud.functions.register(name, async (event) => void events.push(event));
  const messages = () => events.flatMap((event) => Messages.parse(event).Records.map(({ Sns }) => Sns.Message));
  return { arn, events, messages };
}

async function subscribe(TopicArn: string, Endpoint: string, input: Partial<SubscribeCommandInput> = {}) {
  const command = new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint, ...input });
  return z.string().parse((await sns.send(command)).SubscriptionArn);
}

/** Publishes, and waits for the functions. */
async function publish(TopicArn: string, input: Omit<PublishCommandInput, "TopicArn">) {
  const { MessageId } = await sns.send(new PublishCommand({ TopicArn, ...input }));
  await cloud.invocationsSettled();
  return MessageId;
}

const kindIs = (StringValue: string) => ({ kind: { DataType: "String", StringValue } });

describe("a function subscribed to a topic", () => {
  test("is invoked with the event that Lambda gets from SNS", async () => {
    const TopicArn = await createTopic("shape");
    const { arn, events } = recorder("shape");
    const subscriptionArn = await subscribe(TopicArn, arn);
    const Message = JSON.stringify({ name: "Väinö <&> 🙂" });
    const first = await publish(TopicArn, { Message, Subject: "hello", MessageAttributes: kindIs("greeting") });
    const second = await publish(TopicArn, { Message: "plain" });
    const record = (sent: object) => ({
      Records: [
        {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          EventSubscriptionArn: subscriptionArn,
          Sns: {
            Type: "Notification",
            TopicArn,
            Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
            SignatureVersion: "1",
            Signature: expect.any(String),
            SigningCertUrl: expect.stringMatching(/^https:\/\/sns\..+\.pem$/),
            UnsubscribeUrl: expect.stringContaining(subscriptionArn),
            ...sent,
          },
        },
      ],
    });
    const MessageAttributes = { kind: { Type: "String", Value: "greeting" } };
    expect(events).toEqual([
      record({ MessageId: first, Message, Subject: "hello", MessageAttributes }),
      record({ MessageId: second, Message: "plain", Subject: null, MessageAttributes: {} }),
    ]);
  });

  test("gets each message of a batch, more than one receive can give", async () => {
    const TopicArn = await createTopic("batch");
    const { arn, messages } = recorder("batch");
    await subscribe(TopicArn, arn);
    const sent = Array.from({ length: 30 }, (_, index) => `m${index}`);
    await Promise.all(
      [0, 10, 20].map((from) => {
        const entries = sent.slice(from, from + 10).map((Message) => ({ Id: Message, Message }));
        return sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
      }),
    );
    await cloud.invocationsSettled();
    expect(messages().toSorted()).toEqual(sent.toSorted());
    // What is handed over must not come again: nothing is left, in flight neither.
    const queue = await fetch(`${cloud.endpoints.sqs}/_fauxqs/queues/sns-to-lambda--batch`);
    expect(await queue.json()).toMatchObject({ messages: { ready: [], delayed: [], inflight: [] } });
  });

  test("stands beside other functions and queues of the topic, and other topics", async () => {
    const [TopicArn, other] = [await createTopic("many"), await createTopic("other")];
    const [a, b] = [recorder("many-a"), recorder("many-b")];
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "many" }));
    await subscribe(TopicArn, a.arn);
    await subscribe(TopicArn, b.arn);
    await subscribe(other, b.arn);
    await subscribe(TopicArn, "arn:aws:sqs:eu-west-1:000000000000:many", {
      ...{ Protocol: "sqs", Attributes: { RawMessageDelivery: "true" } },
    });
    await publish(TopicArn, { Message: "to all" });
    await publish(other, { Message: "to b" });
    expect([a.messages(), b.messages()]).toEqual([["to all"], ["to all", "to b"]]);
    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(received.Messages?.map(({ Body }) => Body)).toEqual(["to all"]);
  });

  test("is tried again, and a function that is not there loses the message", async () => {
    const TopicArn = await createTopic("failing");
    let calls = 0;
    const arn = cloud.functions.register("failing", async () => {
      if (++calls < 3) throw new Error("not yet");
    });
    await subscribe(TopicArn, arn);
    await subscribe(TopicArn, "arn:aws:lambda:eu-west-1:000000000000:function:nobody");
    await publish(TopicArn, { Message: "one" });
    expect(calls).toBe(3);
    expect(dropped).toMatchObject([{ functionName: "nobody", result: { errorType: "ResourceNotFoundException" } }]);
  });
});

describe("a filter policy", () => {
  test("of attributes is honoured, from the start and when it is changed", async () => {
    const TopicArn = await createTopic("filtered");
    const { arn, messages } = recorder("filtered");
    const SubscriptionArn = await subscribe(TopicArn, arn, { Attributes: { FilterPolicy: '{"kind":["a"]}' } });
    for (const kind of ["a", "b"]) await publish(TopicArn, { Message: kind, MessageAttributes: kindIs(kind) });
    await publish(TopicArn, { Message: "none" });
    expect(messages()).toEqual(["a"]);
    await sns.send(
      new SetSubscriptionAttributesCommand({
        ...{ SubscriptionArn, AttributeName: "FilterPolicy", AttributeValue: '{"kind":["b"]}' },
      }),
    );
    for (const kind of ["a", "b"]) await publish(TopicArn, { Message: `${kind}2`, MessageAttributes: kindIs(kind) });
    expect(messages()).toEqual(["a", "b2"]);
  });

  test("of the body is honoured", async () => {
    const TopicArn = await createTopic("bodies");
    const { arn, messages } = recorder("bodies");
    const Attributes = { FilterPolicy: '{"type":["REGISTER_DOMAIN"]}', FilterPolicyScope: "MessageBody" };
    await subscribe(TopicArn, arn, { Attributes });
    await publish(TopicArn, { Message: '{"type":"REGISTER_DOMAIN"}' });
    await publish(TopicArn, { Message: '{"type":"OTHER"}' });
    expect(messages()).toEqual(['{"type":"REGISTER_DOMAIN"}']);
  });
});

describe("the subscription", () => {
  test("is listed and described as one of a function, and nothing hidden shows", async () => {
    const TopicArn = await createTopic("listed");
    const { arn } = recorder("listed");
    const FilterPolicy = '{"kind":["a"]}';
    const SubscriptionArn = await subscribe(TopicArn, arn, { Attributes: { FilterPolicy } });
    expect(SubscriptionArn.startsWith(`${TopicArn}:`)).toBe(true);
    const expected = { SubscriptionArn, TopicArn, Protocol: "lambda", Endpoint: arn, Owner: "000000000000" };
    const byTopic = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(byTopic.Subscriptions).toEqual([expected]);
    expect((await sns.send(new ListSubscriptionsCommand({}))).Subscriptions).toContainEqual(expected);
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({
      ...{ Protocol: "lambda", Endpoint: arn, PendingConfirmation: "false" },
      ...{ RawMessageDelivery: "false", FilterPolicy },
    });
    const topic = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(topic.Attributes).toMatchObject({ SubscriptionsConfirmed: "1", SubscriptionsPending: "0" });
    await sqs.send(new CreateQueueCommand({ QueueName: "seen" }));
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
    expect(QueueUrls.map((url) => url.split("/").at(-1))).toContain("seen");
    expect(QueueUrls.filter((url) => url.includes("lambda"))).toEqual([]);
  });

  test("is one, however often it is made", async () => {
    const TopicArn = await createTopic("once");
    const { arn, messages } = recorder("once");
    const SubscriptionArn = await subscribe(TopicArn, arn);
    expect(await subscribe(TopicArn, arn)).toBe(SubscriptionArn);
    await publish(TopicArn, { Message: "one" });
    expect(messages()).toEqual(["one"]);
  });

  test("ends when it is removed, and can be made again", async () => {
    const TopicArn = await createTopic("removed");
    const { arn, messages } = recorder("removed");
    const SubscriptionArn = await subscribe(TopicArn, arn);
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect((await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions ?? []).toEqual([]);
    await publish(TopicArn, { Message: "lost" });
    expect(await subscribe(TopicArn, arn)).not.toBe(SubscriptionArn);
    await publish(TopicArn, { Message: "found" });
    expect(messages()).toEqual(["found"]);
  });

  test("ends with its topic", async () => {
    const TopicArn = await createTopic("deleted");
    const { arn, messages } = recorder("deleted");
    await subscribe(TopicArn, arn);
    await sns.send(new DeleteTopicCommand({ TopicArn }));
    await createTopic("deleted");
    await publish(TopicArn, { Message: "lost" });
    expect(messages()).toEqual([]);
  });
});

describe("refused", () => {
  test.each([
    ["another region", "arn:aws:lambda:eu-west-2:000000000000:function:f"],
    ["another account", "arn:aws:lambda:eu-west-1:111111111111:function:f"],
    ["a version", "arn:aws:lambda:eu-west-1:000000000000:function:f:7"],
    ["no ARN", "f<&>"],
    ["a queue", "arn:aws:sqs:eu-west-1:000000000000:q"],
  ])("%s", async (_, endpoint) => {
    const TopicArn = await createTopic("refused");
    await expect(subscribe(TopicArn, endpoint)).rejects.toMatchObject({ name: "InvalidParameterException" });
    expect((await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions ?? []).toEqual([]);
  });

  test("raw messages, from the start and later; a queue may have them", async () => {
    const TopicArn = await createTopic("raw");
    const { arn } = recorder("raw");
    const raw = { RawMessageDelivery: "true" };
    await expect(subscribe(TopicArn, arn, { Attributes: raw })).rejects.toThrow("RawMessageDelivery");
    const change = { AttributeName: "RawMessageDelivery", AttributeValue: "true" };
    const SubscriptionArn = await subscribe(TopicArn, arn);
    await expect(sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, ...change }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    const ofQueue = await subscribe(TopicArn, "arn:aws:sqs:eu-west-1:000000000000:raw", { Protocol: "sqs" });
    await sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn: ofQueue, ...change }));
  });

  test("a FIFO topic, and a topic that is not there", async () => {
    const { arn } = recorder("fifo");
    const fifo = await sns.send(new CreateTopicCommand({ Name: "t.fifo", Attributes: { FifoTopic: "true" } }));
    await expect(subscribe(String(fifo.TopicArn), arn)).rejects.toThrow("FIFO");
    await expect(subscribe(`${await createTopic("there")}-not`, arn)).rejects.toMatchObject({
      name: "NotFoundException",
    });
  });
});

test("STS says who is calling, and nothing else", async () => {
  const sts = new STSClient(clientOptions(cloud.endpoints.sts, cloud.region));
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: "000000000000",
    Arn: expect.stringMatching(/^arn:aws:iam::000000000000:/),
    UserId: expect.stringMatching(/./),
  });
  await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toThrow("GetSessionToken");
  sts.destroy();
});
