import { randomUUID } from "node:crypto";
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, type Message as SqsMessage } from "@aws-sdk/client-sqs";
import { type IngestDeps, ingestRecord } from "@crossfade/bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import { delivery, keyOfMessage, registration } from "./support/messages.ts";
import { drain } from "./support/queues.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
let deps: IngestDeps;
beforeAll(async () => {
  world = await startWorld();
  deps = await world.ingestDeps();
});
afterAll(() => world.close());

async function queue(): Promise<{ url: string; arn: string }> {
  const { QueueUrl = "" } = await world.sqs.send(new CreateQueueCommand({ QueueName: `q-${randomUUID()}` }));
  const { Attributes } = await world.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  return { url: QueueUrl, arn: z.string().parse(Attributes?.["QueueArn"]) };
}

async function topic(fifo = false): Promise<string> {
  const Name = `t-${randomUUID()}${fifo ? ".fifo" : ""}`;
  const { TopicArn } = await world.sns.send(
    new CreateTopicCommand({ Name, ...(fifo && { Attributes: { FifoTopic: "true" } }) }),
  );
  return z.string().parse(TopicArn);
}

/** A queue that gets what is published to the topic. */
async function subscriber(TopicArn: string, raw: boolean): Promise<string> {
  const { url, arn } = await queue();
  const Attributes = { RawMessageDelivery: String(raw) };
  await world.sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: arn, Attributes }));
  return url;
}

async function received(url: string, count: number): Promise<readonly SqsMessage[]> {
  const messages: SqsMessage[] = [];
  return eventually(`${count} messages at the consumer`, async () => {
    messages.push(...(await drain(world.sqs, url)));
    return messages.length >= count ? messages : undefined;
  });
}

const Notification = z.object({ Message: z.string(), MessageAttributes: z.unknown(), TopicArn: z.string() });
const opened = (messages: readonly SqsMessage[]) =>
  messages.map(({ Body }) => Notification.parse(JSON.parse(Body ?? "")));

/** The deps of a source whose legacy consumer subscribes to a topic. */
const forwardingTo = (queueArn: string, topicArns: readonly string[], topicArn: string): IngestDeps => ({
  ...deps,
  sources: [{ queueArn, topicArns, forward: { kind: "topic", topicArn } }],
});

describe("a legacy consumer that subscribes to a topic", () => {
  const MessageAttributes = {
    correlationId: { DataType: "String", StringValue: "c ö 1" },
    bytes: { DataType: "Binary", BinaryValue: Uint8Array.from([0, 1, 254, 255]) },
  };

  it.each([true, false])("gets what was published, byte for byte, wrapped once (intercepted raw: %s)", async (raw) => {
    const original = await topic();
    const forward = await topic();
    const intercepted = await queue();
    await world.sns.send(
      new SubscribeCommand({
        TopicArn: original,
        Protocol: "sqs",
        Endpoint: intercepted.arn,
        Attributes: { RawMessageDelivery: String(raw) },
      }),
    );
    const direct = await subscriber(original, false);
    const wrapped = await subscriber(forward, false);
    const plain = await subscriber(forward, true);
    const text = JSON.stringify(registration(), undefined, "\t");
    await world.sns.send(new PublishCommand({ TopicArn: original, Message: text, MessageAttributes }));

    const [arrived] = await received(intercepted.url, 1);
    const messageAttributes = Object.fromEntries(
      Object.entries(arrived?.MessageAttributes ?? {}).map(([name, { DataType = "", StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          stringValue: StringValue,
          binaryValue: BinaryValue && Buffer.from(BinaryValue).toString("base64"),
        },
      ]),
    );
    const record = delivery(intercepted.arn, arrived?.Body, { messageAttributes });
    const source = forwardingTo(intercepted.arn, [original], forward);
    expect(await ingestRecord(source, record)).toMatchObject({ kind: "forwarded" });

    const [before] = opened(await received(direct, 1));
    const [after] = opened(await received(wrapped, 1));
    expect(after).toEqual({ ...before, TopicArn: forward });
    expect(after?.Message).toBe(text);
    expect((await received(plain, 1)).map(({ Body }) => Body)).toEqual([text]);
  });

  it("gets one copy of deliveries that race: the lease lets one of them publish (A4)", async () => {
    const forward = await topic();
    const consumer = await subscriber(forward, true);
    const source = forwardingTo("arn:aws:sqs:eu-west-1:000000000000:raw", [], forward);
    const message = registration();
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () =>
        ingestRecord(source, delivery("arn:aws:sqs:eu-west-1:000000000000:raw", message)),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === "forwarded").length).toBeGreaterThan(0);
    expect(await received(consumer, 1)).toHaveLength(1);
    expect(await world.claims.read(keyOfMessage(message))).toMatchObject({ forwardedAt: expect.any(Number) });
  });

  it("that is FIFO needs no lease: the topic drops a second copy by the request", async () => {
    const forward = await topic(true);
    const source = forwardingTo("arn:aws:sqs:eu-west-1:000000000000:raw", [], forward);
    const message = registration();
    expect(await ingestRecord(source, delivery("arn:aws:sqs:eu-west-1:000000000000:raw", message))).toMatchObject({
      kind: "forwarded",
    });
    expect((await world.claims.read(keyOfMessage(message)))?.lease).toBeUndefined();
  });

  it("that is gone makes the record come back, and its claim stays to be forwarded (P1)", async () => {
    const gone = "arn:aws:sns:eu-west-1:000000000000:gone.fifo";
    const source = forwardingTo("arn:aws:sqs:eu-west-1:000000000000:raw", [], gone);
    const message = registration();
    const outcome = await ingestRecord(source, delivery("arn:aws:sqs:eu-west-1:000000000000:raw", message));
    expect(outcome.kind).toBe("failed");
    expect((await world.claims.read(keyOfMessage(message)))?.forwardedAt).toBeUndefined();
  });
});
