import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { DeadLetterForm, DeadLetterStore } from "@crossfade/bridge";
import { DynamoDbMoves } from "@crossfade/bridge/adapters/dynamodb-moves";
import { SqsDeadLetters } from "@crossfade/bridge/adapters/sqs-dead-letters";
import { SqsQuarantine } from "@crossfade/bridge/adapters/sqs-quarantine";
import { deadLetterPage, deadLetterQueues, type MoveDeps, moveDeadLetters } from "@crossfade/bridge/console";
import type { QueueNames } from "@crossfade/bridge/deployment";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually } from "./support/eventually.ts";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { Life } from "./support/mortal.ts";
import { depth, drain } from "./support/queues.ts";

const CLIENT = {
  region: "eu-west-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  useQueueUrlAsEndpoint: false,
} as const;

let server: FauxqsServer;
let ledger: LedgerFixture;
let sqs: SQSClient;
let letters: SqsDeadLetters;
beforeAll(async () => {
  [server, ledger] = await Promise.all([startFauxqs({ port: 0, logger: false, host: "127.0.0.1" }), startLedger()]);
  const client = (maxAttempts: number) =>
    new SQSClient({ ...CLIENT, endpoint: `http://127.0.0.1:${server.port}`, maxAttempts });
  sqs = client(3);
  letters = new SqsDeadLetters(sqs, client(1));
});
afterAll(async () => {
  sqs.destroy();
  await Promise.all([server.stop(), ledger.close()]);
});

async function createQueue(fifo: boolean, attributes: Record<string, string> = {}): Promise<QueueNames> {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: `q-${randomUUID()}${fifo ? ".fifo" : ""}`,
      Attributes: { ...attributes, ...(fifo && { FifoQueue: "true" }) },
    }),
  );
  const queueUrl = z.string().parse(QueueUrl);
  const asked = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] });
  return { queueUrl, queueArn: z.string().parse((await sqs.send(asked)).Attributes?.["QueueArn"]) };
}

interface Fixture {
  readonly name: string;
  readonly home: QueueNames;
  readonly dead: QueueNames;
  readonly deps: MoveDeps;
}

/** A queue and its dead letters, under a name of their own in the ledger. */
async function fixture(form: DeadLetterForm = "as-it-lay", fifo = false): Promise<Fixture> {
  const name = randomUUID();
  const dead = await createQueue(fifo);
  const policy = { deadLetterTargetArn: dead.queueArn, maxReceiveCount: 1 };
  const home = await createQueue(fifo, { RedrivePolicy: JSON.stringify(policy), VisibilityTimeout: "0" });
  const returnsTo = form === "as-it-lay" ? home : undefined;
  const places = {
    queues: new Map([[name, { name, ...dead, form, returnsTo }]]),
    returns: new Map([[home.queueArn, home]]),
  };
  const deps = {
    ...{ places, letters },
    moves: new DynamoDbMoves(ledger.client, ledger.table),
    clock: { now: () => Date.now() },
    pause: { for: () => Promise.resolve() },
  };
  return { name, home, dead, deps };
}

/** The id of a message that is sent to a queue. */
async function send({ queueUrl }: QueueNames, given: Omit<SendMessageCommandInput, "QueueUrl">): Promise<string> {
  return z.string().parse((await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, ...given }))).MessageId);
}

const BY = { by: "Aino", reason: "the registry is back" };
const redrive = ({ deps, name }: Fixture, more: Partial<Parameters<typeof moveDeadLetters>[1]> = {}) =>
  moveDeadLetters(deps, { queue: name, action: "redrive", ...BY, ...more });

/** What a consumer sees of a message. */
const seen = ({ Body, MessageAttributes, Attributes }: Message) => ({
  Body,
  MessageAttributes,
  group: Attributes?.["MessageGroupId"],
});
const inHome = async ({ home }: Fixture) => (await drain(sqs, home.queueUrl)).map(seen);

