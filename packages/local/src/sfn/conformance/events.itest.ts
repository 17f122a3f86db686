import { StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CloudEvent, RunningServer } from "../../contract.ts";
import { END, eventually, machine, required, Service, Surroundings } from "./harness.ts";

const surroundings = new Surroundings();
let server: RunningServer;
let service: Service;
beforeAll(async () => {
  server = await surroundings.start();
  service = new Service(server.endpoint);
});
afterAll(() => server.close());

const eventsOf = (arn: string): CloudEvent[] => surroundings.events.filter(({ resources }) => resources.includes(arn));
const ms = (date: Date | undefined) => required(date).getTime();

describe.concurrent("Step Functions Execution Status Change", () => {
  test("Guide events: RUNNING and SUCCEEDED in AWS's shape", async () => {
    const stateMachineArn = await service.create(machine({ P: { Type: "Pass", Result: 1, ...END } }));
    const executionArn = await service.start(stateMachineArn, { a: 1 });
    const { name, startDate, stopDate } = await service.ended(executionArn);
    const [running, succeeded, ...rest] = eventsOf(executionArn);
    expect(rest).toEqual([]);
    expect(running).toMatchObject({
      version: "0",
      source: "aws.states",
      "detail-type": "Step Functions Execution Status Change",
      account: "000000000000",
      region: "eu-west-1",
      resources: [executionArn],
    });
    const same = {
      executionArn,
      stateMachineArn,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      name,
      startDate: ms(startDate),
      input: '{"a":1}',
      inputDetails: { included: true },
      error: null,
      cause: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: "NOT_REDRIVABLE",
    };
    expect(running?.detail).toEqual({
      ...same,
      status: "RUNNING",
      stopDate: null,
      output: null,
      outputDetails: null,
      redriveStatusReason: "Execution is RUNNING and cannot be redriven",
    });
    expect(succeeded?.detail).toEqual({
      ...same,
      status: "SUCCEEDED",
      stopDate: ms(stopDate),
      output: "1",
      outputDetails: { included: true },
      redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
    });
    expect(succeeded?.id).not.toBe(running?.id);
    expect(succeeded?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test.each([
    ["FAILED", machine({ F: { Type: "Fail", Error: "E", Cause: "C" } }), { error: "E", cause: "C" }],
    [
      "TIMED_OUT",
      machine({ W: { Type: "Wait", Seconds: 3600, ...END } }, { TimeoutSeconds: 1 }),
      { error: "States.Timeout", cause: null },
    ],
  ])("Guide events: %s carries error and cause, and may be redriven", async (status, definition, expected) => {
    const executionArn = await service.start(await service.create(definition));
    await service.ended(executionArn);
    const detail = eventsOf(executionArn).at(-1)?.detail;
    expect(detail).toMatchObject({
      ...expected,
      status,
      output: null,
      redriveStatus: "REDRIVABLE",
      redriveStatusReason: null,
    });
  });

  test("Guide events: ABORTED is published once, for nested executions as well", async () => {
    const child = await service.create(machine({ W: { Type: "Wait", Seconds: 3600, ...END } }));
    const nested = {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Parameters: { StateMachineArn: child, "Name.$": "$$.Execution.Name" },
      ...END,
    };
    const executionArn = await service.start(await service.create(machine({ N: nested })));
    const { name } = await service.describe(executionArn);
    const childArn = `${child.replace(":stateMachine:", ":execution:")}:${name}`;
    await eventually(async () => (eventsOf(childArn).length > 0 ? true : undefined));
    await service.client.send(new StopExecutionCommand({ executionArn, error: "E", cause: "C" }));
    await service.client.send(new StopExecutionCommand({ executionArn }));
    const statuses = (arn: string) => eventsOf(arn).map(({ detail }) => detail["status"]);
    expect(statuses(executionArn)).toEqual(["RUNNING", "ABORTED"]);
    expect(statuses(childArn)).toEqual(["RUNNING", "ABORTED"]);
    expect(eventsOf(executionArn).at(-1)?.detail).toMatchObject({ error: "E", cause: "C" });
  });

  test("Guide events: input and output above 248 KiB are left out, and the details say so", async () => {
    const arn = await service.create(machine({ P: { Type: "Pass", ...END } }));
    const [fits, large] = [248 * 1024, 248 * 1024 + 1].map((bytes) => "x".repeat(bytes - 2));
    const [one, two] = [await service.start(arn, fits), await service.start(arn, large)];
    await Promise.all([service.ended(one), service.ended(two)]);
    const text = JSON.stringify(fits);
    expect(eventsOf(one).at(-1)?.detail).toMatchObject({
      input: text,
      inputDetails: { included: true },
      output: text,
      outputDetails: { included: true },
    });
    expect(eventsOf(two).at(-1)?.detail).toMatchObject({
      input: null,
      inputDetails: { included: false },
      output: null,
      outputDetails: { included: false },
    });
  });
});
