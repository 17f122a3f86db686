import { PublishCommand } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import {
  type Claim,
  CohortKey,
  type IngestDeps,
  ingestRecord,
  type Lease,
  requestKeyText,
  type SqsRecord,
} from "@crossfade/bridge";
import { webcat } from "@crossfade/legacy";
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
} from "./support/messages.ts";
import { attribute, drain } from "./support/queues.ts";
import { aClaim } from "./support/samples.ts";
import { type QueueName, startWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const forwarded = (name: QueueName) => drain(world.sqs, world.forwardUrl(name));
const quarantined = () => drain(world.sqs, world.bridge.quarantine.url);
const arnOf = (name: QueueName) => world.legacy[name].queueArn;

/** A claim that an earlier delivery left: taken, and not carried to its path. */
async function claimed(message: Message, given: Partial<Claim> = {}): Promise<Claim> {
  const parsed = webcat.routeOf(message).parse(message);
  const { cohortKey, pinKey, bodyHash } = parsed;
  const claim = aClaim("legacy", { ...parsed.key, cohortKey, pinKey, bodyHash, decidedAt: Date.now(), ...given });
  expect(await world.claims.claim(claim)).toMatchObject({ kind: "claimed" });
  return claim;
}

/** The row of a request that its publisher wrote, and that the old consumer may have taken up. */
async function row({ requestId, type }: Message, status: "RECEIVED" | "PROCESSING"): Promise<void> {
  const time = "2026-03-02T09:30:00.000Z";
  const Item = { requestId, type, status, customerId: "cust-legacy", domain: "a.fi", createdAt: time, updatedAt: time };
  await world.documents.send(new PutCommand({ TableName: world.legacy.trackingTable, Item }));
}

describe("body and attributes arrive byte for byte", () => {
  const MessageAttributes = {
    correlationId: { DataType: "String", StringValue: "c ö 1" },
    count: { DataType: "Number.float", StringValue: "1.50" },
    bytes: { DataType: "Binary.png", BinaryValue: Uint8Array.from([0, 1, 254, 255]) },
  };
  /** Spaces, escapes and a second serialisation: whatever parsing and writing again would change. */
  const oddly = (make: () => Message): string[] => [
    JSON.stringify(make(), undefined, "\t"),
    JSON.stringify(make()).replaceAll('","', '" ,\n"'),
    JSON.stringify(make()).replaceAll("a", "\\u0061"),
    JSON.stringify(JSON.stringify(make())),
  ];
  const MAKE = { registrations: registration, refreshes: refresh, dns: dnsUpdate };

  async function publish(name: QueueName, text: string): Promise<void> {
    if (name === "refreshes") {
      const { queueUrl } = world.legacy.refreshes;
      await world.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: text, MessageAttributes }));
    } else {
      const { topicArn } = world.legacy[name];
      await world.sns.send(new PublishCommand({ TopicArn: topicArn, Message: text, MessageAttributes }));
    }
  }

  /** What stands in a legacy queue, left there for the bridge. */
  async function look(QueueUrl: string, into: Map<string, unknown>): Promise<void> {
    const receive = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0, MessageAttributeNames: ["All"] };
    const { Messages = [] } = await world.sqs.send(new ReceiveMessageCommand(receive));
    for (const { Body = "", MessageAttributes: given } of Messages) into.set(Body, given);
  }

  it("wrapped by SNS, delivered raw by SNS, and sent to SQS", async () => {
    const names = ["registrations", "refreshes", "dns"] as const;
    const before = new Map<string, unknown>();
    for (const name of names) {
      for (const text of oddly(MAKE[name])) await publish(name, text);
    }
    await eventually("all messages stand in the legacy queues", async () => {
      for (const name of names) await look(world.legacy[name].queueUrl, before);
      return before.size === 12 ? true : undefined;
    });
    await world.bridge.attach();
    const after = new Map<string | undefined, unknown>();
    await eventually("everything is forwarded", async () => {
      for (const name of names)
        for (const { Body, MessageAttributes } of await forwarded(name)) after.set(Body, MessageAttributes);
      return after.size >= 12 ? true : undefined;
    });
    await world.bridge.detach();
    expect(after).toEqual(before);
    expect(await quarantined()).toEqual([]);
  });
});

describe("a FIFO forward queue (A5)", () => {
  it("gets the request as group and as deduplication id", async () => {
    const message = registration();
    expect(await world.ingest([delivery(arnOf("registrations"), message)])).toEqual([]);
    const request = requestKeyText(keyOfMessage(message));
    const [sent] = await forwarded("registrations");
    expect(sent?.Attributes).toMatchObject({ MessageGroupId: request, MessageDeduplicationId: request });
  });

  it("gets one message of deliveries that race, in one batch and in others", async () => {
    const message = registration();
    await claimed(message);
    const batch = () => [1, 2, 3].map(() => delivery(arnOf("registrations"), message));
    expect(await Promise.all([world.ingest(batch()), world.ingest(batch())])).toEqual([[], []]);
    expect(await forwarded("registrations")).toHaveLength(1);
    expect(await world.claims.read(keyOfMessage(message))).toMatchObject({ forwardedAt: expect.any(Number) });
  });

  it("gets nothing more when the deduplication window may be over and the consumer has taken the message up", async () => {
    const message = registration();
    await claimed(message, { decidedAt: Date.now() - 10 * 60_000 });
    await row(message, "PROCESSING");
    expect(await world.ingest([delivery(arnOf("registrations"), message)])).toEqual([]);
    expect(await forwarded("registrations")).toEqual([]);
    expect(await world.claims.read(keyOfMessage(message))).toMatchObject({ forwardedAt: expect.any(Number) });
  });
});