const ATTRIBUTES = {
  text: { DataType: "String", StringValue: " ümläut\t\n" },
  uuid: { DataType: "String.uuid", StringValue: randomUUID() },
  sum: { DataType: "Number", StringValue: "12.50" },
  count: { DataType: "Number.int", StringValue: "007" },
  bytes: { DataType: "Binary", BinaryValue: Uint8Array.from({ length: 256 }, (_, n) => n) },
  image: { DataType: "Binary.png", BinaryValue: new Uint8Array([0, 255, 10, 13]) },
};
const BODY = '{ "b" : 1.0,\n\t"a":"\\u00e4ä", "n":1e3 }  ';

describe("a dead letter goes back to where it came from", () => {
  it("with its body and all kinds of attributes byte for byte, and what was done is in the ledger", async () => {
    const at = await fixture();
    const messageId = await send(at.dead, { MessageBody: BODY, MessageAttributes: ATTRIBUTES });
    expect(await redrive(at)).toEqual({
      ...{ queue: at.name, moved: 1, discarded: 0, uncertain: [], failed: [], left: 0, done: true },
    });
    expect(await inHome(at)).toEqual([{ Body: BODY, MessageAttributes: ATTRIBUTES, group: undefined }]);
    expect(await depth(sqs, at.dead.queueUrl)).toBe(0);
    expect(await at.deps.moves.read(at.name, messageId)).toMatchObject({
      ...{ state: "sent", attempt: 1, to: at.home.queueArn, ...BY },
      bytes: Buffer.byteLength(BODY),
    });
  });

  it("in its group, also twice within the five minutes in which SQS drops a repeated deduplication id", async () => {
    const at = await fixture("as-it-lay", true);
    await send(at.home, { MessageBody: BODY, MessageGroupId: "REQ#1", MessageDeduplicationId: "REQ#1" });
    for (const turn of [1, 2]) {
      // The second receive gives it up.
      await eventually(`the message to be given up, ${turn}`, async () => {
        await sqs.send(new ReceiveMessageCommand({ QueueUrl: at.home.queueUrl }));
        return (await depth(sqs, at.dead.queueUrl)) === 1 ? true : undefined;
      });
      expect(await redrive(at)).toMatchObject({ moved: 1, done: true });
      expect(await depth(sqs, at.home.queueUrl)).toBe(1);
    }
    expect(await inHome(at)).toEqual([{ Body: BODY, MessageAttributes: undefined, group: "REQ#1" }]);
  });

  it("from the quarantine as it came, however long it is, without what the quarantine says of it", async () => {
    const at = await fixture("quarantined");
    const quarantine = new SqsQuarantine(sqs, at.dead.queueUrl);
    const bodies = [BODY, `{"long":"${"x".repeat(1_040_000)}"}`];
    const attributes = {
      source: { dataType: "String", stringValue: "the publisher's own" },
      raw: { dataType: "Binary.x", binaryValue: Buffer.from([0, 1, 254]).toString("base64") },
    };
    const refusal = { code: "INVALID_MESSAGE", field: "domain", reason: "wrong", queueArn: at.home.queueArn };
    for (const body of bodies) await quarantine.keep({ ...refusal, messageId: "m", body, attributes });
    expect(await redrive(at)).toMatchObject({ moved: 2, failed: [], done: true });
    const back = await inHome(at);
    expect(back.map(({ Body }) => Body).sort()).toEqual([...bodies].sort());
    for (const { MessageAttributes } of back) {
      expect(MessageAttributes).toEqual({
        source: { DataType: "String", StringValue: "the publisher's own" },
        raw: { DataType: "Binary.x", BinaryValue: new Uint8Array([0, 1, 254]) },
      });
    }
  });

  it("from EventBridge's queue to the target that it names", async () => {
    const at = await fixture("undelivered-event");
    const said = (StringValue: string) => ({ DataType: "String", StringValue });
    const event = { ERROR_CODE: said("NO_PERMISSIONS"), TARGET_ARN: said(at.home.queueArn) };
    await send(at.dead, { MessageBody: BODY, MessageAttributes: event });
    expect(await redrive(at)).toMatchObject({ moved: 1 });
    expect(await inHome(at)).toEqual([{ Body: BODY, MessageAttributes: undefined, group: undefined }]);
  });

  it.each([
    ["delegated work whose order was told that it failed", { code: "LEGACY_DEAD_LETTER" }, /crossfade redrive/],
    ["what came from a queue of somebody else", { queueArn: "arn:aws:sqs:eu-west-1:0:other" }, /no queue of this dep/],
  ])("but not %s", async (_, given, reason) => {
    const at = await fixture("quarantined");
    const refusal = { code: "CONFLICT", field: "", reason: "x", queueArn: at.home.queueArn, messageId: "m" };
    await new SqsQuarantine(sqs, at.dead.queueUrl).keep({ ...refusal, body: BODY, attributes: {}, ...given });
    const progress = await redrive(at);
    expect(progress).toMatchObject({ moved: 0, left: 1, done: true });
    expect(progress.failed).toMatchObject([{ reason: expect.stringMatching(reason) }]);
    // It is there again at once.
    expect(await drain(sqs, at.dead.queueUrl)).toHaveLength(1);
    expect(await inHome(at)).toEqual([]);
  });

  it("when the queue that refused it once takes it, without asking again", async () => {
    const at = await fixture();
    const messageId = await send(at.dead, { MessageBody: BODY });
    const refusing: DeadLetterStore = {
      ...bound(letters),
      send: async () => ({ kind: "refused", reason: "the queue refused it: AccessDenied" }),
    };
    expect(await redrive({ ...at, deps: { ...at.deps, letters: refusing } })).toMatchObject({
      ...{ moved: 0, uncertain: [], failed: [{ messageId, reason: "the queue refused it: AccessDenied" }] },
    });
    expect(await redrive(at)).toMatchObject({ moved: 1, failed: [] });
    expect(await inHome(at)).toHaveLength(1);
  });

  it("is told that a queue refused it, by the queue's own answer", async () => {
    const at = await fixture();
    const gone = { queueUrl: `${at.home.queueUrl}-gone`, queueArn: `${at.home.queueArn}-gone` };
    expect(await letters.send(gone, { body: BODY, attributes: {} }, "1")).toMatchObject({ kind: "refused" });
    const nobody = new SqsDeadLetters(sqs, new SQSClient({ endpoint: "http://127.0.0.1:9", region: "eu-west-1" }));
    await expect(nobody.send(at.home, { body: BODY, attributes: {} }, "1")).rejects.toThrow();
  });
});

