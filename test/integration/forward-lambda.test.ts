import { randomUUID } from "node:crypto";
import { CreateTopicCommand, PublishCommand } from "@aws-sdk/client-sns";
import type { Message as SqsMessage } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { type IngestDeps, type IngestOutcome, ingestRecord } from "@crossfade/bridge";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import { type LambdaServer, startLambdaServer } from "./support/lambda-server.ts";
import { delivery, keyOfMessage, type Message, ON_ORDER, registration, wrapped } from "./support/messages.ts";
import { attribute, drain, subscribedQueue } from "./support/queues.ts";
import { startWorld, type World } from "./support/world.ts";

const QUEUE = "arn:aws:sqs:eu-west-1:000000000000:before-the-function";
const TOPIC = "arn:aws:sns:eu-west-1:000000000000:published";
const FUNCTION = "arn:aws:lambda:eu-west-1:000000000000:function:legacy-consumer";

let world: World;
let lambda: LambdaServer;
let deps: IngestDeps;
beforeAll(async () => {
  world = await startWorld();
  lambda = await startLambdaServer();
  process.env["AWS_ENDPOINT_URL_LAMBDA"] = lambda.endpoint;
  deps = toFunction(await world.ingestDeps(), QUEUE, TOPIC);
});
afterAll(async () => {
  await world.close();
  await lambda.close();
});
beforeEach(() => {
  lambda.answer(202);
  lambda.invocations.length = 0;
});

/** Its source's legacy consumer is a function that was subscribed to the topic. */
const toFunction = (given: IngestDeps, queueArn: string, topicArn: string): IngestDeps => ({
  ...given,
  sources: [{ queueArn, topicArns: [topicArn], forward: { kind: "lambda", functionArn: FUNCTION } }],
});

const deliver = (message: Message, given = deps) => ingestRecord(given, delivery(QUEUE, wrapped(TOPIC, message)));
const claimOf = (message: Message) => world.claims.read(keyOfMessage(message));
const quarantined = () => drain(world.sqs, world.bridge.quarantine.url);

const Event = z.object({ Records: z.tuple([z.object({ Sns: z.object({ Message: z.string() }) })]) });
const sent = () => lambda.invocations.map(({ payload }) => Event.parse(JSON.parse(payload)).Records[0].Sns.Message);

/** The row of a request that the function has taken up. */
async function working({ requestId, type }: Message): Promise<void> {
  const time = "2026-03-02T09:30:00.000Z";
  const Item = {
    requestId,
    type,
    status: "PROCESSING",
    customerId: "c",
    domain: "a.fi",
    createdAt: time,
    updatedAt: time,
  };
  await world.documents.send(new PutCommand({ TableName: world.legacy.trackingTable, Item }));
}

describe("what a real topic published", () => {
  it("invokes the function asynchronously with the event that SNS would give it, byte for byte", async () => {
    const { TopicArn = "" } = await world.sns.send(new CreateTopicCommand({ Name: `t-${randomUUID()}` }));
    const { url, arn, SubscriptionArn } = await subscribedQueue(world, TopicArn);
    const Message = JSON.stringify(registration(), undefined, "\t");
    const bytes = Uint8Array.from([0, 1, 254, 255]);
    const MessageAttributes = {
      correlationId: { DataType: "String", StringValue: "c ö 1" },
      bytes: { DataType: "Binary", BinaryValue: bytes },
    };
    await world.sns.send(new PublishCommand({ TopicArn, Message, MessageAttributes, Subject: "Domains" }));
    const arrived = await eventually("the notification", async (): Promise<SqsMessage | undefined> => {
      const [message] = await drain(world.sqs, url);
      return message;
    });
    const outcome = await ingestRecord(toFunction(deps, arn, TopicArn), delivery(arn, arrived.Body));
    expect(outcome).toMatchObject({ kind: "forwarded" });

    const [invocation, ...more] = lambda.invocations;
    expect(more).toEqual([]);
    expect(invocation).toMatchObject({ functionArn: FUNCTION, type: "Event" });
    const { SigningCertURL, UnsubscribeURL, ...same } = JSON.parse(arrived.Body ?? "");
    expect(JSON.parse(invocation?.payload ?? "")).toEqual({
      Records: [
        {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          EventSubscriptionArn: SubscriptionArn,
          Sns: { ...same, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL },
        },
      ],
    });
    expect(same).toMatchObject({
      Message,
      Subject: "Domains",
      MessageAttributes: { bytes: { Type: "Binary", Value: Buffer.from(bytes).toString("base64") } },
    });
  });
});

