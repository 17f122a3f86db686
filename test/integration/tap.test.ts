import { CreateTopicCommand, PublishCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import {
  type Claim,
  type IngestDeps,
  ingestRecord,
  keyOf,
  OrderId,
  observeRow,
  PinKey,
  type Row,
  reconcile,
} from "@crossfade/bridge";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { composeObserve, composeReconcile } from "@crossfade/functions/compose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import {
  delivery,
  dnsUpdate,
  keyOfMessage,
  type Message,
  ON_ORDER,
  registration,
  wrapped,
} from "./support/messages.ts";
import { attribute, depth, drain } from "./support/queues.ts";
import { aClaim } from "./support/samples.ts";
import { startWorld, type World } from "./support/world.ts";

const TAP = "arn:aws:sqs:eu-west-1:000000000000:tap";
const TOPIC = "arn:aws:sns:eu-west-1:000000000000:tapped";

let world: World;
let deps: IngestDeps;
/** What was asked of anything but the ledger and the quarantine. */
const touched: string[] = [];

/** A port that must not be used. */
const untouchable = <Port extends object>(name: string, port: Port): Port =>
  new Proxy(port, {
    get: (target, member) => {
      touched.push(`${name}.${String(member)}`);
      return Reflect.get(target, member);
    },
  });

beforeAll(async () => {
  world = await startWorld();
  const given = await world.ingestDeps();
  const { forwarder, orders, tracking, payloads } = given;
  deps = {
    ...given,
    sources: [...given.sources, { queueArn: TAP, topicArns: [TOPIC], forward: { kind: "tap" } }],
    forwarder: untouchable("forwarder", forwarder),
    orders: untouchable("orders", orders),
    tracking: untouchable("tracking", tracking),
    payloads: untouchable("payloads", payloads),
  };
});
afterAll(() => world.close());

const tap = (message: Message) => ingestRecord(deps, delivery(TAP, wrapped(TOPIC, message)));
const claimOf = (message: Message) => world.claims.read(keyOfMessage(message));
const arnOf = (name: "registrations" | "dns") => world.legacy[name].queueArn;
const forwarded = (name: "registrations" | "dns") => drain(world.sqs, world.forwardUrl(name));

const rowOf = ({ requestId, type, domain }: Message, status: string, result?: object): Row => {
  const time = "2026-03-02T09:30:00.000Z";
  const common = { requestId, type, status, customerId: "cust-legacy", domain, createdAt: time, updatedAt: time };
  return { ...common, ...(result && { result }) };
};
const DONE = { domain: "example.fi", years: 1, expiresAt: "2027-03-02" };

/** The old consumer ends the request; without a claim, the stream's record says nothing to anybody. */
async function ended(message: Message): Promise<Row> {
  const Item = rowOf(message, "COMPLETED", DONE);
  await world.documents.send(new PutCommand({ TableName: world.legacy.trackingTable, Item }));
  return Item;
}

/** An order placed directly, or what is left of it: the pin that its item holds, and how to give it up. */
async function orderOn(domain: unknown): Promise<Claim> {
  const claim = aClaim("order", { pinKey: PinKey.parse(domain), decidedAt: Date.now() });
  expect(await world.claims.claim(claim)).toMatchObject({ kind: "claimed" });
  return claim;
}
async function orderEnds(claim: Claim): Promise<void> {
  const end = { generation: 0, outcome: { status: "FAILED" as const, effects: [] }, at: Date.now() };
  await world.claims.mirror(claim, { fence: 7, image: {} }, end);
  if (claim.pinKey !== undefined) await world.claims.releasePin(claim.pinKey, [`${claim.route}#${claim.requestId}@0`]);
}

