import {
  CreateActivityCommand,
  DeleteActivityCommand,
  DescribeActivityCommand,
  GetActivityTaskCommand,
  ListActivitiesCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, errorOf, eventually, machine, openService, required, type Service, unique } from "./harness.ts";

let service: Service;
let close: () => Promise<void>;
beforeAll(async () => ({ service, close } = await openService()));
afterAll(() => close());

const create = async (name = unique("activity")) =>
  required((await service.client.send(new CreateActivityCommand({ name }))).activityArn);
const poll = (activityArn: string, workerName = "worker", abortSignal?: AbortSignal) =>
  service.client.send(new GetActivityTaskCommand({ activityArn, workerName }), abortSignal && { abortSignal });
const succeed = (taskToken: string, output = "{}") =>
  service.client.send(new SendTaskSuccessCommand({ taskToken, output }));
const fail = (taskToken: string, error?: string, cause?: string) =>
  service.client.send(new SendTaskFailureCommand({ taskToken, error, cause }));
const beat = (taskToken: string) => service.client.send(new SendTaskHeartbeatCommand({ taskToken }));

/** A started execution whose one task waits on an activity of its own. */
async function waiting(task: Readonly<Record<string, unknown>> = {}, input: unknown = {}, others: object = {}) {
  const activityArn = await create();
  const definition = machine({ Work: { Type: "Task", Resource: activityArn, ...END, ...task }, ...others });
  return { activityArn, executionArn: await service.start(await service.create(definition), input) };
}

const tokenOf = async (activityArn: string) => required((await poll(activityArn)).taskToken);

describe.concurrent("Activities", () => {
  test("API CreateActivity: is idempotent, its ARN carries the name", async () => {
    const name = unique();
    expect(await create(name)).toBe(await create(name));
    expect(await create(name)).toMatch(new RegExp(`:000000000000:activity:${name}$`));
  });

  test("API CreateActivity: InvalidName", async () => {
    expect((await errorOf(create("a b"))).name).toBe("InvalidName");
  });

  test("API DescribeActivity, DeleteActivity: gone after deletion, with ActivityDoesNotExist", async () => {
    const name = unique();
    const activityArn = await create(name);
    const describeIt = () => service.client.send(new DescribeActivityCommand({ activityArn }));
    expect(await describeIt()).toMatchObject({ activityArn, name });
    await service.client.send(new DeleteActivityCommand({ activityArn }));
    expect((await errorOf(describeIt())).name).toBe("ActivityDoesNotExist");
    expect((await errorOf(poll(activityArn))).name).toBe("ActivityDoesNotExist");
  });

  test("API ListActivities: pages through all", async () => {
    const created = await Promise.all([create(), create(), create()]);
    const seen: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await service.client.send(new ListActivitiesCommand({ maxResults: 2, nextToken }));
      seen.push(...required(page.activities).map(({ activityArn }) => required(activityArn)));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(seen).toEqual(expect.arrayContaining(created));
  });

  test("API GetActivityTask: gives the state's effective input; the output becomes the state's result", async () => {
    const task = { Parameters: { "x.$": "$.a" }, ResultPath: "$.r" };
    const { activityArn, executionArn } = await waiting(task, { a: 1 });
    const { taskToken, input } = await poll(activityArn);
    expect(input).toBe('{"x":1}');
    await succeed(required(taskToken), '{"done":true}');
    expect((await service.ended(executionArn)).output).toBe('{"a":1,"r":{"done":true}}');
  });

  test("API GetActivityTask: a poll that waits gets the task when it is scheduled", async () => {
    const activityArn = await create();
    const answer = poll(activityArn);
    const definition = machine({ Work: { Type: "Task", Resource: activityArn, ...END } });
    const executionArn = await service.start(await service.create(definition), { n: 5 });
    const { taskToken, input } = await answer;
    expect(input).toBe('{"n":5}');
    await succeed(required(taskToken));
    expect((await service.ended(executionArn)).status).toBe("SUCCEEDED");
  });

  test("API GetActivityTask: each task goes to one worker, the oldest first", async () => {
    const activityArn = await create();
    const stateMachineArn = await service.create(machine({ Work: { Type: "Task", Resource: activityArn, ...END } }));
    const started: string[] = [];
    for (const n of [1, 2, 3]) started.push(await service.start(stateMachineArn, n));
    const inputs: (string | undefined)[] = [];
    for (const _ of started) {
      const { taskToken, input } = await poll(activityArn);
      inputs.push(input);
      await succeed(required(taskToken));
    }
    expect(inputs).toEqual(["1", "2", "3"]);
  });

  test("API GetActivityTask: workers that abandon their polls take no task with them", async () => {
    const activityArn = await create();
    const stateMachineArn = await service.create(machine({ Work: { Type: "Task", Resource: activityArn, ...END } }));
    const gone = new AbortController();
    const abandoned = Array.from({ length: 10 }, () =>
      poll(activityArn, "gone", gone.signal).catch((error: Error) => error.name),
    );
    // Calls sent later and answered show that the polls have reached the server.
    for (const _ of abandoned) await service.client.send(new DescribeActivityCommand({ activityArn }));
    gone.abort();
    expect(new Set(await Promise.all(abandoned))).toEqual(new Set(["AbortError"]));
    const executionArn = await service.start(stateMachineArn);
    await succeed(await tokenOf(activityArn));
    expect((await service.ended(executionArn)).status).toBe("SUCCEEDED");
  });

  test("API GetExecutionHistory: ActivityScheduled, ActivityStarted with the worker's name, ActivitySucceeded", async () => {
    const { activityArn, executionArn } = await waiting({ TimeoutSeconds: 30, HeartbeatSeconds: 20 });
    await succeed(await tokenOf(activityArn), "1");
    await service.ended(executionArn);
    const events = await service.history(executionArn);
    expect(events.map(({ type }) => type)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "ActivityScheduled",
      "ActivityStarted",
      "ActivitySucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    expect(events[2]?.activityScheduledEventDetails).toMatchObject({
      resource: activityArn,
      timeoutInSeconds: 30,
      heartbeatInSeconds: 20,
    });
    expect(events[3]?.activityStartedEventDetails).toEqual({ workerName: "worker" });
  });
});