describe("a function drops no repeats, and so takes the lease (A4)", () => {
  it("is invoked once of deliveries that race", async () => {
    const message = registration();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => deliver(message)));
    expect(outcomes.filter(({ kind }) => kind === "forwarded")).toHaveLength(1);
    expect(sent()).toEqual([JSON.stringify(message)]);
    const claim = await claimOf(message);
    expect(claim).toMatchObject({ path: "legacy", forwardedAt: expect.any(Number) });
    expect(claim?.lease).toBeUndefined();
  });

  const expired = { ...{ leaseMs: 1 }, clock: { now: () => Date.now() - 60_000 } };

  it("is invoked again after an answer was lost, while its row says that nobody has the work", async () => {
    const message = registration();
    lambda.answer("silence");
    const lost = await deliver(message, { ...deps, ...expired });
    expect(lost).toMatchObject({ kind: "failed", error: { code: "DEPENDENCY_FAILED", disposition: "retry" } });
    expect(sent(), "not repeated by the SDK").toHaveLength(1);
    lambda.answer(202);
    expect(await deliver(message)).toMatchObject({ kind: "forwarded" });
    expect(sent()).toHaveLength(2);
  });

  it("is not invoked again once its row has moved on", async () => {
    const message = registration();
    lambda.answer("silence");
    await deliver(message, { ...deps, ...expired });
    await working(message);
    lambda.answer(202);
    expect(await deliver(message)).toMatchObject({ kind: "forwarded" });
    expect(sent()).toHaveLength(1);
    expect(await claimOf(message)).toMatchObject({ forwardedAt: expect.any(Number) });
  });
});

describe("an invocation that Lambda refuses", () => {
  const errorOf = (outcome: IngestOutcome) => (outcome.kind === "failed" ? outcome.error : outcome);

  it.each([
    [429, "TooManyRequestsException"],
    [500, "ServiceException"],
    [503, "Unheard"],
  ])("with %i %s passes, and the message comes back", async (status, type) => {
    const message = registration();
    lambda.answer(status, type);
    expect(errorOf(await deliver(message))).toMatchObject({ code: "DEPENDENCY_FAILED", disposition: "retry" });
    expect((await claimOf(message))?.forwardedAt).toBeUndefined();
  });

  it("since there is no such function is an error for a person, and the message comes back", async () => {
    lambda.answer(404, "ResourceNotFoundException");
    expect(errorOf(await deliver(registration()))).toMatchObject({ name: "ResourceNotFoundException" });
  });

  it.each(["RequestTooLargeException", "SerializedRequestEntityTooLargeException"])(
    "with %s is kept: it can never be sent",
    async (type) => {
      const message = registration();
      lambda.answer(413, type);
      expect(await deliver(message)).toEqual({ kind: "quarantined", code: "PAYLOAD_TOO_LARGE", field: "body" });
      const [kept] = await quarantined();
      expect(attribute(kept, "code")).toBe("PAYLOAD_TOO_LARGE");
      expect((await claimOf(message))?.forwardedAt).toBeUndefined();
    },
  );

  it("that was answered like a synchronous one is not taken for sent", async () => {
    lambda.answer(200);
    expect(errorOf(await deliver(registration()))).toMatchObject({ code: "DEPENDENCY_FAILED" });
  });
});

describe("a message that cannot be an event claims nothing", () => {
  it("and comes back until raw delivery is off", async () => {
    const message = registration();
    const outcome = await ingestRecord(deps, delivery(QUEUE, message));
    expect(outcome).toMatchObject({ kind: "failed", error: { code: "NOT_A_NOTIFICATION", disposition: "fatal" } });
    expect(await claimOf(message)).toBeUndefined();
    expect(await deliver(message)).toMatchObject({ kind: "forwarded" });
    expect(await quarantined()).toEqual([]);
  });

  it("and is kept where it is too large, or no notification of SNS", async () => {
    const message = registration();
    // A tab takes one byte in the message, and two in the event.
    const large = wrapped(TOPIC, `${JSON.stringify(message)}${"\t".repeat(600_000)}`);
    const forged = JSON.stringify({ ...JSON.parse(wrapped(TOPIC, message)), Signature: undefined });
    expect(await ingestRecord(deps, delivery(QUEUE, large))).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect(await ingestRecord(deps, delivery(QUEUE, forged))).toMatchObject({ field: "body.Signature" });
    expect(await claimOf(message)).toBeUndefined();
    expect(lambda.invocations).toEqual([]);
    await quarantined();
  });

  it("and goes its way on the order path, which needs no event", async () => {
    const message = registration({ customerId: ON_ORDER });
    expect(await ingestRecord(deps, delivery(QUEUE, message))).toMatchObject({ kind: "started" });
    expect(await claimOf(message)).toMatchObject({ path: "order" });
  });
});

it("a request that was started is a duplicate, though the flag has moved and its message could not be sent", async () => {
  const message = registration({ customerId: ON_ORDER });
  expect(await deliver(message)).toMatchObject({ kind: "started" });
  const choose: IngestDeps["flag"]["choose"] = async () => ({
    ...{ path: "legacy", reason: "bucket", bucket: 7, stage: "split", rolloutVersion: 9 },
  });
  const outcome = await ingestRecord({ ...deps, flag: { choose } }, delivery(QUEUE, message));
  expect(outcome).toMatchObject({ kind: "duplicate" });
});
