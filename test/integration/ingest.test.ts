import { gunzipSync } from "node:zlib";
import { CreateQueueCommand, DeleteQueueCommand, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { ingestRecord, type SqsRecord } from "@crossfade/bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import {
  delivery,
  dnsUpdate,
  keyOfMessage,
  type Message,
  ON_ORDER,
  refresh,
  registration,
  wrapped,
} from "./support/messages.ts";
import { attribute, depth, drain } from "./support/queues.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const quarantined = () => drain(world.sqs, world.bridge.quarantine.url);
const without = (message: Message, name: string) =>
  Object.fromEntries(Object.entries(message).filter(([field]) => field !== name));

describe("a batch (P10)", () => {
  /** A message that another delivery is forwarding: it must come back. */
  async function held(): Promise<SqsRecord> {
    const message = dnsUpdate();
    const deps = await world.ingestDeps();
    const record = delivery(world.legacy.dns.queueArn, message);
    const claimOnly = { ...deps, forwarder: { send: () => Promise.reject(new Error("crashed")) } };
    expect(await ingestRecord(claimOnly, record)).toMatchObject({ kind: "failed" });
    return { ...record, messageId: `held-${record.messageId}` };
  }

  it.each([0, 3, 5, 8])("rotated by %i reports exactly the failed records; its neighbours pass", async (by) => {
    const { registrations, refreshes, dns } = world.legacy;
    const toOrder = [registration({ customerId: ON_ORDER }), refresh({ customerId: ON_ORDER })];
    const toLegacy = [registration(), refresh(), dnsUpdate()];
    const waiting = [await held(), await held()];
    const invalid = [
      delivery(registrations.queueArn, "{"),
      delivery(dns.queueArn, { ...dnsUpdate(), extra: 1 }),
      delivery(refreshes.queueArn, without(refresh(), "domain")),
    ];
    const arnOf = ({ type }: Message) =>
      type === "REGISTER_DOMAIN" ? registrations.queueArn : type === "UPDATE_DNS" ? dns.queueArn : refreshes.queueArn;
    const valid = [...toOrder, ...toLegacy].map((message) => delivery(arnOf(message), message));
    // Interleaved, then rotated: every kind stands once first, last and beside every other.
    const mixed = valid.flatMap((record, i) => [record, ...invalid.slice(i, i + 1), ...waiting.slice(i, i + 1)]);
    const batch = [...mixed.slice(by), ...mixed.slice(0, by)];

    expect((await world.ingest(batch)).toSorted()).toEqual(waiting.map((record) => record.messageId).toSorted());
    expect((await quarantined()).map((kept) => attribute(kept, "messageId")).toSorted()).toEqual(
      invalid.map((record) => record.messageId).toSorted(),
    );
    for (const message of toOrder) {
      const claim = await world.claims.read(keyOfMessage(message));
      expect(claim).toMatchObject({ path: "order", startedAt: expect.any(Number) });
      expect(await world.executionsNamed(claim?.executionName)).toBe(1);
    }
    for (const message of toLegacy) {
      const claim = await world.claims.read(keyOfMessage(message));
      expect(claim).toMatchObject({ path: "legacy", forwardedAt: expect.any(Number) });
    }
    const forwarded = await Promise.all(
      (["registrations", "refreshes", "dns"] as const).map((name) => drain(world.sqs, world.forwardUrl(name))),
    );
    expect(forwarded.flat().map((message) => message.Body)).toEqual(toLegacy.map((message) => JSON.stringify(message)));
  });

  it("of a real queue loses its invalid message to quarantine, and nothing else", async () => {
    const { queueUrl } = world.legacy.refreshes;
    const good = [refresh(), refresh({ customerId: ON_ORDER })];
    const bodies = [JSON.stringify(good[0]), "not JSON", JSON.stringify(good[1])];
    const Entries = bodies.map((MessageBody, i) => ({ Id: String(i), MessageBody }));
    await world.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    await world.bridge.attach();
    await eventually("the queue is empty", async () => ((await depth(world.sqs, queueUrl)) === 0 ? true : undefined));
    await world.bridge.detach();
    expect((await quarantined()).map((kept) => kept.Body)).toEqual(["not JSON"]);
    expect((await drain(world.sqs, world.forwardUrl("refreshes"))).map((message) => message.Body)).toEqual([bodies[0]]);
    expect(await world.claims.read(keyOfMessage(good[1] ?? refresh()))).toMatchObject({ path: "order" });
  });
});