describe.concurrent("Task tokens", () => {
  test("API SendTaskSuccess: a token counts once; afterwards TaskTimedOut for every answer", async () => {
    const { activityArn } = await waiting();
    const token = await tokenOf(activityArn);
    await succeed(token);
    expect((await errorOf(succeed(token))).name).toBe("TaskTimedOut");
    expect((await errorOf(fail(token))).name).toBe("TaskTimedOut");
    expect((await errorOf(beat(token))).name).toBe("TaskTimedOut");
  });

  test("API SendTaskSuccess: InvalidOutput for text that is no JSON, and the task stays open", async () => {
    const { activityArn, executionArn } = await waiting();
    const token = await tokenOf(activityArn);
    expect((await errorOf(succeed(token, "{"))).name).toBe("InvalidOutput");
    await succeed(token, "7");
    expect((await service.ended(executionArn)).output).toBe("7");
  });

  test("API SendTaskFailure: error and cause end the execution", async () => {
    const { activityArn, executionArn } = await waiting();
    await fail(await tokenOf(activityArn), "Mine", "because");
    expect(await service.ended(executionArn)).toMatchObject({ status: "FAILED", error: "Mine", cause: "because" });
  });

  test("API SendTaskFailure: States.TaskFailed catches any error of a task", async () => {
    const Catch = [{ ErrorEquals: ["States.TaskFailed"], Next: "S" }];
    const { activityArn, executionArn } = await waiting({ Catch }, {}, { S: { Type: "Succeed" } });
    await fail(await tokenOf(activityArn), "Mine", "because");
    expect((await service.ended(executionArn)).output).toBe('{"Error":"Mine","Cause":"because"}');
  });

  test("ASL Retry: a retried task has a new token, the old one is closed", async () => {
    const Retry = [{ ErrorEquals: ["Mine"], IntervalSeconds: 1, MaxAttempts: 1 }];
    const { activityArn, executionArn } = await waiting({ Retry });
    const first = await tokenOf(activityArn);
    await fail(first, "Mine");
    const second = await tokenOf(activityArn);
    expect(second).not.toBe(first);
    expect((await errorOf(succeed(first))).name).toBe("TaskTimedOut");
    await succeed(second, '"again"');
    expect((await service.ended(executionArn)).output).toBe('"again"');
  });

  test("API StopExecution: closes the tokens of the execution, and its tasks are given to nobody", async () => {
    const { activityArn, executionArn } = await waiting();
    const token = await tokenOf(activityArn);
    await service.client.send(new StopExecutionCommand({ executionArn }));
    expect((await errorOf(succeed(token))).name).toBe("TaskTimedOut");
    const stateMachineArn = await service.create(machine({ Work: { Type: "Task", Resource: activityArn, ...END } }));
    const stopped = await service.start(stateMachineArn, "stopped");
    await service.client.send(new StopExecutionCommand({ executionArn: stopped }));
    const next = await service.start(stateMachineArn, "next");
    const { taskToken, input } = await poll(activityArn);
    expect(input).toBe('"next"');
    await succeed(required(taskToken));
    await service.ended(next);
  });

  test("API SendTaskSuccess: an answer to a stopped or unknown server's token is refused", async () => {
    const foreign = Buffer.from(`AQ${"0".repeat(16)}${"1".repeat(48)}`).toString("base64");
    expect(["TaskDoesNotExist", "InvalidToken"]).toContain((await errorOf(succeed(foreign))).name);
  });
});

