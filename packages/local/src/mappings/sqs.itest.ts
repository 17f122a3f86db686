import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFunctionHost } from "../functions.ts";
import { SqsEvent, startQueues } from "./queue-fixture.ts";
import { type Mapping, startQueueMapping } from "./sqs.ts";
import { gate, until } from "./testing.ts";

const QUICK = { VisibilityTimeout: "1" };
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m${String(index).padStart(3, "0")}`);

let queues: Awaited<ReturnType<typeof startQueues>>;
const mappings: Mapping[] = [];
beforeAll(async () => {
  queues = await startQueues();
});
// Each test has queues of its own; stopping all mappings at the end costs their last receive, a second, only once.
afterAll(async () => {
  await Promise.all(mappings.map((mapping) => mapping.stop()));
  await queues.close();
});

function start(
  handler: (event: unknown) => Promise<unknown>,
  options: Omit<Parameters<typeof startQueueMapping>[2], "functionName">,
): Mapping {
  const functions = createFunctionHost();
  functions.register("consumer", handler);
  const mapping = startQueueMapping(queues.client, functions, { ...options, functionName: "consumer" });
  mappings.push(mapping);
  return mapping;
}

describe("the event", () => {
  test("has the shape that Lambda gives", async () => {
    const queue = await queues.create("shape");
    const events: unknown[] = [];
    start(async (event) => events.push(event), queue);
    await queues.client.send(
      new SendMessageCommand({
        QueueUrl: queue.queueUrl,
        MessageBody: "hello",
        MessageAttributes: {
          kind: { DataType: "String", StringValue: "greeting" },
          raw: { DataType: "Binary", BinaryValue: Uint8Array.of(1, 2, 255) },
        },
      }),
    );
    await until("the message is handled", () => events.length === 1);
    expect(events[0]).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: "hello",
          attributes: {
            ApproximateReceiveCount: "1",
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            kind: { stringValue: "greeting", stringListValues: [], binaryListValues: [], dataType: "String" },
            raw: { binaryValue: "AQL/", stringListValues: [], binaryListValues: [], dataType: "Binary" },
          },
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
          md5OfBody: "5d41402abc4b2a76b9719d911017c592",
          eventSource: "aws:sqs",
          eventSourceARN: queue.queueArn,
          awsRegion: "eu-west-1",
        },
      ],
    });
  });

  test("a window collects more than one receive can give", async () => {
    const queue = await queues.create("window");
    const sizes: number[] = [];
    await queues.send(queue, numbered(25));
    start(async (event) => sizes.push(SqsEvent.parse(event).Records.length), {
      ...queue,
      batchSize: 20,
      maximumBatchingWindowSeconds: 1,
      maximumConcurrency: 1,
    });
    await until("the queue is empty", async () => (await queues.left(queue)) === 0);
    expect(sizes).toEqual([20, 5]);
  });
});

describe("what is deleted", () => {
  test("a failing batch comes back and ends in the dead-letter queue of its redrive policy", async () => {
    const dead = await queues.create("failing-dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount: 2 });
    const queue = await queues.create("failing", { ...QUICK, RedrivePolicy });
    const receiveCounts: (string | undefined)[] = [];
    start(async (event) => {
      receiveCounts.push(SqsEvent.parse(event).Records[0]?.attributes["ApproximateReceiveCount"]);
      throw new Error("no");
    }, queue);
    await queues.send(queue, ["poison"]);
    await until("the message is dead", async () => (await queues.left(dead)) === 1);
    expect(receiveCounts).toEqual(["1", "2"]);
    expect(await queues.bodies(dead)).toEqual(["poison"]);
  });

  test("after a partial failure only the failed message comes again", async () => {
    const queue = await queues.create("partial", QUICK);
    const seen: string[] = [];
    await queues.send(queue, ["a", "b", "c"]);
    start(
      async (event) => {
        const batchItemFailures = SqsEvent.parse(event).Records.flatMap(({ messageId, body }) => {
          const again = seen.includes(body);
          seen.push(body);
          return body === "b" && !again ? [{ itemIdentifier: messageId }] : [];
        });
        return { batchItemFailures };
      },
      { ...queue, reportBatchItemFailures: true },
    );
    await until("the queue is empty", async () => (await queues.left(queue)) === 0);
    expect(seen).toEqual(["a", "b", "c", "b"]);
  });

  test("a malformed answer fails the whole batch, and onError is told why", async () => {
    const queue = await queues.create("malformed", QUICK);
    const errors: string[] = [];
    const seen: string[] = [];
    await queues.send(queue, ["a", "b"]);
    start(
      async (event) => {
        const first = seen.length === 0;
        seen.push(...SqsEvent.parse(event).Records.map((record) => record.body));
        return first ? { batchItemFailures: [{ itemIdentifier: "nobody" }] } : null;
      },
      { ...queue, reportBatchItemFailures: true, onError: (error) => errors.push(String(error)) },
    );
    await until("the queue is empty", async () => (await queues.left(queue)) === 0);
    expect(seen.toSorted()).toEqual(["a", "a", "b", "b"]);
    expect(errors).toEqual(["Error: consumer: not in the batch: nobody"]);
  });

  test("without reportBatchItemFailures the answer is ignored", async () => {
    const queue = await queues.create("ignored");
    let handled = 0;
    await queues.send(queue, ["a"]);
    start(async (event) => {
      handled++;
      return { batchItemFailures: SqsEvent.parse(event).Records.map((r) => ({ itemIdentifier: r.messageId })) };
    }, queue);
    await until("the queue is empty", async () => (await queues.left(queue)) === 0);
    expect(handled).toBe(1);
  });
});

describe("how much at a time", () => {
  test("reaches maximumConcurrency and never exceeds it", async () => {
    const queue = await queues.create("concurrency");
    const door = gate();
    let running = 0;
    let most = 0;
    await queues.send(queue, numbered(12));
    start(
      async () => {
        most = Math.max(most, ++running);
        await door.opened;
        running--;
      },
      { ...queue, batchSize: 1, maximumConcurrency: 3 },
    );
    await until("three run", () => running === 3);
    door.open();
    await until("the queue is empty", async () => (await queues.left(queue)) === 0);
    expect(most).toBe(3);
  });

  test("FIFO: in order per group, one batch of a group at a time", async () => {
    const queue = await queues.create("groups.fifo", { FifoQueue: "true" });
    const seen: string[] = [];
    const running = new Map<string, number>();
    let mostOfOneGroup = 0;
    const bodies = numbered(30).map((body, index) => `${"abc"[index % 3]}-${body}`);
    await queues.send(queue, bodies, (body) => body.slice(0, 1));
    start(
      async (event) => {
        const { Records } = SqsEvent.parse(event);
        const groups = new Set(Records.map((record) => record.attributes["MessageGroupId"] ?? "none"));
        for (const group of groups) {
          running.set(group, (running.get(group) ?? 0) + 1);
          mostOfOneGroup = Math.max(mostOfOneGroup, running.get(group) ?? 0);
        }
        await new Promise(setImmediate);
        seen.push(...Records.map((record) => record.body));
        for (const group of groups) running.set(group, (running.get(group) ?? 0) - 1);
      },
      { ...queue, batchSize: 2 },
    );
    await until("the queue is empty", async () => (await queues.left(queue)) === 0);
    const inOrder = (group: string) => (body: string) => body.startsWith(group);
    for (const group of ["a", "b", "c"]) expect(seen.filter(inOrder(group))).toEqual(bodies.filter(inOrder(group)));
    expect(mostOfOneGroup).toBe(1);
  });
});

test("FIFO: a failed message comes again before the later ones of its group", async () => {
  // fauxqs gives one message of a group at a time; AWS may give several. The handler below serves both.
  const queue = await queues.create("failed-group.fifo", { FifoQueue: "true", ...QUICK });
  const succeeded: string[] = [];
  let calls = 0;
  await queues.send(queue, ["a", "b", "c"], () => "group");
  start(
    async (event) => {
      const { Records } = SqsEvent.parse(event);
      const failed = ++calls === 1 ? Records : [];
      succeeded.push(...Records.filter((record) => !failed.includes(record)).map((record) => record.body));
      return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
    },
    { ...queue, reportBatchItemFailures: true },
  );
  await until("the queue is empty", async () => (await queues.left(queue)) === 0);
  expect(succeeded).toEqual(["a", "b", "c"]);
});

describe("stop", () => {
  test("waits for running invocations, and what they handled is deleted", async () => {
    const queue = await queues.create("running");
    const door = gate();
    let started = false;
    await queues.send(queue, ["a"]);
    const mapping = start(async () => {
      started = true;
      await door.opened;
    }, queue);
    await until("the invocation runs", () => started);
    let stopped = false;
    const stopping = mapping.stop().then(() => {
      stopped = true;
    });
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    door.open();
    await stopping;
    expect(await queues.left(queue)).toBe(0);
  });

  test("under traffic loses nothing: each message was handled once or is left for the next mapping", async () => {
    const queue = await queues.create("traffic");
    const handled = new Set<string>();
    const bodies = numbered(200);
    await queues.send(queue, bodies);
    const mapping = start(
      async (event) => {
        for (const record of SqsEvent.parse(event).Records) handled.add(record.body);
      },
      { ...queue, batchSize: 5 },
    );
    await until("some are handled", () => handled.size > 20);
    await mapping.stop();
    const before = handled.size;
    expect((await queues.left(queue)) + before).toBe(200);
    start(async (event) => {
      for (const record of SqsEvent.parse(event).Records) handled.add(record.body);
    }, queue);
    await until("the queue is empty", async () => (await queues.left(queue)) === 0);
    expect([...handled].toSorted()).toEqual(bodies);
  });
});