describe("the lease of a standard forward queue (A4)", () => {
  const expired = (): Lease => ({ owner: "crashed", until: Date.now() - 1 });

  it("lets one of many deliveries send; the others are reported as failed", async () => {
    const deps = await world.ingestDeps();
    const message = dnsUpdate();
    let answered = 0;
    // The one that may send does so when all others have been answered.
    const send: IngestDeps["forwarder"]["send"] = async (sent) => {
      await eventually("the others are answered", async () => (answered === 11 ? true : undefined), 3_000);
      await deps.forwarder.send(sent);
    };
    const racing = Array.from({ length: 12 }, async () => {
      const outcome = await ingestRecord({ ...deps, forwarder: { send } }, delivery(arnOf("dns"), message));
      answered++;
      return outcome;
    });
    const outcomes = await Promise.all(racing);
    expect(outcomes.filter((outcome) => outcome.kind === "forwarded")).toHaveLength(1);
    const failed = outcomes.filter((outcome) => outcome.kind === "failed");
    expect(failed.map((outcome) => outcome.error)).toEqual(
      Array.from({ length: 11 }, () => expect.objectContaining({ code: "LEASE_HELD" })),
    );
    expect(await forwarded("dns")).toHaveLength(1);
  });

  it("that is held makes a delivery fail, and sends nothing", async () => {
    const message = dnsUpdate();
    await claimed(message, { lease: { owner: "other", until: Date.now() + 60_000 } });
    const record = delivery(arnOf("dns"), message);
    expect(await world.ingest([record])).toEqual([record.messageId]);
    expect(await forwarded("dns")).toEqual([]);
  });

  it("that has expired is taken over by one delivery", async () => {
    const message = dnsUpdate();
    await claimed(message, { lease: expired() });
    await row(message, "RECEIVED");
    const records = Array.from({ length: 8 }, () => delivery(arnOf("dns"), message));
    await Promise.all(records.map((record) => world.ingest([record])));
    expect(await forwarded("dns")).toHaveLength(1);
    const claim = await world.claims.read(keyOfMessage(message));
    expect(claim).toMatchObject({ forwardedAt: expect.any(Number) });
    expect(claim?.lease).toBeUndefined();
  });

  it("that has expired sends nothing again when the row has moved on, and marks the claim", async () => {
    const message = dnsUpdate();
    await claimed(message, { lease: expired() });
    await row(message, "PROCESSING");
    expect(await world.ingest([delivery(arnOf("dns"), message)])).toEqual([]);
    expect(await forwarded("dns")).toEqual([]);
    expect(await world.claims.read(keyOfMessage(message))).toMatchObject({ forwardedAt: expect.any(Number) });
  });
});

describe("a request that comes again (P2, P3)", () => {
  it("with another body is quarantined as a conflict, on either path", async () => {
    for (const customerId of ["cust-legacy", ON_ORDER]) {
      const message = registration({ customerId });
      const changed = { ...message, years: 2 };
      expect(await world.ingest([delivery(arnOf("registrations"), message)])).toEqual([]);
      expect(await world.ingest([delivery(arnOf("registrations"), changed)])).toEqual([]);
      const [kept, ...more] = await quarantined();
      expect(more).toEqual([]);
      expect([kept?.Body, attribute(kept, "code"), attribute(kept, "field")]).toEqual([
        JSON.stringify(changed),
        "CONFLICT",
        "requestId",
      ]);
      const claim = await world.claims.read(keyOfMessage(message));
      expect(await world.executionsNamed(claim?.executionName)).toBe(customerId === ON_ORDER ? 1 : 0);
    }
    expect(await forwarded("registrations")).toHaveLength(1);
  });

  it("keeps its path after the flag has moved, in both directions", async () => {
    const stays = registration();
    const started = registration({ customerId: ON_ORDER });
    const first = [stays, started].map((message) => delivery(arnOf("registrations"), message));
    expect(await world.ingest(first)).toEqual([]);
    const swapped = { percentage: 100, include: [], exclude: [CohortKey.parse(ON_ORDER)] };
    await world.setRollouts(swapped);
    await eventually("the flag has moved", async () => {
      const probe = refresh();
      await world.ingest([delivery(arnOf("refreshes"), probe)]);
      return (await world.claims.read(keyOfMessage(probe)))?.path === "order" ? true : undefined;
    });
    const probe = registration({ customerId: ON_ORDER });
    const again: SqsRecord[] = [stays, started, probe].map((message) => delivery(arnOf("registrations"), message));
    expect(await world.ingest(again)).toEqual([]);
    await world.setRollouts({});
    const paths = await Promise.all(
      [stays, started, probe].map(async (message) => (await world.claims.read(keyOfMessage(message)))?.path),
    );
    expect(paths).toEqual(["legacy", "order", "legacy"]);
    const bodies = (await forwarded("registrations")).map((message) => message.Body);
    expect(bodies.toSorted()).toEqual([stays, probe].map((message) => JSON.stringify(message)).toSorted());
    const claim = await world.claims.read(keyOfMessage(started));
    expect(await world.executionsNamed(claim?.executionName)).toBe(1);
  });
});