/** A store's methods as functions of a plain object, so that some can be replaced. */
const bound = (store: DeadLetterStore): DeadLetterStore => ({
  count: (place) => store.count(place),
  receive: (place, seconds) => store.receive(place, seconds),
  release: (place, receipts) => store.release(place, receipts),
  send: (to, message, id) => store.send(to, message, id),
  remove: (place, receipt) => store.remove(place, receipt),
});

it.each([408, 500, 503])(
  "answered by %i nobody knows whether it was sent: it is told so, and no other is begun",
  async (status) => {
    const at = await fixture();
    const messageIds = await Promise.all(["a", "b"].map((MessageBody) => send(at.dead, { MessageBody })));
    let sends = 0;
    const broken = createServer((_, response) => {
      sends++;
      response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end('{"__type":"InternalFailure"}');
    });
    await new Promise<void>((listening) => broken.listen(0, "127.0.0.1", listening));
    const address = broken.address();
    const endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const sendOnce = new SQSClient({ ...CLIENT, endpoint, maxAttempts: 1 });
    try {
      const deps = { ...at.deps, letters: new SqsDeadLetters(sqs, sendOnce) };
      const stopped = await redrive({ ...at, deps });
      expect(stopped).toMatchObject({ moved: 0, failed: [], left: 2, done: false });
      expect(stopped.uncertain).toHaveLength(1);
      expect(sends).toBe(1);
      // Run again, it is left, and its neighbour goes.
      expect(await redrive(at)).toMatchObject({ moved: 1, uncertain: stopped.uncertain, failed: [] });
      expect(messageIds).toContain(stopped.uncertain[0]);
    } finally {
      sendOnce.destroy();
      broken.close();
    }
  },
);

