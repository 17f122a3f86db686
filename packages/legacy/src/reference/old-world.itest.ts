import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { startDynamoDb } from "@crossfade/local";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { dnsClient } from "../dns-client.ts";
import { LegacyMessage } from "../messages/index.ts";
import { registryClient } from "../registry-client.ts";
import { createDnsWorker } from "./dns-worker.ts";
import { createPublisher, type PublisherDeps } from "./publisher.ts";
import { createRegistryWorker } from "./registry-worker.ts";
import { createLegacyResources, type LegacyResources } from "./resources.ts";
import type { SampleLine } from "./sample-line.ts";
import { sampleTraffic } from "./sample-traffic.ts";
import { startSimulatedDns } from "./simulated-dns.ts";
import { type SimulatedRegistryOptions, startSimulatedRegistry } from "./simulated-registry.ts";

const client = { region: "eu-west-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
const WELL_BEHAVED = { latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, takenRate: 0, notFoundRate: 0 };
const clock = { now: () => Date.now() };

let messaging: FauxqsServer;
let database: Awaited<ReturnType<typeof startDynamoDb>>;
let sqs: SQSClient;
let deps: PublisherDeps;
let resources: LegacyResources;
let payments: DynamoDbPayments;

beforeAll(async () => {
  messaging = await startFauxqs({ port: 0, logger: false, host: "127.0.0.1" });
  database = await startDynamoDb();
  const endpoint = `http://127.0.0.1:${messaging.port}`;
  sqs = new SQSClient({ ...client, endpoint, useQueueUrlAsEndpoint: false });
  const sns = new SNSClient({ ...client, endpoint });
  const dynamodb = new DynamoDBClient({ ...client, endpoint: database.endpoint });
  resources = await createLegacyResources({ dynamodb, sns, sqs });
  const documents = DynamoDBDocumentClient.from(dynamodb);
  payments = new DynamoDbPayments(documents, resources.paymentsTable);
  deps = { sns, sqs, documents, payments, clock, resources };
});

afterAll(async () => {
  await messaging.stop();
  await database.close();
});

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const requestDeps = () => ({ sqs, documents: deps.documents, trackingTable: resources.trackingTable, payments, clock });

/** The old registry consumer over its two queues, with the registry behind it. */
async function registryWorker(
  options: SimulatedRegistryOptions,
  queueUrls: string[],
  { timeoutMs = 5_000, visibilitySeconds = 30 } = {},
) {
  const service = await startSimulatedRegistry({ ...WELL_BEHAVED, ...options });
  stops.push(() => service.stop());
  const registry = registryClient({ url: service.url, timeoutMs });
  const errors: unknown[] = [];
  const worker = createRegistryWorker(
    { ...requestDeps(), registry },
    { queueUrls, waitSeconds: 1, visibilitySeconds, onError: (error) => errors.push(error) },
  );
  await worker.start();
  stops.push(() => worker.stop());
  return { service, worker, errors };
}

const bothQueues = () => [resources.registrations.queueUrl, resources.refreshes.queueUrl];

async function rowOf(message: LegacyMessage) {
  const { requestId } = message;
  const { Item } = await deps.documents.send(
    new GetCommand({ TableName: resources.trackingTable, Key: { requestId }, ConsistentRead: true }),
  );
  return Item;
}

const within = { timeout: 15_000, interval: 50 };
const ended = (message: LegacyMessage) =>
  vi.waitUntil(async () => {
    const row = await rowOf(message);
    return row?.["status"] === "COMPLETED" || row?.["status"] === "FAILED" ? row : undefined;
  }, within);

/** How many messages a queue still holds, visible or not. */
async function depth(QueueUrl: string): Promise<number> {
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

/** The first valid message of a type; each seed gives another. */
function sample(type: LegacyMessage["type"], seed: number): { line: SampleLine; message: LegacyMessage } {
  for (const line of sampleTraffic({ seed, messages: 100 })) {
    if ("body" in line && line.body["type"] === type && line.expect === undefined) {
      return { line, message: LegacyMessage.parse(line.body) };
    }
  }
  throw new Error(`no ${type}`);
}

const paymentOf = (message: LegacyMessage) =>
  "payment" in message ? payments.read(message.payment.authorisationId) : undefined;

describe("the old world", () => {
  test("works a batch of every type to its end", async () => {
    const { service, errors } = await registryWorker({}, bothQueues());
    const dns = await startSimulatedDns(WELL_BEHAVED);
    stops.push(() => dns.stop());
    const dnsWorker = createDnsWorker(
      { ...requestDeps(), dns: dnsClient({ url: dns.url }) },
      { queueUrls: [resources.dns.queueUrl], waitSeconds: 1 },
    );
    await dnsWorker.start();
    stops.push(() => dnsWorker.stop());

    const publisher = createPublisher(deps, { seed: 4, lateRate: 0 });
    const valid = [...sampleTraffic({ seed: 101, messages: 60 })].filter((line) => line.expect === undefined);
    const messages: LegacyMessage[] = [];
    for (const line of valid) {
      const { message } = await publisher.publish(line, "journey-1");
      if (message !== undefined) messages.push(message);
    }
    expect(messages).toHaveLength(valid.length);
    for (const message of messages) {
      const row = await ended(message);
      expect(row).toMatchObject({ type: message.type, customerId: message.customerId, status: "COMPLETED" });
      expect(row["result"]).toMatchObject({ domain: message.domain });
      if ("payment" in message) {
        expect(await paymentOf(message)).toEqual({
          ...{
            state: "captured",
            amount: message.payment.amount,
            captured: message.payment.amount,
            endedBy: message.requestId,
          },
        });
      }
    }
    const commands = [...service.commands(), ...dns.commands()];
    expect(commands.map((command) => command.requestId).sort()).toEqual(
      messages.map((message) => message.requestId).sort(),
    );
    expect(new Set(commands.map((command) => command.clientId))).toEqual(new Set(["legacy"]));
    for (const queueUrl of [...bothQueues(), resources.dns.queueUrl]) {
      await vi.waitUntil(async () => (await depth(queueUrl)) === 0, within);
    }
    expect(errors).toEqual([]);
  });

  test("a refused registration ends FAILED, and its charge is cancelled", async () => {
    await registryWorker({ takenRate: 1 }, bothQueues());
    const { line, message } = sample("REGISTER_DOMAIN", 201);
    await createPublisher(deps, { lateRate: 0 }).publish(line, "journey-2");
    expect(await ended(message)).toMatchObject({ status: "FAILED", errorCode: "DOMAIN_TAKEN" });
    expect(await paymentOf(message)).toMatchObject({ state: "cancelled", captured: 0 });
  });

  test("a registry that stays unavailable is asked a few times, then the request ends FAILED", async () => {
    const { service } = await registryWorker({ unavailableRate: 1 }, bothQueues());
    const { line, message } = sample("RENEW_DOMAIN", 202);
    await createPublisher(deps, { lateRate: 0 }).publish(line, "journey-3");
    expect(await ended(message)).toMatchObject({ status: "FAILED", errorCode: "SERVICE_UNAVAILABLE" });
    expect(service.commands().map((command) => command.outcome)).toEqual(Array(6).fill("unavailable"));
  });

  test("an answer that was lost is asked for, and the work not repeated", async () => {
    const { service } = await registryWorker({ stallRate: 1, stallMs: 60_000 }, bothQueues(), { timeoutMs: 300 });
    const { line, message } = sample("RENEW_DOMAIN", 203);
    await createPublisher(deps, { lateRate: 0 }).publish(line, "journey-4");
    expect(await ended(message)).toMatchObject({ status: "COMPLETED" });
    expect(service.commands()).toHaveLength(1);
  });

  test("a charge that was cancelled meanwhile is told in the row", async () => {
    const { line, message } = sample("REGISTER_DOMAIN", 204);
    await createPublisher(deps, { lateRate: 0 }).publish(line, "journey-5");
    if ("payment" in message) await payments.cancel(message.payment.authorisationId, "the shop");
    await registryWorker({}, bothQueues());
    expect(await ended(message)).toMatchObject({ status: "COMPLETED", errorCode: "PAYMENT_NOT_CAPTURED" });
  });

  test("a message that comes twice is worked twice: the old code has no idea of idempotency", async () => {
    const { service } = await registryWorker({}, bothQueues());
    const { line, message } = sample("RENEW_DOMAIN", 205);
    const publisher = createPublisher(deps, { lateRate: 0 });
    await publisher.publish(line, "journey-6");
    await publisher.repeat(line, "journey-6");
    await vi.waitUntil(() => service.commands().length === 2, within);
    const [first, second] = service.commands();
    expect([first?.requestId, second?.requestId]).toEqual([message.requestId, message.requestId]);
    expect(first?.commandId).not.toBe(second?.commandId);
  });

  test("a late row comes after the message, and takes its row back", async () => {
    await registryWorker({}, bothQueues());
    const { line, message } = sample("REFRESH_DOMAIN", 206);
    const publisher = createPublisher(deps, { lateRate: 1 });
    expect(await publisher.publish(line, "journey-7")).toMatchObject({ late: true });
    const { requestId, type } = message;
    expect(await ended(message)).toMatchObject({ requestId, type, status: "COMPLETED" });
    await publisher.lateRows();
    const { customerId, domain } = message;
    expect(await rowOf(message)).toMatchObject({ requestId, type, customerId, domain, status: "RECEIVED" });
  });

  test("a text that is no message is published, and gets no row and no charge", async () => {
    const publisher = createPublisher(deps, { lateRate: 0 });
    const spoilt = [...sampleTraffic({ seed: 102, messages: 250 })].filter((line) => line.expect !== undefined);
    for (const line of spoilt) {
      expect(await publisher.publish(line, "journey-8")).toEqual({ message: undefined, late: false });
    }
    const queues = [...bothQueues(), resources.dns.queueUrl];
    const depths = await Promise.all(queues.map(depth));
    expect(depths.reduce((sum, messages) => sum + messages)).toBe(spoilt.length);
    for (const QueueUrl of queues) await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  });

  test("a slow command keeps its message from other deliveries", async () => {
    const twoPollers = [resources.refreshes.queueUrl, resources.refreshes.queueUrl];
    const { service } = await registryWorker({ latencyMs: 2_500 }, twoPollers, { visibilitySeconds: 1 });
    const { line, message } = sample("REFRESH_DOMAIN", 208);
    await createPublisher(deps, { lateRate: 0 }).publish(line, "journey-10");
    expect(await ended(message)).toMatchObject({ status: "COMPLETED" });
    await vi.waitUntil(async () => (await depth(resources.refreshes.queueUrl)) === 0, within);
    expect(service.commands()).toHaveLength(1);
  });

  test("a FIFO queue is read like any other, also with several messages waiting for the registry", async () => {
    const attributes = { FifoQueue: "true" };
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "old.fifo", Attributes: attributes }));
    const { service } = await registryWorker({ latencyMs: 20 }, [QueueUrl]);
    const messages = [301, 302, 303].map((seed) => sample("REFRESH_DOMAIN", seed).message);
    for (const message of messages) {
      await sqs.send(
        new SendMessageCommand({
          ...{ QueueUrl, MessageBody: JSON.stringify(message) },
          ...{ MessageGroupId: message.requestId, MessageDeduplicationId: message.requestId },
        }),
      );
    }
    for (const message of messages) expect(await ended(message)).toMatchObject({ status: "COMPLETED" });
    expect(service.commands()).toHaveLength(3);
  });

  test("a worker that was replaced at the registry stops by itself", async () => {
    const { service, worker, errors } = await registryWorker({}, bothQueues());
    await registryClient({ url: service.url }).login("legacy");
    await createPublisher(deps, { lateRate: 0 }).publish(sample("REFRESH_DOMAIN", 207).line, "journey-9");
    await vi.waitUntil(() => errors.length > 0, within);
    expect(errors[0]).toMatchObject({ code: "SESSION_CLOSED" });
    await worker.stop();
  });
});
