import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, errorOf, eventually, functionArn, machine, required, unique } from "./harness.ts";
import { count, Redriving, task } from "./redriving.ts";

let service: Redriving;
beforeAll(async () => {
  service = await Redriving.open();
});
afterAll(() => service.close());

describe.concurrent("Redrive of a Task", () => {
  test("Guide redrive, Retry: the attempts count from 0 again; the state's EnteredTime stays", async () => {
    const broken = service.repairable();
    const Parameters = { "retries.$": "$$.State.RetryCount", "entered.$": "$$.State.EnteredTime" };
    const Retry = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 1 }];
    const executionArn = await service.failed(machine({ T: task(broken.arn, { Parameters, Retry, ...END }) }));
    await service.redrive(executionArn);
    expect((await service.ended(executionArn)).status).toBe("FAILED");
    const seen = broken.calls.map((call) => Object(call));
    expect(seen.map(({ retries }) => retries)).toEqual([0, 1, 0, 1]);
    expect(new Set(seen.map(({ entered }) => entered)).size).toBe(1);
  });

  test("Context object: Execution.RedriveCount and RedriveTime, the latter only once redriven", async () => {
    const broken = service.repairable((event) => event);
    const executionArn = await service.failed(
      machine({ T: task(broken.arn, { Parameters: { "e.$": "$$.Execution" }, ...END }) }),
    );
    broken.repair();
    const redriveDate = await service.redrive(executionArn);
    await service.ended(executionArn);
    const [original, again] = broken.calls.map((call) => Object(call).e);
    expect(original.RedriveCount).toBe(0);
    expect(again).toEqual({ ...original, RedriveCount: 1, RedriveTime: redriveDate.toISOString() });
  });

  test("Guide redrive: a Catch takes what fails again", async () => {
    const broken = service.repairable();
    const arn = await service.createActivity();
    const definition = machine({
      Asked: task(arn, { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }], TimeoutSeconds: 1, Next: "Caught" }),
      Caught: { Type: "Pass", Result: "caught", Next: "Broken" },
      Broken: task(broken.arn),
    });
    const executionArn = await service.start(await service.create(definition));
    await service.stop(executionArn);
    await service.redrive(executionArn);
    await service.poll(arn);
    expect(await service.ended(executionArn)).toMatchObject({ status: "FAILED", error: "Error" });
    expect(broken.calls).toEqual(["caught"]);
  });

  test("Guide redrive: a stopped activity task is scheduled anew, taken by a worker or not", async () => {
    for (const taken of [false, true]) {
      const activityArn = await service.createActivity();
      const executionArn = await service.start(await service.create(machine({ A: task(activityArn) })), { taken });
      const old = taken ? await service.poll(activityArn) : undefined;
      await service.recorded(executionArn, "ActivityScheduled", 1);
      await service.stop(executionArn);
      await service.redrive(executionArn);
      const { taskToken, input } = await service.poll(activityArn);
      expect(input).toBe(JSON.stringify({ taken }));
      if (old !== undefined) expect((await errorOf(service.succeed(old.taskToken, "late"))).name).toBe("TaskTimedOut");
      await service.succeed(taskToken, "in time");
      expect(await service.ended(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '"in time"' });
    }
  });

  test("Guide redrive, .waitForTaskToken: the redriven task waits for a new token", async () => {
    const tokens: string[] = [];
    const FunctionName = service.surroundings.functions.register(unique("ask"), async (event) => {
      tokens.push(String(event));
    });
    const Parameters = { FunctionName, "Payload.$": "$$.Task.Token" };
    const asked = task("arn:aws:states:::lambda:invoke.waitForTaskToken", { Parameters, ...END });
    const executionArn = await service.start(await service.create(machine({ Asked: asked })));
    await service.recorded(executionArn, "TaskSubmitted", 1);
    await service.stop(executionArn);
    await service.redrive(executionArn);
    await service.recorded(executionArn, "TaskSubmitted", 2);
    expect((await errorOf(service.succeed(tokens[0], "late"))).name).toBe("TaskTimedOut");
    await service.succeed(tokens[1], "in time");
    expect((await service.ended(executionArn)).output).toBe('"in time"');
  });
});

