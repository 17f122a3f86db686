import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { gate, until } from "../mappings/testing.ts";
import { type LambdaTests, startLambdaTests } from "./fixture.ts";

const Bodies = z.object({ Records: z.array(z.object({ body: z.string() })) });
const bodiesOf = (event: unknown) => Bodies.parse(event).Records.map(({ body }) => body);

let on: LambdaTests;
beforeAll(async () => {
  on = await startLambdaTests();
  on.cloud.functions.register("f", async () => null, { timeoutSeconds: 30 });
  on.cloud.functions.register("g", async () => null, { timeoutSeconds: 31 });
});
afterAll(() => on.close());

const create = (EventSourceArn: string, input: Partial<CreateEventSourceMappingCommandInput> = {}) =>
  on.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: "f", EventSourceArn, ...input }));
const get = (UUID: string | undefined) => on.lambda.send(new GetEventSourceMappingCommand({ UUID }));
const update = (UUID: string | undefined, input: Omit<UpdateEventSourceMappingCommandInput, "UUID">) =>
  on.lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...input }));
const remove = (UUID: string | undefined) => on.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
const state = async (UUID: string | undefined) => (await get(UUID)).State;
const reaches = (UUID: string | undefined, wanted: string) =>
  until(`the mapping is ${wanted}`, async () => (await state(UUID)) === wanted);
const gone = (UUID: string | undefined) =>
  until("it is gone", () =>
    get(UUID)
      .then(() => false)
      .catch((error) => error.name === "ResourceNotFoundException"),
  );

