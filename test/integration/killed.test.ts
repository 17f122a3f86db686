import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from "@aws-sdk/client-sfn";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { dnsClient } from "@crossfade/legacy";
import {
  createDnsWorker,
  type SimulatedService,
  startSimulatedDns,
  startSimulatedRegistry,
} from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { delivery, dnsUpdate, keyOfMessage, type Message, ON_ORDER, registration } from "./support/messages.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
let registry: SimulatedService;
let dns: SimulatedService;
const PUNCTUAL = { unavailableRate: 0, slowRate: 0, stallRate: 0, notFoundRate: 0, takenRate: 0 };

beforeAll(async () => {
  world = await startWorld();
  // Long enough for a worker to be killed while the registry is at its command.
  registry = await startSimulatedRegistry({ ...PUNCTUAL, latencyMs: 1_000 });
  dns = await startSimulatedDns({ ...PUNCTUAL, latencyMs: 0 });
  await hearDeathSooner("RegisterDomain");
});
afterAll(async () => {
  await world.close();
  await Promise.all([registry.stop(), dns.stop()]);
});

/** A worker's death is heard of after 30 seconds; here after two, in the definition that is deployed for the test. */
async function hearDeathSooner(action: string): Promise<void> {
  const stateMachineArn = world.bridge.orderArn.replace(/Order$/, action);
  const { definition = "" } = await world.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(definition).toContain('"HeartbeatSeconds":30');
  const sooner = definition.replaceAll('"HeartbeatSeconds":30', '"HeartbeatSeconds":2');
  await world.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: sooner }));
}

function startRegistryWorker() {
  const file = fileURLToPath(import.meta.resolve("@crossfade/functions/webcat/registry-worker"));
  const given = { ACTIVITY_ARN: world.bridge.activityArns.registry, SERVICE_URL: registry.url, HEARTBEAT_MS: "500" };
  const env = { ...process.env, ...world.bridge.env, ...given };
  return spawn(process.execPath, [file], { env, stdio: ["ignore", "ignore", "inherit"] });
}

const ended = (message: Message) =>
  eventually(
    `the claim of ${message.requestId} ends`,
    async () => {
      const claim = await world.claims.read(keyOfMessage(message));
      return claim?.endedAt === undefined ? undefined : claim;
    },
    30_000,
  );

describe("a process that is killed in the middle of its work", () => {
  it("of an Activity: the next one ends it, and the registry is told once", async () => {
    const authorisationId = `auth-killed-${Date.now()}`;
    await world.payments.authorise(authorisationId, 1_290, "shop");
    const message = registration({ customerId: ON_ORDER, payment: { authorisationId, amount: 1_290 } });
    const effects = new DynamoDbEffects(world.documents, world.bridge.ledgerTable);
    const first = startRegistryWorker();
    expect(await world.ingest([delivery(world.legacy.registrations.queueArn, message)])).toEqual([]);
    await eventually(
      "the worker has begun",
      async () => ((await effects.read(keyOfMessage(message))).length > 0 ? true : undefined),
      20_000,
    );
    const died = once(first, "exit");
    first.kill("SIGKILL");
    await died;
    const second = startRegistryWorker();
    try {
      expect(await ended(message)).toMatchObject({ orderOutcome: { status: "COMPLETED" } });
    } finally {
      const stopped = once(second, "exit");
      second.kill("SIGTERM");
      await stopped;
    }
    const commands = registry.commands().filter(({ requestId }) => requestId === message.requestId);
    expect(commands.map(({ outcome }) => outcome)).toEqual(["done"]);
    expect(await world.payments.read(authorisationId)).toMatchObject({ state: "captured", captured: 1_290 });
    expect(await world.tracking.read(keyOfMessage(message))).toMatchObject({ status: "COMPLETED" });
  });

  it("of delegated work: the message comes back to the legacy service, and the order ends by its row", async () => {
    await world.setRollouts({ integration: "delegate" });
    const QueueUrl = world.bridge.delegates.get("UPDATE_DNS")?.url ?? "";
    const message = await eventually("the rollout has moved", async () => {
      const next = dnsUpdate({ customerId: ON_ORDER });
      await world.ingest([delivery(world.legacy.dns.queueArn, next)]);
      return (await world.claims.read(keyOfMessage(next)))?.integration === "delegate" ? next : undefined;
    });
    // A consumer takes the message and is no more.
    await eventually("a consumer has the message", async () => {
      const receive = new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 1, WaitTimeSeconds: 1 });
      return ((await world.sqs.send(receive)).Messages ?? []).length > 0 ? true : undefined;
    });
    const { documents, sqs, payments, legacy } = world;
    const next = createDnsWorker(
      {
        ...{ documents, trackingTable: legacy.trackingTable, payments, sqs, clock: { now: () => Date.now() } },
        dns: dnsClient({ url: dns.url }),
      },
      { queueUrls: [QueueUrl], waitSeconds: 1 },
    );
    await next.start();
    expect(await ended(message)).toMatchObject({ orderOutcome: { status: "COMPLETED" } });
    await next.stop();
    expect(dns.commands().filter(({ requestId }) => requestId === message.requestId)).toHaveLength(1);
  });
});