describe("a tapped message", () => {
  it.each(["cust-legacy", ON_ORDER])(
    "of %s is claimed legacy and forwarded already, whatever the flag says",
    async (customerId) => {
      const message = registration({ customerId });
      touched.length = 0;
      expect(await tap(message)).toMatchObject({ kind: "tapped" });
      expect(touched).toEqual([]);
      const claim = await claimOf(message);
      expect(claim).toMatchObject({
        path: "legacy",
        tap: TAP,
        forwardedAt: claim?.decidedAt,
        pinKey: message["domain"],
      });
      expect([claim?.lease, claim?.executionName, claim?.integration]).toEqual([undefined, undefined, undefined]);
    },
  );

  it("is written in one write: a crash after it leaves nothing to be done", async () => {
    const calls: string[] = [];
    const ledger = new Proxy(deps.ledger, {
      get: (target, member) => {
        calls.push(String(member));
        const value: unknown = Reflect.get(target, member);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await ingestRecord({ ...deps, ledger }, delivery(TAP, registration()));
    expect(calls).toEqual(["claim"]);
  });

  it("that comes again is a duplicate; with another body it is kept as a conflict", async () => {
    const message = registration();
    await tap(message);
    const claim = await claimOf(message);
    touched.length = 0;
    expect(await tap(message)).toMatchObject({ kind: "duplicate" });
    expect(await tap({ ...message, years: 2 })).toMatchObject({ kind: "quarantined", code: "CONFLICT" });
    expect(touched).toEqual([]);
    expect(await claimOf(message)).toEqual(claim);
    const [kept] = await drain(world.sqs, world.bridge.quarantine.url);
    expect(attribute(kept, "code")).toBe("CONFLICT");
  });

  it("that races with itself is claimed once", async () => {
    const message = dnsUpdate();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => tap(message)));
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual([...Array(7).fill("duplicate"), "tapped"]);
  });

  it("from a real topic reaches tap and consumer, each by its own subscription", async () => {
    const { TopicArn = "" } = await world.sns.send(new CreateTopicCommand({ Name: "tapped-for-real" }));
    const queues = await Promise.all(
      ["the-tap", "the-consumer"].map(async (QueueName) => {
        const { QueueUrl = "" } = await world.sqs.send(new CreateQueueCommand({ QueueName }));
        const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
        const arn = z.string().parse((await world.sqs.send(asked)).Attributes?.["QueueArn"]);
        await world.sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: arn }));
        return { url: QueueUrl, arn };
      }),
    );
    const message = registration();
    await world.sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(message) }));
    const [mine, theirs] = queues;
    const [arrived] = await eventually("the tap's copy", async () => {
      const found = await drain(world.sqs, mine?.url ?? "");
      return found.length > 0 ? found : undefined;
    });
    const sources = [{ queueArn: mine?.arn ?? "", topicArns: [TopicArn], forward: { kind: "tap" as const } }];
    expect(await ingestRecord({ ...deps, sources }, delivery(mine?.arn ?? "", arrived?.Body))).toMatchObject({
      kind: "tapped",
    });
    expect(await depth(world.sqs, theirs?.url ?? "")).toBe(1);
  });
});

describe("a tapped request and its pin (P4)", () => {
  const effects = () => new DynamoDbEffects(world.documents, world.bridge.ledgerTable);
  /** The first effect of an order placed directly takes the pin of its item. */
  const begin = (claim: Claim, domain: unknown) =>
    effects().begin({
      ...{ key: keyOf(claim), n: 0, role: "whole", lane: "order", service: "registry", command: "register" },
      ...{ orderId: OrderId.parse(claim.orderId), owner: "worker", generation: 0, pinned: false, at: Date.now() },
      pinKey: PinKey.parse(domain),
    });

  it("keeps an order waiting that comes while it is open, and lets it go at its end", async () => {
    const message = registration();
    await tap(message);
    const { pinKey: _, ...direct } = aClaim("order", { origin: "direct", decidedAt: Date.now() });
    await world.claims.claim(direct);
    expect(await begin(direct, message["domain"])).toMatchObject({ kind: "pin-busy" });
    await observeRow(composeObserve(), await ended(message));
    expect(await begin(direct, message["domain"])).toMatchObject({ kind: "begun" });
  });

  it("is claimed at once while an order holds its key, without the pin; a repeat changes nothing", async () => {
    const message = registration();
    const order = await orderOn(message["domain"]);
    expect(await tap(message)).toMatchObject({ kind: "tapped" });
    expect(await tap(message)).toMatchObject({ kind: "duplicate" });
    const claim = await claimOf(message);
    expect(claim).toMatchObject({ path: "legacy", tap: TAP });
    expect(claim?.pinKey).toBeUndefined();
    // Its end takes nothing from the order.
    await observeRow(composeObserve(), await ended(message));
    const other = aClaim("legacy", { pinKey: order.pinKey });
    expect(await world.claims.claim(other)).toMatchObject({ kind: "pinned", pin: { lane: "order" } });
    await orderEnds(order);
    expect(await world.claims.claim(other)).toMatchObject({ kind: "claimed" });
  });
});