describe("a queue mapping", () => {
  test("is Creating, then Enabled, and shows its settings", async () => {
    const { queueArn } = await on.createQueue("settings");
    const created = await create(queueArn, {
      FunctionName: "000000000000:function:f",
      BatchSize: 50,
      MaximumBatchingWindowInSeconds: 2,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 7 },
    });
    const expected = {
      UUID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      EventSourceArn: queueArn,
      EventSourceMappingArn: `arn:aws:lambda:eu-west-1:000000000000:event-source-mapping:${created.UUID}`,
      FunctionArn: "arn:aws:lambda:eu-west-1:000000000000:function:f",
      BatchSize: 50,
      MaximumBatchingWindowInSeconds: 2,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 7 },
    };
    expect(created).toMatchObject({ ...expected, State: "Creating", $metadata: { httpStatusCode: 202 } });
    await reaches(created.UUID, "Enabled");
    const found = await get(created.UUID);
    expect(found).toMatchObject(expected);
    expect(Math.abs(Number(found.LastModified) - Date.now())).toBeLessThan(60_000);
  });

  test("has AWS's defaults", async () => {
    const { queueArn } = await on.createQueue("defaults");
    const created = await create(queueArn);
    expect(created).toMatchObject({ BatchSize: 10, MaximumBatchingWindowInSeconds: 0, FunctionResponseTypes: [] });
    expect(created.ScalingConfig).toBeUndefined();
  });

  test("delivers while Enabled, and keeps its hands off while Disabled", async () => {
    const seen: string[] = [];
    on.cloud.functions.register("reader", async (event) => void seen.push(...bodiesOf(event)));
    const queue = await on.createQueue("switched");
    await on.send(queue.queueUrl, "one");
    const { UUID } = await create(queue.queueArn, { FunctionName: "reader", Enabled: false });
    await reaches(UUID, "Disabled");
    expect(await on.left(queue.queueUrl)).toBe(1);

    expect((await update(UUID, { Enabled: true })).State).toBe("Enabling");
    await until("it is delivered", () => seen.length === 1);
    await reaches(UUID, "Enabled");

    expect((await update(UUID, { Enabled: false })).State).toBe("Disabling");
    await reaches(UUID, "Disabled");
    await on.send(queue.queueUrl, "two");
    expect(await on.left(queue.queueUrl)).toBe(1);
    expect(seen).toEqual(["one"]);
  });

  test("is Disabling until what it has in hand is done, and refuses changes meanwhile", async () => {
    const door = gate();
    let running = 0;
    on.cloud.functions.register(
      "busy",
      async () => {
        running++;
        await door.opened;
        running--;
      },
      { timeoutSeconds: 30 },
    );
    const queue = await on.createQueue("in-hand");
    const { UUID } = await create(queue.queueArn, { FunctionName: "busy" });
    await on.send(queue.queueUrl, "one");
    await until("it is in hand", () => running === 1);
    await update(UUID, { Enabled: false });

    await expect(update(UUID, { Enabled: true })).rejects.toMatchObject({
      name: "ResourceInUseException",
      $metadata: { httpStatusCode: 400 },
      message: expect.stringContaining("Disabling"),
    });
    await expect(remove(UUID)).rejects.toMatchObject({ name: "ResourceInUseException" });
    expect([await state(UUID), running]).toEqual(["Disabling", 1]);
    door.open();
    await reaches(UUID, "Disabled");
    expect(running).toBe(0);
    expect(await on.left(queue.queueUrl)).toBe(0);
  });

  test("is Deleting until what it has in hand is done, then it is gone", async () => {
    const door = gate();
    let running = 0;
    on.cloud.functions.register(
      "leaving",
      async () => {
        running++;
        await door.opened;
      },
      { timeoutSeconds: 30 },
    );
    const queue = await on.createQueue("deleted");
    const { UUID } = await create(queue.queueArn, { FunctionName: "leaving" });
    await on.send(queue.queueUrl, "one");
    await until("it is in hand", () => running === 1);
    expect((await remove(UUID)).State).toBe("Deleting");
    await expect(remove(UUID)).rejects.toMatchObject({ name: "ResourceInUseException" });
    await expect(update(UUID, { BatchSize: 1 })).rejects.toMatchObject({ name: "ResourceInUseException" });
    // It is not free for another one yet.
    await expect(create(queue.queueArn, { FunctionName: "leaving" })).rejects.toThrow(String(UUID));
    expect(await state(UUID)).toBe("Deleting");
    door.open();
    await gone(UUID);
    expect(await on.left(queue.queueUrl)).toBe(0);
    expect((await create(queue.queueArn, { FunctionName: "leaving" })).UUID).not.toBe(UUID);
  });

  test("takes new settings while it runs, loses nothing, and keeps what an update does not mention", async () => {
    const [a, b]: [string[], string[]] = [[], []];
    on.cloud.functions.register("a", async (event) => void a.push(...bodiesOf(event)));
    on.cloud.functions.register("b", async (event) => void b.push(...bodiesOf(event)));
    const queue = await on.createQueue("moved");
    const { UUID } = await create(queue.queueArn, {
      ...{ FunctionName: "a", BatchSize: 3, ScalingConfig: { MaximumConcurrency: 4 } },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    await reaches(UUID, "Enabled");
    await on.send(queue.queueUrl, "one");
    await until("a has it", () => a.length === 1);
    expect(await update(UUID, { FunctionName: "function:b", ScalingConfig: {} })).toMatchObject({ State: "Updating" });
    await on.send(queue.queueUrl, "two");
    await reaches(UUID, "Enabled");
    await on.send(queue.queueUrl, "three");
    await until("b has the last", () => b.includes("three"));
    const updated = await get(UUID);
    expect(updated).toMatchObject({ BatchSize: 3, FunctionResponseTypes: ["ReportBatchItemFailures"] });
    expect(updated.FunctionArn).toMatch(/:function:b$/);
    expect(updated.ScalingConfig).toBeUndefined();
    await update(UUID, { FunctionResponseTypes: [] });
    await reaches(UUID, "Enabled");
    expect((await get(UUID)).FunctionResponseTypes).toEqual([]);
    // Either may have taken what came in between; nobody took it twice.
    expect([...a, ...b].toSorted()).toEqual(["one", "three", "two"]);
    expect(a).not.toContain("three");
  });

  test("that an update does not change stays as it is; a Disabled one stays Disabled", async () => {
    const { queueArn } = await on.createQueue("unchanged");
    const { UUID } = await create(queueArn, { Enabled: false });
    await reaches(UUID, "Disabled");
    expect((await update(UUID, { Enabled: false, BatchSize: 10 })).State).toBe("Updating");
    await reaches(UUID, "Disabled");
    expect((await update(UUID, { Enabled: false })).State).toBe("Disabled");
  });
});