describe.concurrent("Redrive of other states", () => {
  test("Guide redrive: the machine's TimeoutSeconds counts anew", async () => {
    const activityArn = await service.createActivity();
    const definition = machine({ A: task(activityArn) }, { TimeoutSeconds: 1 });
    const executionArn = await service.start(await service.create(definition));
    expect((await service.ended(executionArn)).status).toBe("TIMED_OUT");
    const redriveDate = await service.redrive(executionArn);
    const again = await service.ended(executionArn);
    expect(again).toMatchObject({ status: "TIMED_OUT", redriveCount: 1, redriveStatus: "REDRIVABLE" });
    expect(required(again.stopDate).getTime() - redriveDate.getTime()).toBeGreaterThanOrEqual(990);
    // More than a second after the start, so that the event's time tells the two apart.
    const running = service.surroundings.events.find(
      ({ resources, detail }) => resources[0] === executionArn && detail["redriveCount"] === 1,
    );
    expect(running?.time).toBe(`${redriveDate.toISOString().slice(0, 19)}Z`);
    await service.redrive(executionArn);
    await service.succeed((await service.poll(activityArn)).taskToken, "in time");
    expect(await service.ended(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '"in time"' });
  });

  test("Guide redrive, Fail: fails again, without a second entry", async () => {
    const executionArn = await service.failed(machine({ F: { Type: "Fail", Error: "E", Cause: "C" } }));
    await service.redrive(executionArn);
    expect(await service.ended(executionArn)).toMatchObject({ status: "FAILED", error: "E", cause: "C" });
    const events = await service.history(executionArn);
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, "ExecutionStarted"],
      [2, 0, "FailStateEntered"],
      [3, 2, "ExecutionFailed"],
      [4, 3, "ExecutionRedriven"],
      [5, 4, "ExecutionFailed"],
    ]);
  });

  test("Guide redrive, Wait: a Timestamp that has passed in the meantime ends it", async () => {
    const definition = machine({
      Wait: { Type: "Wait", TimestampPath: "$.at", Next: "After" },
      After: { Type: "Pass", Result: "after", ...END },
    });
    const at = new Date(Date.now() + 1000).toISOString();
    const executionArn = await service.start(await service.create(definition), { at });
    await service.recorded(executionArn, "WaitStateEntered", 1);
    await service.stop(executionArn);
    await eventually(async () => (Date.now() > Date.parse(at) ? true : undefined));
    expect(await service.redriven(executionArn)).toBe("after");
    expect(count(await service.history(executionArn), "WaitStateEntered")).toBe(1);
  });

  test("Guide redrive, Choice: its rules are evaluated again", async () => {
    const definition = machine({
      C: { Type: "Choice", Choices: [{ Variable: "$$.Execution.RedriveCount", NumericEquals: 1, Next: "S" }] },
      S: { Type: "Succeed" },
    });
    const executionArn = await service.failed(definition);
    expect((await service.describe(executionArn)).error).toBe("States.NoChoiceMatched");
    await service.redriven(executionArn);
    expect(count(await service.history(executionArn), "ChoiceStateEntered")).toBe(1);
  });

  test("Guide redrive: a function that answers after its execution was stopped does not touch the redriven run", async () => {
    const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    let calls = 0;
    service.surroundings.functions.register("slow", () => required(gates[calls++]).promise);
    const executionArn = await service.start(await service.create(machine({ T: task(functionArn("slow")) })));
    await eventually(async () => (calls === 1 ? true : undefined));
    await service.stop(executionArn);
    await service.redrive(executionArn);
    await eventually(async () => (calls === 2 ? true : undefined));
    gates[0]?.resolve("late");
    gates[1]?.resolve("in time");
    expect(await service.ended(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '"in time"' });
  });
});
