import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createFunctionHost } from "../functions.ts";
import { type StreamMapping, type StreamMappingOptions, startStreamMapping } from "./stream.ts";
import type { DiscardedBatch } from "./stream-batches.ts";
import { labels, StreamEvent, startTables } from "./stream-fixture.ts";
import { gate, until } from "./testing.ts";

let tables: Awaited<ReturnType<typeof startTables>>;
const mappings: StreamMapping[] = [];
beforeAll(async () => {
  tables = await startTables();
});
afterEach(async () => {
  await Promise.all(mappings.splice(0).map((mapping) => mapping.stop()));
});
afterAll(() => tables.close());

type Given = Omit<StreamMappingOptions, "functionName" | "startingPosition"> & Partial<StreamMappingOptions>;

function start(handler: (event: unknown) => Promise<unknown>, given: Given): StreamMapping {
  const functions = createFunctionHost();
  functions.register("observer", handler);
  const options = { functionName: "observer", startingPosition: "TRIM_HORIZON", ...given } as const;
  const mapping = startStreamMapping(tables.streams, functions, options);
  mappings.push(mapping);
  return mapping;
}

describe("the event", () => {
  test("has the shape that Lambda gives, for insert, change and removal", async () => {
    const streamArn = await tables.create("shape");
    const put = (label: string) =>
      tables.client.send(
        new PutItemCommand({
          TableName: "shape",
          Item: { id: { S: "x" }, label: { S: label }, raw: { B: Uint8Array.of(1, 2, 255) } },
        }),
      );
    await put("old");
    await put("new");
    await tables.remove("shape", "x");
    const events: unknown[] = [];
    await start(async (event) => events.push(event), { streamArn }).caughtUp();

    const image = (label: string) => ({ id: { S: "x" }, label: { S: label }, raw: { B: "AQL/" } });
    const record = (eventName: string, images: object) => ({
      eventID: expect.stringMatching(/./),
      eventName,
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: expect.stringMatching(/./),
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: expect.toSatisfy((at) => Number.isInteger(at) && at > 1.7e9 && at < 1e11),
        Keys: { id: { S: "x" } },
        ...images,
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: "NEW_AND_OLD_IMAGES",
      },
    });
    expect(events).toEqual([
      {
        Records: [
          record("INSERT", { NewImage: image("old") }),
          record("MODIFY", { OldImage: image("old"), NewImage: image("new") }),
          record("REMOVE", { OldImage: image("new") }),
        ],
      },
    ]);
  });

  test("holds at most batchSize records, in order", async () => {
    const streamArn = await tables.create("sizes");
    for (let n = 0; n < 7; n++) await tables.put("sizes", "x", n);
    const batches: (readonly string[])[] = [];
    await start(async (event) => batches.push(labels(event)), { streamArn, batchSize: 3 }).caughtUp();
    expect(batches).toEqual([["x:0", "x:1", "x:2"], ["x:3", "x:4", "x:5"], ["x:6"]]);
  });
});

describe("what it waits for, and passes by", () => {
  test("a filter: what matches none of the patterns is done without the function, and is not read again", async () => {
    const streamArn = await tables.create("filtered");
    for (const id of ["a", "b", "c", "b"]) await tables.put("filtered", id, 1);
    await tables.remove("filtered", "a");
    const seen: string[] = [];
    const filters = [
      JSON.stringify({ dynamodb: { Keys: { id: { S: ["b"] } } } }),
      JSON.stringify({ eventName: ["REMOVE"] }),
    ];
    const mapping = start(async (event) => seen.push(...labels(event)), { streamArn, filters });
    await mapping.caughtUp();
    await tables.put("filtered", "c", 2);
    await tables.put("filtered", "b", 3);
    await mapping.caughtUp();
    expect(seen).toEqual(["b:1", "b:1", "a:gone", "b:3"]);
  });

  test("a window: a batch waits for company, and not once it is full", async () => {
    const streamArn = await tables.create("windows");
    const batches: (readonly string[])[] = [];
    const given = { streamArn, batchSize: 3, maximumBatchingWindowSeconds: 300, pollMs: 1 };
    start(async (event) => batches.push(labels(event)), given);
    await tables.put("windows", "x", 1);
    await tables.put("windows", "x", 2);
    let reads = 0;
    tables.streams.middlewareStack.add((next) => (args) => {
      reads++;
      return next(args);
    });
    await until("the shard is read again and again", async () => reads > 5);
    expect(batches).toEqual([]);
    await tables.put("windows", "x", 3);
    await until("the batch is full", async () => batches.length > 0);
    expect(batches).toEqual([["x:1", "x:2", "x:3"]]);

    const alone: (readonly string[])[] = [];
    const brief = await tables.create("brief");
    await tables.put("brief", "x", 1);
    await start(async (event) => alone.push(labels(event)), {
      ...given,
      streamArn: brief,
      maximumBatchingWindowSeconds: 1,
    }).caughtUp();
    expect(alone).toEqual([["x:1"]]);
  });
});

