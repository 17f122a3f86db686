import {
  ListEventSourceMappingsCommand,
  type ListEventSourceMappingsCommandInput,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../mappings/testing.ts";
import { type LambdaTests, startLambdaTests } from "./fixture.ts";

let on: LambdaTests;
let seen: unknown[];
beforeAll(async () => {
  on = await startLambdaTests();
  on.cloud.functions.register("f", async (event) => seen.push(event));
  on.cloud.functions.register("g", async () => null);
});
afterAll(() => on.close());

async function list(input: ListEventSourceMappingsCommandInput = {}) {
  return (await on.lambda.send(new ListEventSourceMappingsCommand(input))).EventSourceMappings ?? [];
}

describe("a mapping that a program made", () => {
  test("is listed with its settings, and gone when it is stopped", async () => {
    const queue = await on.createQueue("made");
    const settings = { batchSize: 5, reportBatchItemFailures: true, maximumConcurrency: 3 };
    const mapping = on.cloud.mapQueue({ ...queue, ...settings, functionName: "f" });
    expect(await list({ EventSourceArn: queue.queueArn })).toMatchObject([
      {
        ...{ UUID: mapping.uuid, State: "Enabled", EventSourceArn: queue.queueArn, BatchSize: 5 },
        FunctionArn: on.cloud.functions.find("f")?.arn,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ScalingConfig: { MaximumConcurrency: 3 },
      },
    ]);
    await mapping.stop();
    await mapping.stop();
    expect(await list({ EventSourceArn: queue.queueArn })).toEqual([]);
  });

  test("can be made Disabled, enabled by a request, and stopped by the program", async () => {
    seen = [];
    const queue = await on.createQueue("asleep");
    await on.send(queue.queueUrl, "one");
    const mapping = on.cloud.mapQueue({ ...queue, functionName: "f", enabled: false });
    expect(await list({ EventSourceArn: queue.queueArn })).toMatchObject([{ State: "Disabled" }]);
    await on.lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping.uuid, Enabled: true }));
    await until("it is delivered", () => seen.length === 1);
    await mapping.stop();
    await on.send(queue.queueUrl, "two");
    expect(await on.left(queue.queueUrl)).toBe(1);
    expect(seen).toHaveLength(1);
  });

  test("that cannot be is refused, also when it is not enabled", async () => {
    const queue = await on.createQueue("refused");
    const wrong = { ...queue, functionName: "f", batchSize: 11, enabled: false };
    expect(() => on.cloud.mapQueue(wrong)).toThrow("maximumBatchingWindowSeconds");
    expect(await list({ EventSourceArn: queue.queueArn })).toEqual([]);
  });
});

describe("listing", () => {
  beforeAll(async () => {
    for (let n = 0; n < 7; n++) {
      const functionName = n < 4 ? "f" : "g";
      on.cloud.mapQueue({ ...(await on.createQueue(`paged-${n}`)), functionName, enabled: false });
    }
  });

  test("goes page by page through all, each once", async () => {
    const pages: number[] = [];
    const uuids = new Set<string | undefined>();
    for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings(
      { client: on.lambda, pageSize: 3 },
      {},
    )) {
      pages.push(EventSourceMappings.length);
      for (const { UUID } of EventSourceMappings) uuids.add(UUID);
    }
    expect(pages).toEqual([3, 3, 1]);
    expect(uuids.size).toBe(7);
  });

  test("filters by function, in any form of its name, over pages too", async () => {
    const FunctionName = "000000000000:function:g";
    const found: unknown[] = [];
    for await (const page of paginateListEventSourceMappings({ client: on.lambda, pageSize: 2 }, { FunctionName })) {
      found.push(...(page.EventSourceMappings ?? []).map(({ FunctionArn }) => FunctionArn));
    }
    expect(found).toEqual(Array(3).fill(on.cloud.functions.find("g")?.arn));
  });

  test("filters by source and function together", async () => {
    const EventSourceArn = "arn:aws:sqs:eu-west-1:000000000000:paged-1";
    expect(await list({ EventSourceArn, FunctionName: "f" })).toHaveLength(1);
    expect(await list({ EventSourceArn, FunctionName: "g" })).toEqual([]);
  });

  test("refuses a marker of its own making, an unknown function and a page of none", async () => {
    await expect(list({ Marker: "bm90IGEgdXVpZA" })).rejects.toMatchObject({ name: "InvalidParameterValueException" });
    await expect(list({ FunctionName: "nobody" })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(list({ MaxItems: 0 })).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  });
});
