import {
  CreateActivityCommand,
  GetActivityTaskCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, eventually, machine, openService, required, type Service, unique } from "./harness.ts";

let service: Service;
let close: () => Promise<void>;
let pass: string;
let wait: string;
let fail: string;
beforeAll(async () => {
  ({ service, close } = await openService());
  pass = await service.create(machine({ P: { Type: "Pass", ...END } }));
  wait = await service.create(machine({ W: { Type: "Wait", Seconds: 3600, ...END } }));
  fail = await service.create(machine({ F: { Type: "Fail", Error: "Mine", Cause: "because" } }));
});
afterAll(() => close());

const START = "arn:aws:states:::states:startExecution";
const start = (pattern: string, Parameters: object, rest: object = {}) => ({
  Type: "Task",
  Resource: `${START}${pattern}`,
  Parameters,
  ...END,
  ...rest,
});
const childArn = (machineArn: string, name: string) => `${machineArn.replace(":stateMachine:", ":execution:")}:${name}`;
const exists = (arn: string) => eventually(() => service.describe(arn).catch(() => undefined));

describe.concurrent("states:startExecution", () => {
  test("startExecution: gives the child's ARN and does not wait", async () => {
    const name = unique();
    const output = Object(await service.output(machine({ S: start("", { StateMachineArn: wait, Name: name }) })));
    expect(output.ExecutionArn).toBe(childArn(wait, name));
    expect((await service.describe(output.ExecutionArn)).status).toBe("RUNNING");
    await service.client.send(new StopExecutionCommand({ executionArn: output.ExecutionArn }));
  });

  test("startExecution.sync: waits, the output is text", async () => {
    const output = await service.output(machine({ S: start(".sync", { StateMachineArn: pass, Input: { a: 1 } }) }));
    expect(output).toMatchObject({ Status: "SUCCEEDED", Output: '{"a":1}', Input: '{"a":1}', StateMachineArn: pass });
  });

  test("startExecution.sync:2: waits, the output is JSON", async () => {
    const Parameters = { StateMachineArn: pass, "Input.$": "$", "Name.$": "$.name" };
    const name = unique();
    const output = await service.output(machine({ S: start(".sync:2", Parameters) }), { name });
    expect(output).toMatchObject({
      Status: "SUCCEEDED",
      Output: { name },
      Name: name,
      ExecutionArn: childArn(pass, name),
    });
  });

  test("startExecution.sync:2: a child that fails is States.TaskFailed, its description is the cause", async () => {
    const description = await service.run(machine({ S: start(".sync:2", { StateMachineArn: fail }) }));
    expect(description).toMatchObject({ status: "FAILED", error: "States.TaskFailed" });
    expect(JSON.parse(required(description.cause))).toMatchObject({
      Status: "FAILED",
      Error: "Mine",
      Cause: "because",
    });
  });

  test("startExecution.sync:2: a child that is stopped is States.TaskFailed with Status ABORTED", async () => {
    const name = unique();
    const parent = await service.start(
      await service.create(machine({ S: start(".sync:2", { StateMachineArn: wait, Name: name }) })),
    );
    await exists(childArn(wait, name));
    await service.client.send(new StopExecutionCommand({ executionArn: childArn(wait, name), error: "Operator" }));
    const { error, cause } = await service.ended(parent);
    expect(error).toBe("States.TaskFailed");
    expect(JSON.parse(required(cause))).toMatchObject({ Status: "ABORTED", Error: "Operator" });
  });

  test("startExecution.sync:2: a closed child of that name is StepFunctions.ExecutionAlreadyExistsException", async () => {
    const name = unique();
    await service.ended(await service.start(pass, {}, name));
    const Catch = [{ ErrorEquals: ["StepFunctions.ExecutionAlreadyExistsException"], Next: "Read" }];
    const describeIt = {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:sfn:describeExecution",
      Parameters: { ExecutionArn: childArn(pass, name) },
      ...END,
    };
    const S = start(".sync:2", { StateMachineArn: pass, Name: name, Input: {} }, { Catch });
    expect(await service.output(machine({ S, Read: describeIt }))).toMatchObject({
      ExecutionArn: childArn(pass, name),
      Name: name,
      Status: "SUCCEEDED",
      Output: "{}",
      RedriveCount: 0,
    });
  });

  test("startExecution: no such machine is StepFunctions.StateMachineDoesNotExistException", async () => {
    const definition = machine({ S: start("", { StateMachineArn: `${pass}x` }) });
    expect((await service.run(definition)).error).toBe("StepFunctions.StateMachineDoesNotExistException");
  });

  test("aws-sdk:sfn:describeExecution: Sfn.ExecutionDoesNotExistException, dates in ISO 8601", async () => {
    const D = (ExecutionArn: string) => ({
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:sfn:describeExecution",
      Parameters: { ExecutionArn },
      ...END,
    });
    expect((await service.run(machine({ D: D(childArn(pass, unique())) }))).error).toBe(
      "Sfn.ExecutionDoesNotExistException",
    );
    const executionArn = await service.start(pass);
    const { startDate } = await service.ended(executionArn);
    expect(await service.output(machine({ D: D(executionArn) }))).toMatchObject({
      StartDate: startDate?.toISOString(),
    });
  });

  test("StopExecution: stops the nested executions of a .sync:2 Map, and theirs", async () => {
    const names = [unique(), unique()];
    const middle = await service.create(
      machine({ S: start(".sync:2", { StateMachineArn: wait, "Name.$": "$.name", "Input.$": "$" }) }),
    );
    const body = machine({ T: start(".sync:2", { StateMachineArn: middle, "Name.$": "$.name", "Input.$": "$" }) });
    const definition = machine({ M: { Type: "Map", ItemProcessor: body, ...END } });
    const parent = await service.start(
      await service.create(definition),
      names.map((name) => ({ name })),
    );
    const descendants = [...names.map((name) => childArn(middle, name)), ...names.map((name) => childArn(wait, name))];
    await Promise.all(descendants.map(exists));
    await service.client.send(new StopExecutionCommand({ executionArn: parent }));
    const ended = await Promise.all(descendants.map((arn) => service.ended(arn)));
    expect(ended.map(({ status }) => status)).toEqual(["ABORTED", "ABORTED", "ABORTED", "ABORTED"]);
  });

  test("Guide .sync: a Parallel branch that fails stops the nested execution of another", async () => {
    const name = unique();
    const branches = [
      machine({ S: start(".sync:2", { StateMachineArn: wait, Name: name }) }),
      machine({ W: { Type: "Wait", Seconds: 1, Next: "F" }, F: { Type: "Fail", Error: "Mine" } }),
    ];
    const description = await service.run(machine({ Both: { Type: "Parallel", Branches: branches, ...END } }));
    expect(description.error).toBe("Mine");
    expect((await service.ended(childArn(wait, name))).status).toBe("ABORTED");
  });

  test("startExecution.sync:2: TaskScheduled, TaskStarted, TaskSubmitted, TaskSucceeded", async () => {
    const executionArn = await service.start(
      await service.create(machine({ S: start(".sync:2", { StateMachineArn: pass }) })),
    );
    await service.ended(executionArn);
    const events = await service.history(executionArn);
    expect(events.slice(2, 6).map(({ type }) => type)).toEqual([
      "TaskScheduled",
      "TaskStarted",
      "TaskSubmitted",
      "TaskSucceeded",
    ]);
    expect(events[2]?.taskScheduledEventDetails).toMatchObject({
      resourceType: "states",
      resource: "startExecution.sync:2",
      region: "eu-west-1",
    });
  });

  test("startExecution.waitForTaskToken: the child's worker answers for the parent, $$.Task.Token differs per task", async () => {
    const activity = await service.client.send(new CreateActivityCommand({ name: unique() }));
    const activityArn = required(activity.activityArn);
    const child = await service.create(machine({ A: { Type: "Task", Resource: activityArn, ...END } }));
    const Input = { "token.$": "$$.Task.Token" };
    const definition = machine({ S: start(".waitForTaskToken", { StateMachineArn: child, Input }) });
    const executionArn = await service.start(await service.create(definition));
    const { taskToken, input } = await service.client.send(new GetActivityTaskCommand({ activityArn }));
    const { token } = JSON.parse(required(input));
    expect(token).not.toBe(taskToken);
    await service.client.send(new SendTaskSuccessCommand({ taskToken: token, output: '"parent"' }));
    expect((await service.ended(executionArn)).output).toBe('"parent"');
    await service.client.send(new SendTaskSuccessCommand({ taskToken, output: "{}" }));
  });
});