it("moves those that were selected, gives the others back at once, and tells of those that are not there", async () => {
  const at = await fixture();
  const ids = [];
  for (const body of ["a", "b", "c"]) ids.push(await send(at.dead, { MessageBody: body }));
  const messageIds = [z.string().parse(ids[1]), "gone"];
  const progress = await redrive(at, { messageIds });
  expect(progress).toMatchObject({ moved: 1, failed: [{ messageId: "gone" }], left: 1, done: true });
  expect((await inHome(at)).map(({ Body }) => Body)).toEqual(["b"]);
  expect(await redrive(at, { messageIds: messageIds.slice(0, 1) })).toMatchObject({ moved: 1, failed: [], left: 0 });
  expect((await drain(sqs, at.dead.queueUrl)).map(({ Body }) => Body).sort()).toEqual(["a", "c"]);
});

it("leaves what came after it began: a message that fails again does not go round for ever", async () => {
  const at = await fixture();
  await send(at.dead, { MessageBody: "first" });
  let sends = 0;
  const boomerang: DeadLetterStore = {
    ...bound(letters),
    async send() {
      sends++;
      await send(at.dead, { MessageBody: "again" });
      return { kind: "sent" };
    },
  };
  // A millisecond later than any send before.
  const deps = { ...at.deps, letters: boomerang, clock: { now: () => BEGAN } };
  const BEGAN = Date.now();
  await eventually("the next millisecond", async () => (Date.now() > BEGAN ? true : undefined), 1_000, 1);
  expect(await redrive({ ...at, deps })).toMatchObject({ moved: 1, done: true });
  expect(sends).toBe(1);
  expect(await depth(sqs, at.dead.queueUrl)).toBe(1);
});

it("sends a message once where two operators have it in hand at the same moment", async () => {
  const at = await fixture();
  const messageId = await send(at.dead, { MessageBody: BODY });
  // Nothing is hidden, as if visibility were over at once; and each of them has read the ledger before either writes.
  const shared: DeadLetterStore = {
    ...bound(letters),
    async receive(place, seconds) {
      const batch = await letters.receive(place, seconds);
      await letters.release(
        place,
        batch.map(({ receipt }) => receipt),
      );
      return batch;
    },
  };
  const bothRead = Promise.withResolvers<void>();
  let reads = 0;
  const moves: MoveDeps["moves"] = {
    async read(queue, id) {
      const standing = await at.deps.moves.read(queue, id);
      if (++reads === 2) bothRead.resolve();
      await bothRead.promise;
      return standing;
    },
    write: (next, seen) => at.deps.moves.write(next, seen),
  };
  const request = { queue: at.name, action: "redrive", ...BY, messageIds: [messageId] } as const;
  const both = await Promise.all([1, 2].map(() => moveDeadLetters({ ...at.deps, letters: shared, moves }, request)));
  expect(both.map(({ moved }) => moved).sort()).toEqual([0, 1]);
  expect(both.flatMap(({ failed }) => failed)).toEqual([
    { messageId, reason: "another operator is at it: look again" },
  ]);
  expect(await inHome(at)).toHaveLength(1);
  // The first one's receipt may be void by now, and its delete with it: the next run deletes what was sent.
  expect(await redrive(at, { messageIds: [messageId] })).toMatchObject({ moved: 1, uncertain: [], failed: [] });
  expect(await depth(sqs, at.dead.queueUrl)).toBe(0);
  expect(await inHome(at)).toEqual([]);
});

