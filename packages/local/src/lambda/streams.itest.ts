import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  GetEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labels } from "../mappings/stream-fixture.ts";
import { gate, until } from "../mappings/testing.ts";
import { type LambdaTests, startLambdaTests } from "./fixture.ts";

let on: LambdaTests;
beforeAll(async () => {
  on = await startLambdaTests();
  on.cloud.functions.register("f", async () => null);
});
afterAll(() => on.close());

const create = (EventSourceArn: string, input: Partial<CreateEventSourceMappingCommandInput> = {}) =>
  on.lambda.send(new CreateEventSourceMappingCommand({ EventSourceArn, FunctionName: "f", ...input }));
const enable = (UUID: string | undefined, Enabled: boolean) =>
  on.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
const reaches = (UUID: string | undefined, wanted: string) =>
  until(`the mapping is ${wanted}`, async () => {
    return (await on.lambda.send(new GetEventSourceMappingCommand({ UUID }))).State === wanted;
  });
async function put(TableName: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    await on.dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: "x" }, n: { N: String(n) } } }));
  }
}
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `x:${from + index}`);

describe("a stream mapping", () => {
  test("shows its settings and AWS's defaults", async () => {
    const streamArn = await on.createStream("settings");
    const input = {
      ...{ BatchSize: 7, BisectBatchOnFunctionError: true, MaximumRetryAttempts: 3, ParallelizationFactor: 2 },
      MaximumBatchingWindowInSeconds: 5,
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
    };
    const made = on.cloud.mapStream({ streamArn, functionName: "f", startingPosition: "LATEST", enabled: false });
    const found = await on.lambda.send(new GetEventSourceMappingCommand({ UUID: made.uuid }));
    expect(found).toMatchObject({
      ...{ State: "Disabled", EventSourceArn: streamArn, StartingPosition: "LATEST", BatchSize: 100 },
      ...{ BisectBatchOnFunctionError: false, MaximumRetryAttempts: -1, ParallelizationFactor: 1 },
    });
    await on.lambda.send(new UpdateEventSourceMappingCommand({ UUID: made.uuid, ...input }));
    await reaches(made.uuid, "Disabled");
    expect(await on.lambda.send(new GetEventSourceMappingCommand({ UUID: made.uuid }))).toMatchObject(input);
    await expect(made.caughtUp()).rejects.toThrow("Disabled");
  });

  test.each(["TRIM_HORIZON", "LATEST"] as const)("goes on where it was when it is enabled again (%s)", async (from) => {
    const table = `resumed-${from}`;
    const seen: string[] = [];
    on.cloud.functions.register(table, async (event) => void seen.push(...labels(event)));
    const streamArn = await on.createStream(table);
    const mapping = on.cloud.mapStream({ streamArn, functionName: table, startingPosition: from });
    await mapping.caughtUp();
    if (from === "TRIM_HORIZON") await put(table, 1, 3);
    await mapping.caughtUp();
    seen.splice(0);

    await enable(mapping.uuid, false);
    await reaches(mapping.uuid, "Disabled");
    await put(table, 4, 6);
    await enable(mapping.uuid, true);
    await reaches(mapping.uuid, "Enabled");
    await mapping.caughtUp();
    expect(seen).toEqual(numbered(4, 6));
  });

  test("goes on within a page: neither a record lost nor one that was done repeated", async () => {
    const door = gate();
    const seen: string[] = [];
    on.cloud.functions.register("gated", async (event) => {
      seen.push(...labels(event));
      await door.opened;
    });
    const streamArn = await on.createStream("gated");
    await put("gated", 1, 10);
    const { UUID } = await create(streamArn, { FunctionName: "gated", StartingPosition: "TRIM_HORIZON", BatchSize: 4 });
    await until("a batch is in hand", () => seen.length === 4);
    await enable(UUID, false);
    door.open();
    await reaches(UUID, "Disabled");
    expect(seen).toEqual(numbered(1, 4));
    await enable(UUID, true);
    await until("all are handled", () => seen.length >= 10);
    expect(seen).toEqual(numbered(1, 10));
  });

  test("takes a failed batch up again after a break", async () => {
    const seen: string[][] = [];
    let isBroken = true;
    on.cloud.functions.register("broken", async (event) => {
      seen.push([...labels(event)]);
      if (isBroken) throw new Error("broken");
    });
    const streamArn = await on.createStream("broken");
    await put("broken", 1, 2);
    const { UUID } = await create(streamArn, { FunctionName: "broken", StartingPosition: "TRIM_HORIZON" });
    await until("it failed", () => seen.length > 0);
    await enable(UUID, false);
    await reaches(UUID, "Disabled");
    isBroken = false;
    seen.splice(0);
    await enable(UUID, true);
    await until("it is handled", () => seen.length > 0);
    expect(seen[0]).toEqual(numbered(1, 2));
  });
});

describe("refused", () => {
  test.each<[string, Partial<CreateEventSourceMappingCommandInput>, RegExp]>([
    ["no position", { StartingPosition: undefined }, /StartingPosition/],
    ["a moment", { StartingPosition: "AT_TIMESTAMP" }, /StartingPosition/],
    ["what is for queues", { ScalingConfig: { MaximumConcurrency: 2 } }, /ScalingConfig/],
    ["eleven lanes", { ParallelizationFactor: 11 }, /ParallelizationFactor/],
    ["less than endless retries", { MaximumRetryAttempts: -2 }, /MaximumRetryAttempts/],
    ["a filter that is no pattern", { FilterCriteria: { Filters: [{ Pattern: "{}" }] } }, /Empty objects/],
    ["a record age", { MaximumRecordAgeInSeconds: 60 }, /not supported/],
    ["a destination", { DestinationConfig: { OnFailure: { Destination: "x" } } }, /not supported.*DestinationConfig/],
  ])("%s", async (_, input, message) => {
    const streamArn = await on.createStream(`rejected-${crypto.randomUUID()}`);
    await expect(create(streamArn, { StartingPosition: "LATEST", ...input })).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringMatching(message),
    });
  });

  test("a stream that is not there", async () => {
    const streamArn = (await on.createStream("there")).replace("table/there", "table/nowhere");
    await expect(create(streamArn, { StartingPosition: "LATEST" })).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringContaining("nowhere"),
    });
  });
});
