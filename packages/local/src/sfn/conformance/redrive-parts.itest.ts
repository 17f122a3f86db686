import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, errorOf, machine, required, unique } from "./harness.ts";
import { count, Redriving, task } from "./redriving.ts";

let service: Redriving;
beforeAll(async () => {
  service = await Redriving.open();
});
afterAll(() => service.close());

/** A function that answers its input, and fails those in `failing` once `gate` is open. */
function picky(failing: Set<unknown>, gate: Promise<void>) {
  const calls: unknown[] = [];
  const arn = service.surroundings.functions.register(unique("picky"), async (event) => {
    calls.push(event);
    if (!failing.has(event)) return event;
    await gate;
    throw new Error("broken");
  });
  return { arn, calls };
}

describe.concurrent("Redrive of a Map", () => {
  test("Guide redrive, Inline Map: only the iterations that did not succeed are run again", async () => {
    const gate = Promise.withResolvers<void>();
    const failing = new Set<unknown>([1, 3]);
    const { arn, calls } = picky(failing, gate.promise);
    const definition = machine({ M: { Type: "Map", ItemProcessor: machine({ T: task(arn) }), ...END } });
    const executionArn = await service.start(await service.create(definition), [0, 1, 2, 3, 4]);
    await service.recorded(executionArn, "MapIterationSucceeded", 3);
    gate.resolve();
    await service.ended(executionArn);
    failing.clear();
    calls.length = 0;
    expect(await service.redriven(executionArn)).toEqual([0, 1, 2, 3, 4]);
    expect(calls).toEqual([1, 3]);
    const events = await service.history(executionArn);
    expect([count(events, "MapStateStarted"), count(events, "MapIterationStarted")]).toEqual([1, 5]);
    expect(count(events, "MapIterationSucceeded")).toBe(5);
  });

  test("Guide redrive, Inline Map: what had not begun is begun, what had failed goes on from its own state", async () => {
    const failing = new Set<unknown>([1]);
    const { arn, calls } = picky(failing, Promise.resolve());
    const first = service.repairable((event) => event).repair();
    const body = machine({ First: task(first.arn, { Next: "T" }), T: task(arn) });
    const executionArn = await service.failed(
      machine({ M: { Type: "Map", MaxConcurrency: 1, ItemProcessor: body, ...END } }),
      [0, 1, 2],
    );
    expect([first.calls, calls]).toEqual([
      [0, 1],
      [0, 1],
    ]);
    failing.clear();
    expect(await service.redriven(executionArn)).toEqual([0, 1, 2]);
    expect([first.calls, calls]).toEqual([
      [0, 1, 2],
      [0, 1, 1, 2],
    ]);
    const events = await service.history(executionArn);
    const after = events.slice(events.findIndex(({ type }) => type === "ExecutionRedriven") + 1);
    expect(after[0]?.type).toBe("LambdaFunctionScheduled");
    const entered = events.find(({ id }) => id === after[0]?.previousEventId);
    expect(entered).toMatchObject({ stateEnteredEventDetails: { name: "T", input: "1" } });
    expect(after.filter(({ type }) => type === "MapIterationStarted")).toMatchObject([
      { mapIterationStartedEventDetails: { index: 2 } },
    ]);
  });

  test("Guide redrive, Inline Map: a second redrive keeps what the first one finished", async () => {
    const failing = new Set<unknown>([1, 2]);
    const { arn, calls } = picky(failing, Promise.resolve());
    const map = { Type: "Map", MaxConcurrency: 1, ItemProcessor: machine({ T: task(arn) }), ...END };
    const executionArn = await service.failed(machine({ M: map }), [0, 1, 2]);
    failing.delete(1);
    await service.redrive(executionArn);
    expect((await service.ended(executionArn)).status).toBe("FAILED");
    failing.clear();
    expect(await service.redriven(executionArn)).toEqual([0, 1, 2]);
    expect(calls).toEqual([0, 1, 1, 2, 2]);
  });

  test("Guide redrive, Inline Map: a Retry runs all iterations again, a redrive after it only the failed one", async () => {
    const failing = new Set<unknown>([1]);
    const { arn, calls } = picky(failing, Promise.resolve());
    const Retry = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 1 }];
    const map = { Type: "Map", MaxConcurrency: 1, ItemProcessor: machine({ T: task(arn) }), Retry, ...END };
    const executionArn = await service.failed(machine({ M: map }), [0, 1]);
    expect(calls).toEqual([0, 1, 0, 1]);
    failing.clear();
    expect(await service.redriven(executionArn)).toEqual([0, 1]);
    expect(calls).toEqual([0, 1, 0, 1, 1]);
  });

  test("Guide redrive: goes down to the failed state of a Map in a Parallel in a Map", async () => {
    const gate = Promise.withResolvers<void>();
    const failing = new Set<unknown>(["a"]);
    const { arn, calls } = picky(failing, gate.promise);
    const other = service.repairable(() => "other").repair();
    const inner = { Type: "Map", ItemProcessor: machine({ T: task(arn) }), ...END };
    const both = { Type: "Parallel", Branches: [machine({ O: task(other.arn) }), machine({ Inner: inner })], ...END };
    const definition = machine({ Outer: { Type: "Map", ItemProcessor: machine({ Both: both }), ...END } });
    const executionArn = await service.start(await service.create(definition), [["a"]]);
    await service.recorded(executionArn, "TaskStateExited");
    gate.resolve();
    await service.ended(executionArn);
    failing.clear();
    expect(await service.redriven(executionArn)).toEqual([["other", ["a"]]]);
    expect([other.calls.length, calls]).toEqual([1, ["a", "a"]]);
    expect(count(await service.history(executionArn), "ParallelStateStarted")).toBe(1);
  });
});