describe("the end of a tapped request", () => {
  it("is observed as any legacy claim's", async () => {
    const message = registration();
    await tap(message);
    expect(await observeRow(composeObserve(), await ended(message))).toMatchObject({ kind: "legacy-ended" });
    expect(await claimOf(message)).toMatchObject({ legacyOutcome: { status: "COMPLETED" } });
  });

  it("that the row had before the tap saw the message is found by reconcile (P6)", async () => {
    const message = registration();
    expect(await observeRow(composeObserve(), await ended(message))).toEqual({ kind: "ignored" });
    await tap(message);
    const late = { ...composeReconcile(), clock: { now: () => Date.now() + 3_600_000 } };
    await reconcile(late, { olderThanMs: 60_000, limit: 100, withinMs: 60_000 });
    expect(await claimOf(message)).toMatchObject({
      legacyOutcome: { status: "COMPLETED" },
      endedAt: expect.any(Number),
    });
  });

  it("changes nothing in the tracking table, also where its publisher writes the first row late (P8)", async () => {
    const message = registration();
    await tap(message);
    await observeRow(composeObserve(), await ended(message));
    const late = rowOf(message, "RECEIVED");
    await world.documents.send(new PutCommand({ TableName: world.legacy.trackingTable, Item: late }));
    expect(await observeRow(composeObserve(), late)).toEqual({ kind: "ignored" });
    const { Items = [] } = await world.documents.send(new ScanCommand({ TableName: world.legacy.trackingTable }));
    expect(Items.find((row) => row["requestId"] === message.requestId)).toEqual(late);
  });
});

describe("from tap to intercept: the consumer's own copy still lies in the queue that is taken over (P1)", () => {
  const intercept = (name: "registrations" | "dns", message: Message) => world.ingest([delivery(arnOf(name), message)]);

  it.each([
    ["registrations", registration],
    ["dns", dnsUpdate],
  ] as const)("and is forwarded, once: %s", async (name, make) => {
    const message = make();
    await tap(message);
    const batches = await Promise.all([1, 2, 3, 4].map(() => intercept(name, message)));
    expect(batches.flat().length).toBeLessThan(4);
    expect((await forwarded(name)).map(({ Body }) => Body)).toEqual([JSON.stringify(message)]);
    const claim = await claimOf(message);
    expect(claim).toMatchObject({ path: "legacy", forwardedAt: expect.any(Number), pinKey: message["domain"] });
    expect([claim?.tap, claim?.lease]).toEqual([undefined, undefined]);
    expect(await tap(message), "whatever else the tap delivers").toMatchObject({ kind: "duplicate" });
    expect(await intercept(name, message)).toEqual([]);
    expect(await forwarded(name)).toEqual([]);
  });

  it("and goes legacy though the flag says order by now", async () => {
    const message = registration({ customerId: ON_ORDER });
    await tap(message);
    expect(await intercept("registrations", message)).toEqual([]);
    expect(await forwarded("registrations")).toHaveLength(1);
    expect(await claimOf(message)).toMatchObject({ path: "legacy" });
  });

  it("and waits while an order works on its key, since now the bridge would start the work (P4)", async () => {
    const message = registration();
    const order = await orderOn(message["domain"]);
    await tap(message);
    expect(await intercept("registrations", message)).toHaveLength(1);
    expect(await forwarded("registrations")).toEqual([]);
    expect(await claimOf(message)).toMatchObject({ tap: TAP });
    await orderEnds(order);
    expect(await intercept("registrations", message)).toEqual([]);
    expect(await forwarded("registrations")).toHaveLength(1);
  });

  it("and is acknowledged where the consumer has ended the work", async () => {
    const message = registration();
    await tap(message);
    await observeRow(composeObserve(), await ended(message));
    expect(await intercept("registrations", message)).toEqual([]);
    expect(await forwarded("registrations")).toEqual([]);
  });
});