describe("refused", () => {
  const wrong = { name: "InvalidParameterValueException", $metadata: { httpStatusCode: 400 } };

  test.each<[string, Partial<CreateEventSourceMappingCommandInput>, RegExp]>([
    ["an unknown function", { FunctionName: "nobody" }, /nobody/],
    ["a batch of none", { BatchSize: 0 }, /BatchSize/],
    ["a batch over 10 without a window", { BatchSize: 11 }, /indow/],
    ["a batch over 10,000", { BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 }, /BatchSize/],
    ["a window over 300 s", { MaximumBatchingWindowInSeconds: 301 }, /Window/],
    ["a concurrency of 1", { ScalingConfig: { MaximumConcurrency: 1 } }, /MaximumConcurrency/],
    ["a concurrency of 1001", { ScalingConfig: { MaximumConcurrency: 1001 } }, /MaximumConcurrency/],
    ["a position in a queue", { StartingPosition: "LATEST" }, /StartingPosition/],
    ["what is for streams", { BisectBatchOnFunctionError: true }, /BisectBatchOnFunctionError/],
    ["filters", { FilterCriteria: { Filters: [{ Pattern: "{}" }] } }, /not supported.*FilterCriteria/],
    ["a queue that is not there", { EventSourceArn: "arn:aws:sqs:eu-west-1:000000000000:nowhere" }, /nowhere/],
    ["a queue of another region", { EventSourceArn: "arn:aws:sqs:eu-west-2:000000000000:rejected" }, /region/],
    ["a queue of another account", { EventSourceArn: "arn:aws:sqs:eu-west-1:111111111111:rejected" }, /account/],
    ["another source", { EventSourceArn: "arn:aws:kinesis:eu-west-1:000000000000:stream/s" }, /not supported.*kinesis/],
    ["what is no ARN", { EventSourceArn: "rejected" }, /rejected/],
    ["a queue that gives messages again too soon", { FunctionName: "g" }, /30 seconds is less than .*31 seconds/],
  ])("%s", async (_, input, message) => {
    const { queueArn } = await on.createQueue("rejected");
    await expect(create(queueArn, input)).rejects.toMatchObject({ ...wrong, message: expect.stringMatching(message) });
    const list = await on.lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn: queueArn }));
    expect(list.EventSourceMappings).toEqual([]);
  });

  test("a window and a large batch of a FIFO queue", async () => {
    const { queueArn } = await on.createQueue("rejected.fifo", { FifoQueue: "true" });
    await expect(create(queueArn, { MaximumBatchingWindowInSeconds: 1 })).rejects.toMatchObject(wrong);
    await expect(create(queueArn, { BatchSize: 11 })).rejects.toMatchObject(wrong);
    await expect(create(queueArn, { BatchSize: 10 })).resolves.toMatchObject({ State: "Creating" });
  });

  test("a second mapping of the same source and function, also by update", async () => {
    const { queueArn } = await on.createQueue("twice");
    on.cloud.functions.register("other", async () => null);
    const first = await create(queueArn, { Enabled: false });
    const conflict = { name: "ResourceConflictException", message: expect.stringContaining(String(first.UUID)) };
    await expect(create(queueArn, { FunctionName: "000000000000:function:f" })).rejects.toMatchObject(conflict);
    const second = await create(queueArn, { FunctionName: "other", Enabled: false });
    await reaches(second.UUID, "Disabled");
    await expect(update(second.UUID, { FunctionName: "f" })).rejects.toMatchObject(conflict);
    expect((await get(second.UUID)).FunctionArn).toMatch(/:other$/);
  });

  test("an update that a new mapping would not survive, and it stays as it was", async () => {
    const { queueArn } = await on.createQueue("kept");
    const { UUID } = await create(queueArn);
    await reaches(UUID, "Enabled");
    for (const input of [
      ...[{ BatchSize: 11 }, { FunctionName: "g" }, { FunctionName: "nobody" }, { MaximumRetryAttempts: 1 }],
      { ScalingConfig: { MaximumConcurrency: 1 } },
    ]) {
      await expect(update(UUID, input)).rejects.toMatchObject(wrong);
    }
    expect(await get(UUID)).toMatchObject({ State: "Enabled", BatchSize: 10 });
  });

  test("a mapping that is not there", async () => {
    const UUID = "00000000-0000-4000-8000-000000000000";
    for (const request of [get, remove, (uuid: string) => update(uuid, {})]) {
      await expect(request(UUID)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    }
  });

  test("a change of source, by name", async () => {
    const { UUID } = await create((await on.createQueue("fixed")).queueArn, { Enabled: false });
    const url = `${on.cloud.endpoints.lambda}/2015-03-31/event-source-mappings/${UUID}`;
    const answer = await fetch(url, { method: "PUT", body: JSON.stringify({ EventSourceArn: "x" }) });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("EventSourceArn")]);
  });
});

test("while it is Creating a mapping refuses changes", async () => {
  const slow = await startLambdaTests({ mappingTransitionMs: 500 });
  slow.cloud.functions.register("f", async () => null);
  const { queueArn } = await slow.createQueue("slow");
  const input = { FunctionName: "f", EventSourceArn: queueArn };
  const { UUID } = await slow.lambda.send(new CreateEventSourceMappingCommand(input));
  await expect(slow.lambda.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 1 }))).rejects.toMatchObject({
    name: "ResourceInUseException",
    message: expect.stringContaining("Creating"),
  });
  const current = () => slow.lambda.send(new GetEventSourceMappingCommand({ UUID }));
  await until("it is Enabled", async () => (await current()).State === "Enabled");
  await slow.close();
});