describe.concurrent("Redrive of a Parallel", () => {
  test("Guide redrive, Parallel: failed and aborted branches go on, successful ones are kept", async () => {
    const gate = Promise.withResolvers<void>();
    const [good, broken] = [service.repairable(() => "good").repair(), service.repairable()];
    const waits = service.repairable(() => gate.promise).repair();
    const activityArn = await service.createActivity();
    const branches = [
      machine({ Good: task(good.arn) }),
      machine({ Before: task(waits.arn, { Next: "Broken" }), Broken: task(broken.arn) }),
      machine({ Asked: task(activityArn) }),
    ];
    const executionArn = await service.start(
      await service.create(machine({ All: { Type: "Parallel", Branches: branches, ...END } })),
    );
    await service.recorded(executionArn, "TaskStateExited", 1);
    const old = await service.poll(activityArn);
    gate.resolve();
    await service.ended(executionArn);
    broken.repair();
    await service.redrive(executionArn);
    const { taskToken } = await service.poll(activityArn);
    expect((await errorOf(service.succeed(old.taskToken, "late"))).name).toBe("TaskTimedOut");
    await service.succeed(taskToken, "asked");
    const { output } = await service.ended(executionArn);
    expect(JSON.parse(required(output))).toEqual(["good", "repaired", "asked"]);
    expect([good.calls.length, waits.calls.length, broken.calls.length]).toEqual([1, 1, 2]);
    const events = await service.history(executionArn);
    expect([count(events, "ParallelStateStarted"), count(events, "TaskStateEntered")]).toEqual([1, 4]);
  });

  test("Guide redrive, Parallel: after States.DataLimitExceeded all branches are run again", async () => {
    let size = 140_000;
    const large = () => service.repairable(() => "x".repeat(size)).repair();
    const both = [large(), large()];
    const branches = both.map(({ arn }, index) => machine({ [`T${index}`]: task(arn) }));
    const executionArn = await service.failed(machine({ Both: { Type: "Parallel", Branches: branches, ...END } }));
    expect((await service.describe(executionArn)).error).toBe("States.DataLimitExceeded");
    size = 1;
    expect(await service.redriven(executionArn)).toEqual(["x", "x"]);
    expect(both.map(({ calls }) => calls.length)).toEqual([2, 2]);
  });
});