it("is no faster than it is told, and says after each message how far it is", async () => {
  const at = await fixture();
  for (let n = 0; n < 5; n++) await send(at.dead, { MessageBody: `${n}` });
  let now = Date.now() + 60_000;
  const sentAt: number[] = [];
  const began = now;
  const slow = {
    ...at.deps,
    clock: { now: () => now },
    pause: {
      async for(ms: number) {
        now += ms;
      },
    },
    letters: {
      ...bound(letters),
      send: async (...given: Parameters<DeadLetterStore["send"]>) => {
        sentAt.push(now - began);
        return letters.send(...given);
      },
    },
  };
  const told: number[] = [];
  await moveDeadLetters(slow, { queue: at.name, action: "redrive", ...BY, perSecond: 2 }, ({ moved, left, done }) => {
    told.push(moved, left);
    expect(done).toBe(false);
  });
  expect(sentAt).toEqual([0, 500, 1_000, 1_500, 2_000]);
  expect(told).toEqual([1, 4, 2, 3, 3, 2, 4, 1, 5, 0]);
});

it("stops when its time is over, and goes on when it is asked again", async () => {
  const at = await fixture();
  for (let n = 0; n < 3; n++) await send(at.dead, { MessageBody: `${n}` });
  let now = Date.now() + 60_000;
  const pause = {
    async for(ms: number) {
      now += ms;
    },
  };
  const deps = { ...at.deps, clock: { now: () => now }, pause };
  const first = await redrive({ ...at, deps }, { perSecond: 1, withinMs: 1_500 });
  expect(first).toMatchObject({ moved: 2, left: 1, done: false });
  expect(await redrive(at)).toMatchObject({ moved: 1, left: 0, done: true });
  expect(await inHome(at)).toHaveLength(3);
});

describe("a dead letter is discarded", () => {
  it("once the ledger has who did it and why, and not its body", async () => {
    const at = await fixture("quarantined");
    const refusal = { code: "INVALID_MESSAGE", field: "", reason: "wrong", queueArn: at.home.queueArn };
    await new SqsQuarantine(sqs, at.dead.queueUrl).keep({ ...refusal, messageId: "m", body: BODY, attributes: {} });
    const { messages } = await deadLetterPage(at.deps, at.name, 10, "masked");
    const messageId = z.string().parse(messages[0]?.messageId);
    const discard = { queue: at.name, action: "discard", ...BY, messageIds: [messageId] } as const;
    expect(await moveDeadLetters(at.deps, discard)).toMatchObject({ discarded: 1, moved: 0, left: 0, done: true });
    expect(await depth(sqs, at.dead.queueUrl)).toBe(0);
    const record = await at.deps.moves.read(at.name, messageId);
    expect(record).toMatchObject({ state: "discarded", ...BY, code: "INVALID_MESSAGE", source: at.home.queueArn });
    expect(JSON.stringify(record)).not.toContain("u00e4");
    // The decision stands, also for who would rather have it redriven.
    expect(await redrive(at, { messageIds: [messageId] })).toMatchObject({ discarded: 1, moved: 0 });
    expect(await inHome(at)).toEqual([]);
  });
});

describe("a look", () => {
  it("tells operators all, and others neither body nor attributes nor an address in a reason", async () => {
    const at = await fixture("quarantined");
    const refusal = { code: "UNKNOWN_TYPE", field: "type", queueArn: at.home.queueArn, messageId: "m" };
    const attributes = { who: { dataType: "String", stringValue: "aino@example.fi" } };
    const reason = "no route for aino@example.fi";
    await new SqsQuarantine(sqs, at.dead.queueUrl).keep({ ...refusal, reason, body: BODY, attributes });
    const all = await deadLetterPage(at.deps, at.name, 10, "all");
    expect(all.messages).toMatchObject([
      { body: BODY, attributes: { who: "aino@example.fi" }, reason, code: "UNKNOWN_TYPE", receives: 1 },
    ]);
    const masked = await deadLetterPage(at.deps, at.name, 10, "masked");
    expect(masked.messages).toMatchObject([{ code: "UNKNOWN_TYPE", reason: "no route for [masked]", receives: 2 }]);
    expect(JSON.stringify(masked)).not.toMatch(/aino|u00e4/);
    const { queues } = await deadLetterQueues(at.deps);
    expect(queues).toEqual([{ name: at.name, queueArn: at.dead.queueArn, visible: 1, inFlight: 0 }]);
  });

  it("hides nothing from the next one, and two at a time find everything between them", async () => {
    const at = await fixture();
    for (let n = 0; n < 25; n++) await send(at.dead, { MessageBody: `${n}` });
    const look = async (limit: number) =>
      (await deadLetterPage(at.deps, at.name, limit, "all")).messages.map(({ body }) => body);
    expect(new Set(await look(100)).size).toBe(25);
    expect(await look(7)).toHaveLength(7);
    const both = await Promise.all([look(100), look(100)]);
    expect(new Set(both.flat()).size).toBe(25);
    expect(await letters.count({ name: at.name, ...at.dead, form: "as-it-lay", returnsTo: at.home })).toEqual({
      ...{ visible: 25, inFlight: 0 },
    });
  });
});