describe("where it reads", () => {
  test("LATEST sees nothing older than its first caughtUp, and everything after", async () => {
    const streamArn = await tables.create("latest");
    await tables.put("latest", "x", 1);
    const seen: string[] = [];
    const mapping = start(async (event) => seen.push(...labels(event)), { streamArn, startingPosition: "LATEST" });
    await mapping.caughtUp();
    await tables.put("latest", "x", 2);
    await mapping.caughtUp();
    expect(seen).toEqual(["x:2"]);
  });

  test("reads on over many pages", async () => {
    const streamArn = await tables.create("pages");
    await Promise.all(
      Array.from({ length: 10 }, async (_, id) => {
        for (let n = 0; n < 110; n++) await tables.put("pages", `k${id}`, n);
      }),
    );
    const seen: string[] = [];
    await start(async (event) => seen.push(...labels(event)), { streamArn }).caughtUp();
    expect(seen).toHaveLength(1100);
    expect(new Set(seen).size).toBe(1100);
  });

  test("caughtUp waits for the invocation that runs, and rejects once stopped", async () => {
    const streamArn = await tables.create("waiting");
    await tables.put("waiting", "x", 1);
    const door = gate();
    let ended = false;
    const mapping = start(
      async () => {
        await door.opened;
        ended = true;
      },
      { streamArn },
    );
    const caughtUp = mapping.caughtUp().then(() => ended);
    door.open();
    expect(await caughtUp).toBe(true);
    await mapping.stop();
    await expect(mapping.caughtUp()).rejects.toThrow("stopped");
  });
});

describe("failures", () => {
  test("a function error brings the batch again, before anything later", async () => {
    const streamArn = await tables.create("again");
    for (let n = 0; n < 3; n++) await tables.put("again", "x", n);
    const batches: (readonly string[])[] = [];
    const handler = async (event: unknown) => {
      batches.push(labels(event));
      if (batches.length <= 2) throw new Error("not yet");
    };
    await start(handler, { streamArn, batchSize: 2 }).caughtUp();
    expect(batches).toEqual([["x:0", "x:1"], ["x:0", "x:1"], ["x:0", "x:1"], ["x:2"]]);
  });

  test("bisecting isolates the one bad record, which is discarded after its retries", async () => {
    const streamArn = await tables.create("bisect");
    for (let n = 0; n < 8; n++) await tables.put("bisect", "x", n);
    const handled: string[] = [];
    const discarded: DiscardedBatch[] = [];
    const handler = async (event: unknown) => {
      if (labels(event).includes("x:5")) throw new Error("bad record");
      handled.push(...labels(event));
    };
    await start(handler, {
      streamArn,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 1,
      onFailure: (batch) => discarded.push(batch),
    }).caughtUp();
    expect(handled).toEqual([0, 1, 2, 3, 4, 6, 7].map((n) => `x:${n}`));
    expect(discarded.map((batch) => labels({ Records: batch.records }))).toEqual([["x:5"]]);
    expect(discarded[0]).toMatchObject({ attempts: 2, reason: "Error: bad record" });
  });

  test("the lowest reported sequence number is the checkpoint", async () => {
    const streamArn = await tables.create("checkpoint");
    for (let n = 0; n < 5; n++) await tables.put("checkpoint", "x", n);
    const batches: (readonly string[])[] = [];
    const handler = async (event: unknown) => {
      batches.push(labels(event));
      if (batches.length > 1) return { batchItemFailures: [] };
      const failed = StreamEvent.parse(event).Records.filter((_, index) => index === 4 || index === 2);
      return {
        batchItemFailures: failed.reverse().map((record) => ({ itemIdentifier: record.dynamodb.SequenceNumber })),
      };
    };
    await start(handler, { streamArn, reportBatchItemFailures: true }).caughtUp();
    expect(batches).toEqual([
      ["x:0", "x:1", "x:2", "x:3", "x:4"],
      ["x:2", "x:3", "x:4"],
    ]);
  });
});

describe("lanes", () => {
  test("run side by side and keep the order of each key, through failures too", async () => {
    const streamArn = await tables.create("lanes");
    for (let n = 0; n < 10; n++) for (const id of ["a", "b", "c", "d", "e"]) await tables.put("lanes", id, n);
    const seen = new Map<string, string[]>();
    let calls = 0;
    let running = 0;
    let most = 0;
    const handler = async (event: unknown) => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      if (++calls % 3 === 0) throw new Error("every third");
      for (const label of labels(event)) {
        const [id = "", n = ""] = label.split(":");
        seen.set(id, [...(seen.get(id) ?? []), n]);
      }
    };
    await start(handler, { streamArn, batchSize: 4, parallelizationFactor: 4 }).caughtUp();
    expect([...seen.keys()].toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    for (const order of seen.values()) expect(order).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });
});

test("stop ends the retries of a batch that never succeeds, and waits for its invocation", async () => {
  const streamArn = await tables.create("endless");
  await tables.put("endless", "x", 1);
  let calls = 0;
  let running = 0;
  const mapping = start(
    async () => {
      calls++;
      running++;
      await new Promise(setImmediate);
      running--;
      throw new Error("never");
    },
    { streamArn },
  );
  await until("it was retried", () => calls >= 3);
  await mapping.stop();
  expect(running).toBe(0);
  const atStop = calls;
  await tables.put("endless", "x", 2);
  expect(calls).toBe(atStop);
});
