import { randomUUID } from "node:crypto";
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, GetExecutionHistoryCommand } from "@aws-sdk/client-sfn";
import {
  bytesAtTheEnd,
  type ClaimCheck,
  CorrelationId,
  type ItemDraft,
  ingestRecord,
  keepingResults,
  MAX_ORDER_BYTES,
  MAX_PAYLOAD_BYTES,
  OrderId,
  OrderInput,
  OrderOutcome,
  type OrderStarter,
  Outcome,
  performEffect,
  placeOrder,
  type RequestKey,
  withInput,
} from "@crossfade/bridge";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { payloadClient } from "@crossfade/bridge/adapters/s3-payloads";
import { runWorker } from "@crossfade/functions/activity-worker";
import { composePayloads, composePlaceOrder, composeWorker } from "@crossfade/functions/compose";
import { telemetry } from "@crossfade/functions/telemetry";
import { type SimulatedService, startSimulatedDns } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { delivery, dnsUpdate, keyOfMessage, largeDnsUpdate, type Message, ON_ORDER } from "./support/messages.ts";
import { startWorker } from "./support/people.ts";
import { startWorld, type World } from "./support/world.ts";

const PRICE = 100;
const KIB = 1_024;

let world: World;
let s3: S3Client;
let dns: SimulatedService;
let dnsWorker: ReturnType<typeof startWorker>;
const stop = new AbortController();
let ownWorker: Promise<void>;

beforeAll(async () => {
  world = await startWorld({ rowGraceMs: 100 });
  s3 = payloadClient();
  const punctual = { latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, notFoundRate: 0 };
  dns = await startSimulatedDns(punctual);
  dnsWorker = startWorker(world, "dns", dns.url);
  ownWorker = work();
});
afterAll(async () => {
  stop.abort();
  await Promise.all([dnsWorker.stop(), ownWorker]);
  await world.close();
  await dns.stop();
  s3.destroy();
});

/** A worker of the registry's activity, whose service answers with all that it was told. */
async function work(): Promise<void> {
  const [deps, payloads] = [composeWorker(), composePayloads()];
  await runWorker({
    activityArn: world.bridge.activityArns.registry,
    ...{ workerName: "own", heartbeatMs: 5_000, tidyEveryMs: 60_000, signal: stop.signal },
    telemetry: telemetry("own-worker"),
    tidy: async () => undefined,
    perform: ({ item, orderId, generation }) =>
      withInput(payloads, item, (input) => {
        const outcome = { status: "COMPLETED" as const, effects: [], result: { ...input, done: true } };
        const ended = { kind: "ended" as const, outcome };
        const command = { send: async () => ended, find: async () => ended };
        const request = { key: item, n: 0, orderId, generation, pinKey: item.pinKey, pinned: item.pinned };
        const kind = { role: "whole", lane: "order", service: "registry", command: "refresh", owner: "own" } as const;
        return performEffect(deps, { ...request, ...kind }, keepingResults(payloads, command));
      }),
  });
}

const executionArn = (name: string) => `${world.bridge.orderArn.replace(":stateMachine:", ":execution:")}:${name}`;

const endOf = (name: string) =>
  eventually(
    "the order ends",
    async () => {
      const execution = await world.sfn.send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));
      return execution.status === "RUNNING" ? undefined : execution;
    },
    60_000,
  );

/** The row, when it is at its end. */
const rowOf = (key: RequestKey) =>
  eventually(`the row of ${key.requestId} is at its end`, async () => {
    const row = await world.tracking.read(key);
    return row?.["status"] === "COMPLETED" || row?.["status"] === "FAILED" ? row : undefined;
  });

const objectOf = ({ sha256 }: ClaimCheck) => ({ Bucket: world.bridge.payloadBucket, Key: `payloads/${sha256}` });

const ids = () => ({ orderId: OrderId.parse(randomUUID()), correlationId: CorrelationId.parse("claim-check") });

