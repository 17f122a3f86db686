import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, errorOf, machine, openService, required, type Service } from "./harness.ts";

let service: Service;
let close: () => Promise<void>;
beforeAll(async () => ({ service, close } = await openService()));
afterAll(() => close());

const pass = (fields: Readonly<Record<string, unknown>> = {}, name = "P") =>
  machine({ [name]: { Type: "Pass", ...fields, ...END } });
const fail = () => machine({ Broken: { Type: "Fail", Error: "Mine", Cause: "because" } });
/** A state that fails, and may be retried or caught. */
const failing = (fields: Readonly<Record<string, unknown>>, branch = fail()) => ({
  Type: "Parallel",
  Branches: [branch],
  ...fields,
});

describe.concurrent("Map", () => {
  const map = (fields: Readonly<Record<string, unknown>>, body = pass()) =>
    machine({ Each: { Type: "Map", ItemProcessor: body, ...fields, ...END } });

  test("ASL Map: outputs stand in the order of the items", async () => {
    const body = machine({ W: { Type: "Wait", SecondsPath: "$", ...END } });
    expect(await service.output(map({}, body), [1, 0, 1, 0])).toEqual([1, 0, 1, 0]);
  });

  test("ASL Map: an empty array gives an empty array", async () => {
    expect(await service.output(map({}), [])).toEqual([]);
  });

  test("ASL Map: ItemSelector sees the Map's input and $$.Map.Item", async () => {
    const ItemSelector = { "all.$": "$.shared", "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value.n" };
    const output = await service.output(map({ ItemsPath: "$.l", ItemSelector }), {
      shared: "s",
      l: [{ n: 5 }, { n: 6 }],
    });
    expect(output).toEqual([
      { all: "s", i: 0, v: 5 },
      { all: "s", i: 1, v: 6 },
    ]);
  });

  test("ASL Map: Iterator and Parameters are the old names", async () => {
    const Each = { Type: "Map", Iterator: pass(), Parameters: { "v.$": "$$.Map.Item.Value" }, ...END };
    expect(await service.output(machine({ Each }), [1])).toEqual([{ v: 1 }]);
  });

  test("ASL Map: MaxConcurrency 1 runs one iteration after the other", async () => {
    const executionArn = await service.start(await service.create(map({ MaxConcurrency: 1 })), [1, 2, 3]);
    await service.ended(executionArn);
    const order = (await service.history(executionArn))
      .map(({ type, mapIterationStartedEventDetails: s, mapIterationSucceededEventDetails: e }) => [
        type,
        s?.index ?? e?.index,
      ])
      .filter(([type]) => String(type).startsWith("MapIteration"));
    expect(order).toEqual(
      [0, 1, 2].flatMap((index) => [
        ["MapIterationStarted", index],
        ["MapIterationSucceeded", index],
      ]),
    );
  });

  test("Guide Map: at most 40 iterations of an inline Map run at a time", async () => {
    const body = machine({ W: { Type: "Wait", Seconds: 1, ...END } });
    const executionArn = await service.start(
      await service.create(map({}, body)),
      Array.from({ length: 41 }, () => 1),
    );
    await service.ended(executionArn);
    const types = await service.eventTypes(executionArn);
    const before = types.slice(0, types.indexOf("MapIterationSucceeded"));
    expect(before.filter((type) => type === "MapIterationStarted")).toHaveLength(40);
  });

  test("ASL Map: the first failure is the Map's, cancels the others and starts no more", async () => {
    const body = machine({
      C: { Type: "Choice", Choices: [{ Variable: "$", NumericEquals: 2, Next: "F" }], Default: "W" },
      F: { Type: "Fail", Error: "Second" },
      W: { Type: "Wait", Seconds: 3600, ...END },
    });
    const executionArn = await service.start(await service.create(map({ MaxConcurrency: 2 }, body)), [1, 2, 3, 4]);
    expect(await service.ended(executionArn)).toMatchObject({ status: "FAILED", error: "Second" });
    const types = await service.eventTypes(executionArn);
    expect(types.filter((type) => type === "MapIterationStarted")).toHaveLength(2);
    expect(types.slice(-4)).toEqual(["MapIterationFailed", "MapIterationAborted", "MapStateFailed", "ExecutionFailed"]);
  });

  test("ASL Map: items that are no array are States.Runtime", async () => {
    expect(await service.run(map({}), { a: 1 })).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  });

  test("ASL States: a name may be used once in the whole machine", async () => {
    const twice = machine({ P: { Type: "Map", ItemProcessor: pass(), ...END } });
    expect((await errorOf(service.create(twice))).message).toContain("DUPLICATE_STATE_NAMES");
  });
});

