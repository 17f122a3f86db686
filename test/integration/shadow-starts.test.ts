import { createServer, type RequestListener, type Server } from "node:http";
import { type IngestDeps, ingestRecord, isSampled, type Rollout } from "@crossfade/bridge";
import { hastyClient, SfnOrders } from "@crossfade/bridge/adapters/sfn-orders";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import { delivery, dnsUpdate, keyOfMessage, type Message, refresh, registration, wrapped } from "./support/messages.ts";
import { depth, drain } from "./support/queues.ts";
import { type QueueName, startWorld, type World } from "./support/world.ts";

let world: World;
let deps: IngestDeps;
beforeAll(async () => {
  world = await startWorld();
  deps = await world.ingestDeps();
});
afterAll(() => world.close());
beforeEach(() => rolled({}));

const TAP = "arn:aws:sqs:eu-west-1:000000000000:tap";
const TOPIC = "arn:aws:sns:eu-west-1:000000000000:tapped";

/** Every route in shadow, as ingest knows it too. */
async function rolled(given: Partial<Rollout>): Promise<void> {
  const rollout = { stage: "shadow" as const, include: [], ...given };
  await world.setRollouts(rollout);
  const { route } = keyOfMessage(refresh());
  await eventually("ingest knows of it", async () => {
    const { stage, sample } = await deps.flag.choose(route, "cust-1", Date.now());
    const wanted = rollout.stage === "shadow" ? (rollout.sample ?? 100) : undefined;
    return stage === rollout.stage && sample === wanted ? true : undefined;
  });
}

const arnOf = (name: QueueName) => world.legacy[name].queueArn;
const claimOf = (message: Message) => world.claims.read(keyOfMessage(message));
const planOf = (message: Message) =>
  eventually("the plan has ended", async () => {
    const claim = await claimOf(message);
    return claim?.shadow?.endedAt === undefined ? undefined : claim;
  });
const forwarded = (name: QueueName) => drain(world.sqs, world.forwardUrl(name));