describe.each([
  // To count and to receive, then each message to read, write, send, write and remove, and to release what is left.
  ["redrive", 13],
  ["discard", 9],
] as const)("after a crash, %s", (action, calls) => {
  const points = Array.from({ length: calls }, (_, n) => n + 1);
  it.each(["before", "after"] as const)("goes on from every call, %s it took effect", async (when) => {
    const told = await Promise.all(points.map((crashAt) => crashAndGoOn(action, crashAt, when)));
    const names = ["count", "receive", "read", "write", "remove", "release", ...(action === "redrive" ? ["send"] : [])];
    expect(new Set(told)).toEqual(new Set(names));
  });
});

/** Two messages, a process that dies, and one that does the same again; the call at which the first one died. */
async function crashAndGoOn(action: "redrive" | "discard", crashAt: number, when: "before" | "after") {
  const at = await fixture();
  const messageIds = [await send(at.dead, { MessageBody: "1" }), await send(at.dead, { MessageBody: "2" })];
  const receipts: string[] = [];
  const watched: DeadLetterStore = {
    ...bound(letters),
    async receive(place, seconds) {
      const batch = await letters.receive(place, seconds);
      receipts.push(...batch.map(({ receipt }) => receipt));
      return batch;
    },
  };
  const life = new Life(crashAt, when);
  const { letters: mortal, moves } = life.wrap({ letters: watched, moves: at.deps.moves });
  const request = { queue: at.name, action, messageIds, ...BY } as const;
  await moveDeadLetters({ ...at.deps, letters: mortal, moves }, request).catch((error: unknown) => {
    expect(error).toMatchObject({ name: "Crash" });
  });
  // What it had in hand becomes visible in time.
  const place = { name: at.name, ...at.dead, form: "as-it-lay" as const, returnsTo: at.home };
  await letters.release(place, receipts);

  const second = await moveDeadLetters(at.deps, request);
  expect(second).toMatchObject({ failed: [], done: true });
  const arrived = (await inHome(at)).map(({ Body }) => Body);
  expect(new Set(arrived).size).toBe(arrived.length);
  if (action === "discard") {
    expect(second).toMatchObject({ discarded: 2, uncertain: [], left: 0 });
    expect(arrived).toEqual([]);
    return life.crashedAt;
  }
  // A message is uncertain only where the process died between its intent and its mark; it is still there.
  expect(second.moved + second.uncertain.length).toBe(2);
  expect(await depth(sqs, at.dead.queueUrl)).toBe(second.uncertain.length);
  expect(arrived.length).toBeGreaterThanOrEqual(second.moved);
  const mayBeUncertain = { write: true, send: true }[life.crashedAt ?? ""] ?? false;
  if (!mayBeUncertain) expect(second.uncertain).toEqual([]);
  if (second.uncertain.length > 0) {
    expect(await redrive(at, { messageIds })).toMatchObject({ moved: 1, uncertain: second.uncertain });
    expect(await redrive(at, { messageIds, again: second.uncertain })).toMatchObject({ moved: 2, uncertain: [] });
    const again = (await inHome(at)).map(({ Body }) => Body);
    expect(new Set([...arrived, ...again])).toEqual(new Set(["1", "2"]));
    expect(again).toHaveLength(1);
  } else expect(arrived.sort()).toEqual(["1", "2"]);
  return life.crashedAt;
}