describe.concurrent("Parallel, Wait, Succeed, Fail", () => {
  test("ASL Parallel: each branch gets the input, the output is their outputs in order", async () => {
    const Both = { Type: "Parallel", Branches: [pass(), pass({ Result: "two" }, "Q")], ...END };
    expect(await service.output(machine({ Both }), { a: 1 })).toEqual([{ a: 1 }, "two"]);
  });

  test("ASL Parallel: a branch that fails ends the others at once", async () => {
    const slow = machine({ W: { Type: "Wait", Seconds: 3600, ...END } });
    const Both = { Type: "Parallel", Branches: [slow, fail()], ...END };
    expect(await service.run(machine({ Both }))).toMatchObject({ status: "FAILED", error: "Mine", cause: "because" });
  });

  test("ASL Wait: waits the seconds, and passes its input on", async () => {
    const description = await service.run(machine({ W: { Type: "Wait", Seconds: 1, ...END } }), { a: 1 });
    const took = required(description.stopDate).getTime() - required(description.startDate).getTime();
    expect(description.output).toBe('{"a":1}');
    expect(took).toBeGreaterThanOrEqual(995);
  });

  test("ASL Wait: a Timestamp in the past does not wait", async () => {
    const W = { Type: "Wait", TimestampPath: "$.at", ...END };
    expect(await service.output(machine({ W }), { at: "2020-01-01T00:00:00Z" })).toEqual({
      at: "2020-01-01T00:00:00Z",
    });
  });

  test("ASL Fail: ErrorPath and CausePath read the input", async () => {
    const definition = machine({ F: { Type: "Fail", ErrorPath: "$.e", CausePath: "States.Format('why {}', $.c)" } });
    expect(await service.run(definition, { e: "E", c: 1 })).toMatchObject({ error: "E", cause: "why 1" });
  });

  test("ASL TimeoutSeconds of the machine: ends TIMED_OUT with States.Timeout", async () => {
    const definition = machine({ W: { Type: "Wait", Seconds: 3600, ...END } }, { TimeoutSeconds: 1 });
    const executionArn = await service.start(await service.create(definition));
    expect(await service.ended(executionArn)).toMatchObject({ status: "TIMED_OUT", error: "States.Timeout" });
    expect((await service.eventTypes(executionArn)).at(-1)).toBe("ExecutionTimedOut");
  });
});