describe("bad input is quarantined with code, field and source, its body byte for byte (P10)", () => {
  const elsewhere = "arn:aws:sns:eu-west-1:000000000000:elsewhere";
  it.each<[string, string | Record<string, unknown>, string, string]>([
    ["malformed JSON", '{"type": "REGISTER_DOMAIN",', "MALFORMED_JSON", "body"],
    ["an unknown type", registration({ type: "TRANSFER_DOMAIN" }), "UNKNOWN_TYPE", "type"],
    ["no type", without(registration(), "type"), "UNKNOWN_TYPE", "type"],
    ["a missing field", without(registration(), "customerId"), "INVALID_MESSAGE", "customerId"],
    ["an extra field", registration({ coupon: "SUMMER" }), "INVALID_MESSAGE", "coupon"],
    ["a domain that is no domain", registration({ domain: "-no domain-" }), "INVALID_MESSAGE", "domain"],
    ["a request id that is no UUID", registration({ requestId: "1" }), "INVALID_MESSAGE", "requestId"],
    [
      "a payment below 0",
      registration({ payment: { authorisationId: "a", amount: -1 } }),
      "INVALID_MESSAGE",
      "payment.amount",
    ],
    [
      "a wrong enum",
      dnsUpdate({ records: [{ name: "@", type: "SRV", value: "x", ttl: 60 }] }),
      "INVALID_MESSAGE",
      "records.0.type",
    ],
    ["a notification of another topic", wrapped(elsewhere, registration()), "UNKNOWN_TOPIC", "body.TopicArn"],
    ["a notification without a message", '{"Type":"Notification","TopicArn":"x"}', "INVALID_MESSAGE", "body.Message"],
    ["an array", JSON.stringify([registration()]), "NOT_AN_OBJECT", "body"],
    ["a number", " 17 ", "NOT_AN_OBJECT", "body"],
    ["nothing but JSON's null", "null", "NOT_AN_OBJECT", "body"],
    ["bytes that were no UTF-8", `\ufffd\ufffd${JSON.stringify(registration())}`, "BODY_NOT_TEXT", "body"],
    ["control characters", `\u0000\u0001${JSON.stringify(registration())}\u001f`, "BODY_NOT_TEXT", "body"],
  ])("%s", async (_, bad, code, field) => {
    const { queueArn } = world.legacy.registrations;
    const messageAttributes = { correlationId: { dataType: "String", stringValue: "c-1" } };
    const record = delivery(queueArn, bad, { messageAttributes });
    const neighbour = refresh();
    expect(await world.ingest([record, delivery(world.legacy.refreshes.queueArn, neighbour)])).toEqual([]);
    const [kept, ...more] = await quarantined();
    expect(more).toEqual([]);
    expect(attribute(kept, "code")).toBe(code);
    expect(attribute(kept, "field")).toBe(field);
    expect(attribute(kept, "source")).toBe(queueArn);
    expect(attribute(kept, "messageId")).toBe(record.messageId);
    expect(attribute(kept, "attributes")).toContain("c-1");
    const encoding = attribute(kept, "bodyEncoding") === "base64" ? "base64" : "utf8";
    expect(Buffer.from(kept?.Body ?? "", encoding).toString()).toBe(record.body);
    expect(await world.claims.read(keyOfMessage(neighbour))).toMatchObject({ forwardedAt: expect.any(Number) });
  });

  it("compressed, when SQS would refuse it and base64 makes it too long", async () => {
    const big = `\u0000${"ä".repeat(450_000)}`;
    const record = delivery(world.legacy.refreshes.queueArn, big);
    expect(await world.ingest([record])).toEqual([]);
    const [kept] = await quarantined();
    expect(attribute(kept, "bodyEncoding")).toBe("gzip+base64");
    expect(gunzipSync(Buffer.from(kept?.Body ?? "", "base64")).toString()).toBe(big);
  });

  it("with a field that means something to JavaScript", async () => {
    const text = JSON.stringify(refresh()).replace("{", '{"__proto__":{"a":1},');
    expect(await world.ingest([delivery(world.legacy.refreshes.queueArn, text)])).toEqual([]);
    const [kept] = await quarantined();
    expect([attribute(kept, "code"), attribute(kept, "field")]).toEqual(["INVALID_MESSAGE", "__proto__"]);
  });
});

it.each(["", "x".repeat(201)])("a correlation id that cannot be used stops no message", async (stringValue) => {
  const message = refresh();
  const messageAttributes = { correlationId: { dataType: "String", stringValue } };
  const record = delivery(world.legacy.refreshes.queueArn, message, { messageAttributes });
  expect(await world.ingest([record])).toEqual([]);
  expect(await world.claims.read(keyOfMessage(message))).toMatchObject({ forwardedAt: expect.any(Number) });
});

it("reports an invalid message as failed while the quarantine queue is gone, and keeps it once it is back (P1)", async () => {
  const { url } = world.bridge.quarantine;
  const bad = delivery(world.legacy.refreshes.queueArn, "{");
  const good = refresh();
  await world.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  expect(await world.ingest([bad, delivery(world.legacy.refreshes.queueArn, good)])).toEqual([bad.messageId]);
  expect(await world.claims.read(keyOfMessage(good))).toMatchObject({ forwardedAt: expect.any(Number) });
  await world.sqs.send(new CreateQueueCommand({ QueueName: url.split("/").at(-1) }));
  expect(await world.ingest([bad])).toEqual([]);
  expect((await quarantined()).map((kept) => kept.Body)).toEqual(["{"]);
});
