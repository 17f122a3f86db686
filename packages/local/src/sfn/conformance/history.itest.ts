import { GetExecutionHistoryCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, errorOf, machine, openService, ROLE, required, type Service, unique } from "./harness.ts";

let service: Service;
let close: () => Promise<void>;
let executionArn: string;
const definition = machine({
  First: { Type: "Pass", Result: { n: 1 }, Next: "Choose" },
  Choose: { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 1, Next: "Last" }] },
  Last: { Type: "Succeed" },
});
beforeAll(async () => {
  ({ service, close } = await openService());
  executionArn = await service.start(await service.create(definition), { a: 1 });
  await service.ended(executionArn);
});
afterAll(() => close());

const get = (options: object) => service.client.send(new GetExecutionHistoryCommand({ executionArn, ...options }));

describe.concurrent("GetExecutionHistory", () => {
  test("API GetExecutionHistory: event types in order", async () => {
    expect(await service.eventTypes(executionArn)).toEqual([
      "ExecutionStarted",
      "PassStateEntered",
      "PassStateExited",
      "ChoiceStateEntered",
      "ChoiceStateExited",
      "SucceedStateEntered",
      "SucceedStateExited",
      "ExecutionSucceeded",
    ]);
  });

  test("API GetExecutionHistory: ids count from 1, each event names the one before, timestamps do not go back", async () => {
    const events = await service.history(executionArn);
    expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(events.map(({ previousEventId }) => previousEventId)).toEqual([0, 0, 2, 3, 4, 5, 6, 7]);
    const times = events.map(({ timestamp }) => required(timestamp).getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test("API GetExecutionHistory: details carry names, payloads and the role", async () => {
    const [started, entered, exited] = await service.history(executionArn);
    expect(started?.executionStartedEventDetails).toMatchObject({ input: '{"a":1}', roleArn: ROLE });
    expect(entered?.stateEnteredEventDetails).toMatchObject({ name: "First", input: '{"a":1}' });
    expect(exited?.stateExitedEventDetails).toMatchObject({ name: "First", output: '{"n":1}' });
  });

  test("API GetExecutionHistory: reverseOrder gives the latest first", async () => {
    const { events } = await get({ reverseOrder: true, maxResults: 2 });
    expect(events?.map(({ type }) => type)).toEqual(["ExecutionSucceeded", "SucceedStateExited"]);
  });

  test("API GetExecutionHistory: nextToken goes on where the page ended, in both directions", async () => {
    for (const reverseOrder of [false, true]) {
      const ids: (number | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await get({ reverseOrder, maxResults: 3, nextToken });
        ids.push(...required(page.events).map(({ id }) => id));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      const upwards = [1, 2, 3, 4, 5, 6, 7, 8];
      expect(ids).toEqual(reverseOrder ? upwards.reverse() : upwards);
    }
  });

  test("API GetExecutionHistory: includeExecutionData false leaves payloads out", async () => {
    const { events } = await get({ includeExecutionData: false });
    expect(events?.[0]?.executionStartedEventDetails).toEqual({ roleArn: ROLE });
    expect(events?.[1]?.stateEnteredEventDetails).toEqual({ name: "First" });
  });

  test("API GetExecutionHistory: ExecutionDoesNotExist, InvalidArn and InvalidToken", async () => {
    expect((await errorOf(get({ executionArn: `${executionArn}x` }))).name).toBe("ExecutionDoesNotExist");
    expect((await errorOf(get({ executionArn: unique() }))).name).toBe("InvalidArn");
    expect((await errorOf(get({ nextToken: "nonsense" }))).name).toBe("InvalidToken");
  });

  test("API GetExecutionHistory: Map events, each iteration a chain from MapStateStarted", async () => {
    const body = machine({ P: { Type: "Pass", ...END } });
    const map = machine({ M: { Type: "Map", MaxConcurrency: 1, ItemProcessor: body, ...END } });
    const arn = await service.start(await service.create(map), [1, 2]);
    await service.ended(arn);
    const iteration = ["MapIterationStarted", "PassStateEntered", "PassStateExited", "MapIterationSucceeded"];
    expect(await service.eventTypes(arn)).toEqual([
      "ExecutionStarted",
      "MapStateEntered",
      "MapStateStarted",
      ...iteration,
      ...iteration,
      "MapStateSucceeded",
      "MapStateExited",
      "ExecutionSucceeded",
    ]);
    const events = await service.history(arn);
    const starts = events.filter(({ type }) => type === "MapIterationStarted");
    expect(starts.map(({ previousEventId }) => previousEventId)).toEqual([3, 3]);
    expect(events[2]?.mapStateStartedEventDetails).toEqual({ length: 2 });
  });

  test("API GetExecutionHistory: Parallel and Wait events; a failure ends with ExecutionFailed", async () => {
    const branch = machine({ W: { Type: "Wait", Seconds: 0, ...END } });
    const both = machine({ B: { Type: "Parallel", Branches: [branch], Next: "F" }, F: { Type: "Fail", Error: "E" } });
    const arn = await service.start(await service.create(both));
    await service.ended(arn);
    expect(await service.eventTypes(arn)).toEqual([
      "ExecutionStarted",
      "ParallelStateEntered",
      "ParallelStateStarted",
      "WaitStateEntered",
      "WaitStateExited",
      "ParallelStateSucceeded",
      "ParallelStateExited",
      "FailStateEntered",
      "ExecutionFailed",
    ]);
    expect((await service.history(arn)).at(-1)?.executionFailedEventDetails).toEqual({ error: "E" });
  });

  test("Quotas: an execution with 25,000 history events fails", async () => {
    const endless = machine({
      A: { Type: "Pass", Next: "B" },
      B: { Type: "Choice", Choices: [{ Variable: "$.stop", IsPresent: true, Next: "C" }], Default: "A" },
      C: { Type: "Succeed" },
    });
    const arn = await service.start(await service.create(endless));
    expect((await service.ended(arn)).status).toBe("FAILED");
    const { events } = await get({ executionArn: arn, reverseOrder: true, maxResults: 1 });
    expect(events?.[0]).toMatchObject({ id: 25_000, type: "ExecutionFailed" });
  });
});