describe.concurrent("Retry and Catch", () => {
  test("ASL Catch: Error and Cause stand at ResultPath, the rest of the input stays", async () => {
    const Catch = [{ ErrorEquals: ["Mine"], ResultPath: "$.error", Next: "S" }];
    const output = await service.output(machine({ F: failing({ Catch, ...END }), S: { Type: "Succeed" } }), { a: 1 });
    expect(output).toEqual({ a: 1, error: { Error: "Mine", Cause: "because" } });
  });

  test("ASL Catch: without ResultPath the error output replaces the input", async () => {
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "S" }];
    const output = await service.output(machine({ F: failing({ Catch, ...END }), S: { Type: "Succeed" } }), { a: 1 });
    expect(output).toEqual({ Error: "Mine", Cause: "because" });
  });

  test("ASL Catch: ResultPath null keeps the input alone", async () => {
    const Catch = [{ ErrorEquals: ["States.ALL"], ResultPath: null, Next: "S" }];
    expect(await service.output(machine({ F: failing({ Catch, ...END }), S: { Type: "Succeed" } }), { a: 1 })).toEqual({
      a: 1,
    });
  });

  test("ASL Catch: the first catcher that matches is taken", async () => {
    const Catch = [
      { ErrorEquals: ["Other"], Next: "One" },
      { ErrorEquals: ["Another", "Mine"], Next: "Two" },
      { ErrorEquals: ["States.ALL"], Next: "One" },
    ];
    const ends = { One: { Type: "Pass", Result: 1, ...END }, Two: { Type: "Pass", Result: 2, ...END } };
    expect(await service.output(machine({ F: failing({ Catch, ...END }), ...ends }))).toBe(2);
  });

  test("ASL Retry: MaxAttempts retries after the first attempt, IntervalSeconds apart, then Catch", async () => {
    const Retry = [{ ErrorEquals: ["Mine"], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 }];
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "S" }];
    const definition = machine({ F: failing({ Retry, Catch, ...END }), S: { Type: "Succeed" } });
    const executionArn = await service.start(await service.create(definition));
    expect((await service.ended(executionArn)).status).toBe("SUCCEEDED");
    const entered = (await service.history(executionArn)).filter(({ type }) => type === "FailStateEntered");
    const times = entered.map(({ timestamp }) => required(timestamp).getTime());
    expect(times).toHaveLength(3);
    expect(required(times[1]) - required(times[0])).toBeGreaterThanOrEqual(995);
    expect(required(times[2]) - required(times[1])).toBeGreaterThanOrEqual(995);
  });

  test("ASL Retry: BackoffRate multiplies the wait, MaxDelaySeconds bounds it", async () => {
    const Retry = [{ ErrorEquals: ["Mine"], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 100, MaxDelaySeconds: 2 }];
    const { startDate, stopDate } = await service.run(machine({ F: failing({ Retry, ...END }) }));
    const took = required(stopDate).getTime() - required(startDate).getTime();
    expect(took).toBeGreaterThanOrEqual(2995);
    expect(took).toBeLessThan(10_000);
  });

  test("ASL Retry: JitterStrategy FULL waits at most the interval", async () => {
    const Retry = [{ ErrorEquals: ["Mine"], IntervalSeconds: 2, MaxAttempts: 1, JitterStrategy: "FULL" }];
    const executionArn = await service.start(await service.create(machine({ F: failing({ Retry, ...END }) })));
    const { startDate, stopDate } = await service.ended(executionArn);
    expect(required(stopDate).getTime() - required(startDate).getTime()).toBeLessThan(3000);
    expect((await service.eventTypes(executionArn)).filter((type) => type === "FailStateEntered")).toHaveLength(2);
  });

  test("ASL Retry: an error that matches no retrier is not retried", async () => {
    const Retry = [{ ErrorEquals: ["Other"], IntervalSeconds: 1 }];
    const executionArn = await service.start(await service.create(machine({ F: failing({ Retry, ...END }) })));
    await service.ended(executionArn);
    expect((await service.eventTypes(executionArn)).filter((type) => type === "FailStateEntered")).toHaveLength(1);
  });

  test("ASL Retry: MaxAttempts 0 never retries, even if a later retrier would match", async () => {
    const Retry = [
      { ErrorEquals: ["Mine"], MaxAttempts: 0 },
      { ErrorEquals: ["States.ALL"], MaxAttempts: 3 },
    ];
    const executionArn = await service.start(await service.create(machine({ F: failing({ Retry, ...END }) })));
    await service.ended(executionArn);
    expect((await service.eventTypes(executionArn)).filter((type) => type === "FailStateEntered")).toHaveLength(1);
  });

  test("Context object: State.RetryCount counts the retries", async () => {
    const branch = machine({ Broken: { Type: "Fail", ErrorPath: "$.e", CausePath: "$.c" } });
    const Parameters = { e: "Mine", "c.$": "States.Format('retry {}', $$.State.RetryCount)" };
    const Retry = [{ ErrorEquals: ["Mine"], IntervalSeconds: 1, MaxAttempts: 1 }];
    const definition = machine({ F: failing({ Parameters, Retry, ...END }, branch) });
    expect(await service.run(definition)).toMatchObject({ error: "Mine", cause: "retry 1" });
  });

  test("Guide: a state's output above 256 KiB is States.DataLimitExceeded, which States.ALL does not catch", async () => {
    const grow = machine({ G: { Type: "Pass", Parameters: { "a.$": "$", "b.$": "$" }, ...END } });
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "S" }];
    const definition = machine({ F: failing({ Catch, ...END }, grow), S: { Type: "Succeed" } });
    const description = await service.run(definition, "x".repeat(140_000));
    expect(description).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  });
});
