import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clientOptions } from "../clients.ts";
import { DEFAULT_REGION } from "../contract.ts";
import { createFunctionHost } from "../functions.ts";
import { startFakeStream } from "./fake-stream.ts";
import { type StreamMapping, startStreamMapping } from "./stream.ts";
import { labels } from "./stream-fixture.ts";
import { gate, until } from "./testing.ts";

let stream: Awaited<ReturnType<typeof startFakeStream>>;
let client: DynamoDBStreamsClient;
let mapping: StreamMapping | undefined;
let seen: string[];
let errors: string[];

beforeEach(async () => {
  stream = await startFakeStream();
  client = new DynamoDBStreamsClient(clientOptions(stream.endpoint, DEFAULT_REGION));
  seen = [];
  errors = [];
});
afterEach(async () => {
  await mapping?.stop();
  client.destroy();
  await stream.close();
});

function start(startingPosition: "TRIM_HORIZON" | "LATEST", before?: () => Promise<void>): StreamMapping {
  const functions = createFunctionHost();
  functions.register("observer", async (event) => {
    await before?.();
    seen.push(...labels(event));
  });
  mapping = startStreamMapping(client, functions, {
    streamArn: "arn:aws:dynamodb:eu-west-1:000000000000:table/t/stream/s",
    functionName: "observer",
    startingPosition,
    pollMs: 5,
    onError: (error) => errors.push(error instanceof Error ? error.name : String(error)),
  });
  return mapping;
}

test("a parent is handled to its end before its children are read, over pages of shards and records", async () => {
  stream.open("root");
  stream.open("left", "root");
  stream.open("right", "root");
  for (const n of [1, 2, 3]) stream.append("root", "x", n);
  stream.append("left", "x", 4);
  stream.append("right", "y", 5);
  stream.closeShard("root");
  const door = gate();
  const running = start("TRIM_HORIZON", () => door.opened);
  await until("the parent is read", () => stream.opened.length > 0);
  const caughtUp = running.caughtUp();
  expect(stream.opened).toEqual(["root TRIM_HORIZON"]);
  door.open();
  await caughtUp;
  expect(seen.slice(0, 3)).toEqual(["x:1", "x:2", "x:3"]);
  expect(seen.slice(3).toSorted()).toEqual(["x:4", "y:5"]);
});

test("under LATEST a shard that opens later is read from its beginning", async () => {
  stream.open("old");
  stream.append("old", "x", 1);
  const running = start("LATEST");
  await running.caughtUp();
  stream.open("new", "old");
  stream.append("new", "x", 3);
  stream.append("old", "x", 2);
  stream.closeShard("old");
  await running.caughtUp();
  expect(seen).toEqual(["x:2", "x:3"]);
  expect(stream.opened).toEqual(["old LATEST", "new TRIM_HORIZON"]);
});

test("a shard that opens is found without being asked for", async () => {
  stream.open("only");
  await start("TRIM_HORIZON").caughtUp();
  stream.open("next", "only");
  stream.append("next", "x", 1);
  stream.closeShard("only");
  await until("the new shard is handled", () => seen.length === 1);
  expect(seen).toEqual(["x:1"]);
});

test("an expired iterator is renewed after the last record that was handled", async () => {
  stream.open("only");
  for (const n of [1, 2]) stream.append("only", "x", n);
  const running = start("TRIM_HORIZON");
  await running.caughtUp();
  stream.refuseRead("ExpiredIteratorException");
  await until("it was refused", () => errors.length === 1);
  stream.append("only", "x", 3);
  await running.caughtUp();
  expect(seen).toEqual(["x:1", "x:2", "x:3"]);
  expect(stream.opened).toEqual(["only TRIM_HORIZON", "only AFTER_SEQUENCE_NUMBER 1"]);
  expect(errors).toEqual(["ExpiredIteratorException"]);
});

test("where records were trimmed it goes on with the oldest that is left", async () => {
  stream.open("only");
  stream.append("only", "x", 1);
  stream.refuseRead("TrimmedDataAccessException");
  await start("LATEST").caughtUp();
  await until("it was refused", () => errors.length === 1);
  expect(stream.opened.at(-1)).toBe("only TRIM_HORIZON");
  await until("the oldest is handled", () => seen.length === 1);
});
