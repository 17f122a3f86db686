import { randomUUID } from "node:crypto";
import { DescribeExecutionCommand, GetExecutionHistoryCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { type Claim, OrderInput } from "@crossfade/bridge";
import { dnsClient } from "@crossfade/legacy";
import { createDnsWorker, type SimulatedService, startSimulatedDns, type Worker } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import { delivery, dnsUpdate, keyOfMessage, type Message, ON_ORDER } from "./support/messages.ts";
import { attribute, depth, drain } from "./support/queues.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
let dns: SimulatedService;
let old: Worker;

/** The old DNS service, which takes what is delegated to it. */
function oldWorker(): Worker {
  const { documents, sqs, payments, legacy, bridge } = world;
  const clock = { now: () => Date.now() };
  const client = dnsClient({ url: dns.url });
  return createDnsWorker(
    { documents, trackingTable: legacy.trackingTable, payments, clock, sqs, dns: client },
    { queueUrls: [z.string().parse(bridge.delegates.get("UPDATE_DNS")?.url)], waitSeconds: 1 },
  );
}

beforeAll(async () => {
  world = await startWorld({ delegateWaitSeconds: 1, reconcileAfterMs: 3_600_000 });
  await world.setRollouts({ integration: "delegate" });
  const punctual = { latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, notFoundRate: 0 };
  dns = await startSimulatedDns(punctual);
  old = oldWorker();
});
afterAll(async () => {
  await old.stop();
  await world.close();
  await dns.stop();
});

async function publish(message: Message): Promise<Claim> {
  const time = "2026-03-02T09:30:00.000Z";
  const { requestId, type } = message;
  const row = { requestId, type, status: "RECEIVED", customerId: ON_ORDER, domain: "a.fi", createdAt: time };
  await world.documents.send(
    new PutCommand({ TableName: world.legacy.trackingTable, Item: { ...row, updatedAt: time } }),
  );
  expect(await world.ingest([delivery(world.legacy.dns.queueArn, message)])).toEqual([]);
  return claimOf(message, (claim) => claim.startedAt !== undefined);
}

const claimOf = (message: Message, is: (claim: Claim) => boolean) =>
  eventually(`the claim of ${message.requestId}`, async () => {
    const claim = await world.claims.read(keyOfMessage(message));
    return claim !== undefined && is(claim) ? claim : undefined;
  });

const hasEnded = (claim: Claim) => claim.endedAt !== undefined;
const rowOf = (message: Message) => world.tracking.read(keyOfMessage(message));
const commandsFor = ({ requestId }: Message) => dns.commands().filter((command) => command.requestId === requestId);
const orderArn = (claim: Claim) =>
  `${world.bridge.orderArn.replace(":stateMachine:", ":execution:")}:${claim.executionName}`;

/** The states that the order's only Action has entered. */
async function entered(claim: Claim): Promise<string[]> {
  const { input } = await world.sfn.send(new DescribeExecutionCommand({ executionArn: orderArn(claim) }));
  const [item] = OrderInput.parse(JSON.parse(input ?? "")).items;
  const executionArn = `${orderArn(claim)
    .replace("webcat-Order", "webcat-UpdateDns")
    .replace(/[^:]*$/, "")}${item?.executionName}-0`;
  const { events = [] } = await world.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  return events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
}

const update = () => dnsUpdate({ customerId: ON_ORDER, domain: `${randomUUID()}.fi` });
const delegatedDepth = () => depth(world.sqs, z.string().parse(world.bridge.delegates.get("UPDATE_DNS")?.url));

describe("a request whose work the legacy service does for the order path (N4)", () => {
  it("waits with one token after the other until the row tells the end, and is asked for once", async () => {
    const message = update();
    const claim = await publish(message);
    expect(claim).toMatchObject({ path: "order", integration: "delegate" });
    await eventually("a second wait", async () =>
      (await entered(claim)).includes("Wait with a new token") ? true : undefined,
    );
    expect(await delegatedDepth()).toBe(1);
    expect(await rowOf(message)).toMatchObject({ status: "RECEIVED" });
    await old.start();
    const ended = await claimOf(message, hasEnded);
    expect(ended).toMatchObject({ orderOutcome: { status: "COMPLETED" } });
    expect(commandsFor(message).map(({ clientId, outcome }) => [clientId, outcome])).toEqual([["legacy", "done"]]);
    const row = await rowOf(message);
    expect(row).toMatchObject({ status: "COMPLETED", result: { domain: message["domain"] } });
    expect(row).not.toHaveProperty("crossfadeFence");
    expect(await delegatedDepth()).toBe(0);
  });

  it("keeps its pin when its order is stopped, until the service is through with it; then all is settled", async () => {
    await old.stop();
    const message = update();
    const claim = await publish(message);
    await eventually("the service is asked", async () => ((await delegatedDepth()) === 1 ? true : undefined));
    await world.sfn.send(new StopExecutionCommand({ executionArn: orderArn(claim) }));
    const next = dnsUpdate({ customerId: "cust-legacy", domain: message["domain"] });
    expect(await publish(next)).toMatchObject({ path: "order", integration: "delegate" });
    expect((await world.claims.read(keyOfMessage(message)))?.endedAt).toBeUndefined();
    old = oldWorker();
    await old.start();
    expect(await claimOf(message, hasEnded)).toMatchObject({ orderOutcome: { status: "COMPLETED" } });
    expect(await claimOf(next, hasEnded)).toMatchObject({ orderOutcome: { status: "COMPLETED" } });
    expect(commandsFor(message)).toHaveLength(1);
    expect(commandsFor(next)).toHaveLength(1);
  });

  it("ends as a soft error when the legacy service gives it up, and the message is kept", async () => {
    await old.stop();
    const message = update();
    const claim = await publish(message);
    const url = z.string().parse(world.bridge.delegates.get("UPDATE_DNS")?.url);
    const [given] = await eventually("the service is asked", async () => {
      const found = await drain(world.sqs, url);
      return found.length > 0 ? found : undefined;
    });
    const arn = world.bridge.delegates.get("UPDATE_DNS")?.deadLetters.arn ?? "";
    const record = delivery(arn, given?.Body);
    const result = await world.cloud.functions.invoke("crossfade-delegate-dead-letters", { Records: [record] });
    expect(result).toMatchObject({ kind: "returned", payload: { batchItemFailures: [] } });
    const ended = await claimOf(message, hasEnded);
    expect(ended).toMatchObject({ orderOutcome: { status: "FAILED", Error: { Code: "LEGACY_DEAD_LETTER" } } });
    expect(await rowOf(message)).toMatchObject({ status: "FAILED", errorCode: "LEGACY_DEAD_LETTER" });
    const [kept] = await drain(world.sqs, world.bridge.quarantine.url);
    expect([kept?.Body, attribute(kept, "code")]).toEqual([given?.Body, "LEGACY_DEAD_LETTER"]);
    expect(claim.orderId).toBe(ended.orderId);
  });

  it("is done by a worker of the new path, once the rollout says so", async () => {
    await world.setRollouts({ integration: "activity" });
    const claim = await eventually("the rollout has moved", async () => {
      const found = await publish(update());
      return found.integration === undefined ? found : undefined;
    });
    expect(claim).toMatchObject({ path: "order" });
    await eventually("its own worker is asked", async () =>
      (await entered(claim)).includes("Update the DNS records") ? true : undefined,
    );
  });
});