describe.concurrent("Timeouts and heartbeats", () => {
  test("ASL TimeoutSeconds: States.Timeout, counted from the start of the task", async () => {
    const { activityArn, executionArn } = await waiting({ TimeoutSeconds: 1 });
    const token = await tokenOf(activityArn);
    expect(await service.ended(executionArn)).toMatchObject({ status: "FAILED", error: "States.Timeout" });
    expect(await service.eventTypes(executionArn)).toContain("ActivityTimedOut");
    expect((await errorOf(succeed(token))).name).toBe("TaskTimedOut");
  });

  test("Guide TimeoutSeconds: does not count before a worker has the task", async () => {
    const { activityArn, executionArn } = await waiting({ TimeoutSeconds: 1 });
    const other = await service.start(await service.create(machine({ W: { Type: "Wait", Seconds: 2, ...END } })));
    await service.ended(other);
    await succeed(await tokenOf(activityArn), "1");
    expect((await service.ended(executionArn)).status).toBe("SUCCEEDED");
  });

  test("ASL TimeoutSecondsPath: reads the input", async () => {
    const { activityArn, executionArn } = await waiting({ TimeoutSecondsPath: "$.limit" }, { limit: 1 });
    await tokenOf(activityArn);
    expect(await service.ended(executionArn)).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  });

  test("ASL errors: States.TaskFailed does not match States.Timeout", async () => {
    const Catch = [
      { ErrorEquals: ["States.TaskFailed"], Next: "Wrong" },
      { ErrorEquals: ["States.Timeout"], Next: "Right" },
    ];
    const ends = { Wrong: { Type: "Fail", Error: "Wrong" }, Right: { Type: "Succeed" } };
    const { activityArn, executionArn } = await waiting({ TimeoutSeconds: 1, Catch }, {}, ends);
    await tokenOf(activityArn);
    expect((await service.ended(executionArn)).status).toBe("SUCCEEDED");
  });

  test("ASL HeartbeatSeconds: silence is States.HeartbeatTimeout", async () => {
    const Catch = [{ ErrorEquals: ["States.HeartbeatTimeout"], Next: "S" }];
    const limits = { HeartbeatSeconds: 1, TimeoutSeconds: 60 };
    const { activityArn, executionArn } = await waiting({ ...limits, Catch }, {}, { S: { Type: "Succeed" } });
    await tokenOf(activityArn);
    expect(JSON.parse(required((await service.ended(executionArn)).output)).Error).toBe("States.HeartbeatTimeout");
  });

  test("ASL errors: States.Timeout matches a missed heartbeat, States.TaskFailed does not", async () => {
    const Catch = [
      { ErrorEquals: ["States.TaskFailed"], Next: "Wrong" },
      { ErrorEquals: ["States.Timeout"], Next: "Right" },
    ];
    const ends = { Wrong: { Type: "Fail", Error: "Wrong" }, Right: { Type: "Succeed" } };
    const { activityArn, executionArn } = await waiting({ HeartbeatSeconds: 1, TimeoutSeconds: 60, Catch }, {}, ends);
    await tokenOf(activityArn);
    expect((await service.ended(executionArn)).status).toBe("SUCCEEDED");
  });

  test("API SendTaskHeartbeat: keeps a task alive beyond HeartbeatSeconds", async () => {
    const { activityArn, executionArn } = await waiting({ HeartbeatSeconds: 2, TimeoutSeconds: 60 });
    const token = await tokenOf(activityArn);
    const until = Date.now() + 3000;
    await eventually(async () => {
      await beat(token);
      return Date.now() > until ? true : undefined;
    });
    await succeed(token);
    expect((await service.ended(executionArn)).status).toBe("SUCCEEDED");
  });

  test("ASL TimeoutSeconds above 24 days does not fire at once", async () => {
    const { activityArn, executionArn } = await waiting({ TimeoutSeconds: 99_999_999, HeartbeatSeconds: 2_147_484 });
    await succeed(await tokenOf(activityArn));
    expect((await service.ended(executionArn)).status).toBe("SUCCEEDED");
  });
});