describe("an order of 40 items with inputs and results of 20 KiB each (N18)", () => {
  const inputs = Array.from({ length: 40 }, (_, n) => ({
    ...{ customerId: "cust-large", domain: `suuri-${n}-${randomUUID()}.fi` },
    padding: "ä".repeat(10 * KIB),
  }));
  const items = inputs.map((input, n) => ({
    ...{ itemId: `item-${n}`, route: "REFRESH_DOMAIN", requestId: randomUUID(), action: "RefreshDomain", input },
  }));

  it("runs to its end below the limits, and its rows are those of any other", async () => {
    const order = await placeOrder(composePlaceOrder(), { customerId: "cust-large", items }, ids());
    expect(order.items.every((item) => (item.inputCheck?.bytes ?? 0) > 20 * KIB && item.input === undefined)).toBe(
      true,
    );
    const { status, input = "", output = "" } = await endOf(order.executionName);
    expect(status).toBe("SUCCEEDED");
    expect(OrderInput.parse(JSON.parse(input))).toEqual(order);
    const ends = OrderOutcome.parse(JSON.parse(output)).items;
    expect(ends.every((end) => end.status === "COMPLETED" && (end.resultCheck?.bytes ?? 0) > 20 * KIB)).toBe(true);
    const history = new GetExecutionHistoryCommand({
      executionArn: executionArn(order.executionName),
      maxResults: 1_000,
    });
    const { events = [] } = await world.sfn.send(history);
    const states = events.map((event) => Buffer.byteLength(event.stateExitedEventDetails?.output ?? ""));
    expect(Math.max(...states)).toBeLessThan(bytesAtTheEnd(order));
    expect(bytesAtTheEnd(order)).toBeLessThan(MAX_ORDER_BYTES);

    for (const [n, item] of order.items.entries()) {
      const row = await rowOf(item);
      const { domain, customerId } = inputs[n] ?? {};
      const told = { type: "REFRESH_DOMAIN", status: "COMPLETED", domain, customerId, crossfadeFence: 7 };
      expect(row).toMatchObject({ ...told, result: { ...inputs[n], done: true } });
      expect(row).not.toHaveProperty("errorCode");
    }
    const child = executionArn(`${order.items[0]?.executionName}-0`).replace("-Order:", "-RefreshDomain:");
    const told = (await world.sfn.send(new GetExecutionHistoryCommand({ executionArn: child }))).events?.flatMap(
      (event) => event.activitySucceededEventDetails?.output ?? [],
    );
    expect(told?.map((text) => Outcome.parse(JSON.parse(text)).resultCheck)).toEqual([ends[0]?.resultCheck]);
    const effects = new DynamoDbEffects(world.documents, world.bridge.ledgerTable);
    const [first] = order.items;
    const [effect] = first ? await effects.read(first) : [];
    expect(effect?.outcome).toMatchObject({ status: "COMPLETED", resultCheck: { bytes: expect.any(Number) } });
    expect(effect?.outcome).not.toHaveProperty("result");
  });
});

/** An item of a direct order, as the route of its message would make it. */
const itemOf = ({ type, requestId, domain, customerId, records }: Message, n: number): ItemDraft => ({
  ...{ itemId: `item-${n}`, route: type, requestId, action: "UpdateDns", pinKey: String(domain), price: PRICE },
  input: JSON.parse(JSON.stringify({ customerId, domain, records })),
});

const commandsFor = (requestId: string) => dns.commands().filter((command) => command.requestId === requestId);