/** Step Functions as `answer` has it, for what is started in shadow. */
async function withStepFunctions<T>(answer: RequestListener, run: (given: IngestDeps) => Promise<T>): Promise<T> {
  const server: Server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = z.object({ port: z.int() }).parse(server.address());
  const before = process.env["AWS_ENDPOINT_URL_SFN"];
  process.env["AWS_ENDPOINT_URL_SFN"] = `http://127.0.0.1:${port}`;
  try {
    const orders = new SfnOrders(hastyClient(), world.bridge.orderArn);
    return await run({ ...deps, shadow: { ...deps.shadow, orders } });
  } finally {
    process.env["AWS_ENDPOINT_URL_SFN"] = before;
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

/** Milliseconds: ingest has ten seconds for its whole batch. */
const SOON = 4_000;

describe("a plan that cannot be started", () => {
  it.each([
    [
      "is throttled",
      (count: () => void): RequestListener =>
        (_, response) => {
          count();
          response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
          response.end(JSON.stringify({ __type: "ThrottlingException", message: "Rate exceeded" }));
        },
      "ThrottlingException",
    ],
    [
      "gets no answer",
      (count: () => void): RequestListener =>
        () =>
          count(),
      "TimeoutError",
    ],
  ])("since it %s leaves its message forwarded, once, and acknowledged soon", async (_, answering, Message) => {
    const message = registration();
    let asked = 0;
    const began = performance.now();
    const outcome = await withStepFunctions(
      answering(() => asked++),
      (given) => ingestRecord(given, delivery(arnOf("registrations"), message)),
    );
    expect(performance.now() - began).toBeLessThan(SOON);
    expect(outcome).toMatchObject({ kind: "forwarded", shadow: { kind: "failed" } });
    expect(asked).toBe(1);
    const claim = await claimOf(message);
    expect(claim).toMatchObject({
      ...{ path: "legacy", forwardedAt: expect.any(Number) },
      shadow: { failure: { Code: "SHADOW_NOT_STARTED", Message }, endedAt: expect.any(Number) },
    });
    expect(await ingestRecord(deps, delivery(arnOf("registrations"), message))).toMatchObject({ kind: "duplicate" });
    expect(await forwarded("registrations")).toHaveLength(1);
    expect(await claimOf(message)).toEqual(claim);
    expect(await world.executionsNamed(claim?.shadow?.executionName)).toBe(0);
  });

  it("since its translation is faulty leaves it so too, and its neighbours are planned", async () => {
    const draft = () => {
      throw new TypeError("no such field");
    };
    const faulty = new Map(
      [...deps.migration.routes].map(([type, route]) => [
        type,
        { ...route, parse: (body: unknown) => ({ ...route.parse(body), draft }) },
      ]),
    );
    const routeOf: IngestDeps["migration"]["routeOf"] = (body) => {
      const route = faulty.get(deps.migration.routeOf(body).type);
      if (route === undefined) throw new Error("no such route");
      return route;
    };
    const [message, neighbour] = [registration(), registration()];
    const broken = { ...deps, migration: { ...deps.migration, routeOf } };
    const outcomes = await Promise.all([
      ingestRecord(broken, delivery(arnOf("registrations"), message)),
      ingestRecord(deps, delivery(arnOf("registrations"), neighbour)),
    ]);
    expect(outcomes).toMatchObject([
      { kind: "forwarded", shadow: { kind: "failed" } },
      { kind: "forwarded", shadow: { kind: "started" } },
    ]);
    expect(await claimOf(message)).toMatchObject({ shadow: { failure: { Code: "INVALID_ORDER", Retryable: false } } });
    expect(await planOf(neighbour)).toMatchObject({ shadow: { outcome: { status: "COMPLETED" } } });
    expect(await forwarded("registrations")).toHaveLength(2);
    expect(await drain(world.sqs, world.bridge.quarantine.url)).toEqual([]);
  });
});

describe("a redelivery", () => {
  it.each([
    ["registrations", registration],
    ["dns", dnsUpdate],
  ] as const)("that races with others plans once, and forwards once: %s", async (name, make) => {
    const message = make();
    const batches = await Promise.all([1, 2, 3, 4].map(() => world.ingest([delivery(arnOf(name), message)])));
    expect(batches.flat().length).toBeLessThan(4);
    const claim = await planOf(message);
    expect(await world.ingest([delivery(arnOf(name), message)])).toEqual([]);
    expect(await forwarded(name)).toHaveLength(1);
    expect(await world.executionsNamed(claim?.shadow?.executionName)).toBe(1);
    expect(await claimOf(message)).toEqual(claim);
  });

  it("of a message that was claimed before its route was in shadow is not planned", async () => {
    await rolled({ stage: "legacy" });
    const message = refresh();
    const send = () => Promise.reject(new Error("queue down"));
    const stopped = await ingestRecord({ ...deps, forwarder: { send } }, delivery(arnOf("refreshes"), message));
    expect(stopped).toMatchObject({ kind: "failed" });
    await rolled({});
    expect(await world.ingest([delivery(arnOf("refreshes"), message)])).toEqual([]);
    expect(await forwarded("refreshes")).toHaveLength(1);
    expect(await claimOf(message)).toMatchObject({ stage: "legacy", forwardedAt: expect.any(Number) });
    expect(await claimOf(message)).not.toHaveProperty("shadow");
  });
});

it("half of the messages are planned where half is asked for: those that follow from their requests", async () => {
  await rolled({ sample: 50 });
  const messages = Array.from({ length: 30 }, () => refresh());
  expect(await world.ingest(messages.map((message) => delivery(arnOf("refreshes"), message)))).toEqual([]);
  const claims = await Promise.all(messages.map(claimOf));
  expect(claims.map((claim) => claim?.shadow !== undefined)).toEqual(
    messages.map((message) => isSampled(50, keyOfMessage(message))),
  );
  expect(await forwarded("refreshes")).toHaveLength(messages.length);
});

describe("a tap in shadow", () => {
  const tapping = (): IngestDeps => ({
    ...deps,
    sources: [...deps.sources, { queueArn: TAP, topicArns: [TOPIC], forward: { kind: "tap" } }],
  });
  const tap = (message: Message) => ingestRecord(tapping(), delivery(TAP, wrapped(TOPIC, message)));

  it("plans what it sees, while its routes are held, and forwards nothing", async () => {
    const message = registration();
    expect(await tap(message)).toMatchObject({ kind: "tapped", shadow: { kind: "started" } });
    expect(await planOf(message)).toMatchObject({ tap: TAP, shadow: { outcome: { status: "COMPLETED" } } });
    expect(await tap(message)).toMatchObject({ kind: "duplicate" });
    expect(await depth(world.sqs, world.forwardUrl("registrations"))).toBe(0);
  });

  it("keeps its plan when the consumer's own copy comes to us: forwarded once, planned once", async () => {
    const message = registration();
    await tap(message);
    const { shadow } = (await planOf(message)) ?? {};
    expect(await world.ingest([delivery(arnOf("registrations"), message)])).toEqual([]);
    expect(await forwarded("registrations")).toHaveLength(1);
    const claim = await claimOf(message);
    expect(claim).toMatchObject({ path: "legacy", forwardedAt: expect.any(Number), shadow });
    expect(claim).not.toHaveProperty("tap");
    expect(await world.executionsNamed(shadow?.executionName)).toBe(1);
  });

  it("plans nothing afterwards of what it saw when nothing was to be planned", async () => {
    await rolled({ sample: 0 });
    const message = registration();
    await tap(message);
    await rolled({});
    expect(await world.ingest([delivery(arnOf("registrations"), message)])).toEqual([]);
    expect(await forwarded("registrations")).toHaveLength(1);
    expect(await claimOf(message)).not.toHaveProperty("shadow");
  });
});