describe("references that do not hold", () => {
  const items = [...Array.from({ length: 5 }, () => largeDnsUpdate()), dnsUpdate()].map(itemOf);
  const { orderId, correlationId } = ids();
  const payment = { authorisationId: `auth-${orderId}`, amount: items.length * PRICE };
  const codes = [
    undefined,
    "CLAIM_CHECK_FORGED",
    "CLAIM_CHECK_FORGED",
    "CLAIM_CHECK_MISSING",
    "PAYLOAD_TOO_LARGE",
    undefined,
  ];

  it("fail their own items; the neighbours are done, paid and told", async () => {
    await world.payments.authorise(payment.authorisationId, payment.amount, orderId);
    const { orders, ...deps } = composePlaceOrder();
    /** Between the puts and the start somebody is at the bucket, and at the order. */
    const spoilt: OrderStarter = {
      async start(name, input) {
        const order = OrderInput.parse(JSON.parse(input));
        const checks = order.items.flatMap((item) => item.inputCheck ?? []);
        const [, overwritten, longer, deleted, oversized] = checks;
        if (!overwritten || !longer || !deleted || !oversized) throw new Error("the items have no checks");
        const other = (check: ClaimCheck, bytes: number) =>
          s3.send(
            new PutObjectCommand({ ...objectOf(check), Body: JSON.stringify({ padding: "x".repeat(bytes - 14) }) }),
          );
        await other(overwritten, overwritten.bytes);
        await other(longer, 2 * MAX_PAYLOAD_BYTES);
        await s3.send(new DeleteObjectCommand(objectOf(deleted)));
        oversized.bytes = MAX_PAYLOAD_BYTES + 1;
        return orders.start(name, JSON.stringify(order));
      },
    };
    const draft = { customerId: "cust-direct", payment, items };
    const order = await placeOrder({ ...deps, orders: spoilt }, draft, { orderId, correlationId });
    const { status, output = "" } = await endOf(order.executionName);
    expect(status).toBe("SUCCEEDED");
    const outcome = OrderOutcome.parse(JSON.parse(output));
    const held = codes.filter((code) => code === undefined).length;
    expect(outcome).toMatchObject({ status: "PARTIAL", charge: { kind: "capture", sum: held * PRICE } });
    expect(outcome.items.map((item) => item.Error?.Code)).toEqual(codes);
    expect(outcome.items.flatMap((item) => item.Error?.Retryable ?? [])).toEqual([false, false, false, false]);
    expect(await world.payments.read(payment.authorisationId)).toMatchObject({ captured: held * PRICE });
    for (const [n, item] of order.items.entries()) {
      const row = await rowOf(item);
      expect(row).toMatchObject({ status: codes[n] === undefined ? "COMPLETED" : "FAILED" });
      expect(row["errorCode"]).toBe(codes[n]);
      expect(commandsFor(item.requestId)).toHaveLength(codes[n] === undefined ? 1 : 0);
    }
  });
});

describe("a crash between the puts and the start", () => {
  it("leads to the same order when it is placed again, byte for byte", async () => {
    const { orders, ...deps } = composePlaceOrder();
    const inputs: string[] = [];
    const starter = (crash: boolean): OrderStarter => ({
      async start(name, input) {
        inputs.push(input);
        if (crash) throw new Error("crash");
        return orders.start(name, input);
      },
    });
    const draft = { customerId: "cust-direct", items: [{ ...itemOf(largeDnsUpdate(), 0), price: 0 }] };
    const given = ids();
    await expect(placeOrder({ ...deps, orders: starter(true) }, draft, given)).rejects.toThrow("crash");
    const order = await placeOrder({ ...deps, orders: starter(false) }, structuredClone(draft), given);
    expect(inputs[1]).toBe(inputs[0]);
    const [item] = order.items;
    if (item === undefined) throw new Error("the order has no item");
    expect(await rowOf(item)).toMatchObject({ status: "COMPLETED" });
    expect(commandsFor(item.requestId)).toHaveLength(1);
  });

  it("of a message leads to the same order when it is delivered again; its input comes to the service whole", async () => {
    const deps = await world.ingestDeps();
    const message = largeDnsUpdate({ customerId: ON_ORDER });
    const record = delivery(world.legacy.dns.queueArn, message);
    const inputs: string[] = [];
    const starter = (crash: boolean): OrderStarter => ({
      async start(name, input) {
        inputs.push(input);
        if (crash) throw new Error("crash");
        return deps.orders.start(name, input);
      },
    });
    expect(await ingestRecord({ ...deps, orders: starter(true) }, record)).toMatchObject({ kind: "failed" });
    expect(await ingestRecord({ ...deps, orders: starter(false) }, record)).toMatchObject({ kind: "started" });
    expect(inputs[1]).toBe(inputs[0]);
    expect(OrderInput.parse(JSON.parse(inputs[0] ?? "")).items[0]?.inputCheck?.bytes).toBeGreaterThan(20 * KIB);
    expect(await rowOf(keyOfMessage(message))).toMatchObject({ status: "COMPLETED", result: { records: 50 } });
    expect(commandsFor(message.requestId)).toHaveLength(1);
  });

  it("starts nothing while a payload cannot be kept", async () => {
    const deps = await world.ingestDeps();
    const message = largeDnsUpdate({ customerId: ON_ORDER });
    const record = delivery(world.legacy.dns.queueArn, message);
    const down = { put: () => Promise.reject(new Error("503")) };
    const outcome = await ingestRecord({ ...deps, payloads: down }, record);
    expect(outcome).toMatchObject({ kind: "failed", error: { message: "503" } });
    const claim = await world.claims.read(keyOfMessage(message));
    expect(claim?.startedAt).toBeUndefined();
    expect(await world.executionsNamed(claim?.executionName)).toBe(0);
  });
});
