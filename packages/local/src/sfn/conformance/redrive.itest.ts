import { DeleteStateMachineCommand, ListExecutionsCommand, UpdateStateMachineCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CloudEvent } from "../../contract.ts";
import { END, errorOf, machine, required, unique } from "./harness.ts";
import { Redriving, task } from "./redriving.ts";

let service: Redriving;
beforeAll(async () => {
  service = await Redriving.open();
});
afterAll(() => service.close());

const failing = () => machine({ F: { Type: "Fail", Error: "E", Cause: "C" } });
const endless = () => machine({ W: { Type: "Wait", Seconds: 3600, ...END } });
const refusal = (executionArn: string, clientToken?: string) => errorOf(service.redrive(executionArn, clientToken));
const notRedrivable = (executionArn: string, reason: string) => ({
  name: "ExecutionNotRedrivable",
  message: `Execution ${executionArn} invalid for redrive as: ${reason}`,
});
const eventsOf = (arn: string): CloudEvent[] =>
  service.surroundings.events.filter(({ resources }) => resources.includes(arn));

describe.concurrent("RedriveExecution", () => {
  test("API RedriveExecution: goes on at the failed step; the results of the steps before it are kept", async () => {
    const [before, broken] = [service.repairable(() => ({ kept: true })).repair(), service.repairable()];
    const definition = machine({
      Before: task(before.arn, { ResultPath: "$.before", Next: "Broken" }),
      Broken: task(broken.arn, { ResultPath: "$.broken", ...END }),
    });
    const executionArn = await service.failed(definition, { a: 1 });
    broken.repair();
    await service.redrive(executionArn);
    expect(JSON.parse(required((await service.ended(executionArn)).output))).toEqual({
      a: 1,
      before: { kept: true },
      broken: "repaired",
    });
    expect([before.calls.length, broken.calls.length]).toEqual([1, 2]);
    expect(broken.calls[1]).toEqual(broken.calls[0]);
  });

  test("API RedriveExecution: a running and a succeeded execution are ExecutionNotRedrivable", async () => {
    const running = await service.start(await service.create(endless()));
    const reason = (status: string) => `Execution is ${status} and cannot be redriven`;
    expect(await refusal(running)).toEqual(notRedrivable(running, reason("RUNNING")));
    await service.stop(running);
    const succeeded = await service.start(await service.create(machine({ P: { Type: "Pass", ...END } })));
    await service.ended(succeeded);
    expect(await refusal(succeeded)).toEqual(notRedrivable(succeeded, reason("SUCCEEDED")));
    expect(await service.describe(succeeded)).toMatchObject({ redriveCount: 0, redriveStatus: "NOT_REDRIVABLE" });
  });

  test("API RedriveExecution: ExecutionDoesNotExist, InvalidArn, and ValidationException for a bad token", async () => {
    const executionArn = await service.failed(failing());
    expect((await refusal(`${executionArn}x`)).name).toBe("ExecutionDoesNotExist");
    expect((await refusal(executionArn.replace(":execution:", ":stateMachine:"))).name).toBe("InvalidArn");
    expect((await refusal(unique())).name).toBe("InvalidArn");
    for (const token of ["", "white space", "x".repeat(65)]) {
      expect((await refusal(executionArn, token)).name).toBe("ValidationException");
    }
    await service.redrive(executionArn, "x".repeat(64));
  });

  test("API RedriveExecution: a machine that is being deleted gives ExecutionNotRedrivable, also when it is gone", async () => {
    const stateMachineArn = await service.create(
      machine({
        C: { Type: "Choice", Choices: [{ Variable: "$.fail", IsPresent: true, Next: "F" }], Default: "W" },
        W: { Type: "Wait", Seconds: 3600, ...END },
        F: { Type: "Fail" },
      }),
    );
    const [running, ended] = [await service.start(stateMachineArn), await service.start(stateMachineArn, { fail: 1 })];
    await service.ended(ended);
    await service.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    const refused = notRedrivable(ended, "State machine is in DELETING status");
    expect(await refusal(ended)).toEqual(refused);
    await service.stop(running);
    expect(await refusal(ended)).toEqual(refused);
  });

  test("Guide redrive: the definition stays the one that the execution was started with", async () => {
    const broken = service.repairable();
    const definition = (said: string) =>
      machine({ Broken: task(broken.arn, { Next: "Say" }), Say: { Type: "Pass", Result: said, ...END } });
    const stateMachineArn = await service.create(definition("old"));
    const executionArn = await service.start(stateMachineArn);
    await service.ended(executionArn);
    const updated = JSON.stringify(definition("new"));
    await service.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition: updated }));
    broken.repair();
    await service.redrive(executionArn);
    expect((await service.ended(executionArn)).output).toBe('"old"');
  });

  test("API DescribeExecution: a redriven execution runs as if it had not ended, and counts its redrives", async () => {
    const stateMachineArn = await service.create(endless());
    const executionArn = await service.start(stateMachineArn, { a: 1 });
    const first = await service.describe(executionArn);
    await service.stop(executionArn);
    const stopped = await service.describe(executionArn);
    expect(stopped).toMatchObject({ status: "ABORTED", redriveCount: 0, redriveStatus: "REDRIVABLE" });
    expect(stopped).not.toHaveProperty("redriveDate");
    expect(stopped).not.toHaveProperty("redriveStatusReason");

    const redriveDate = await service.redrive(executionArn);
    const { $metadata: _, ...running } = await service.describe(executionArn);
    const { $metadata: __, ...asStarted } = first;
    expect(running).toEqual({ ...asStarted, redriveCount: 1, redriveDate });
    const { executions } = await service.client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toMatchObject([{ executionArn, status: "RUNNING", redriveCount: 1, redriveDate }]);
    expect(executions?.[0]).not.toHaveProperty("stopDate");

    await service.stop(executionArn);
    expect((await service.redrive(executionArn)).getTime()).toBeGreaterThanOrEqual(redriveDate.getTime());
    expect(await service.describe(executionArn)).toMatchObject({ status: "RUNNING", redriveCount: 2 });
    await service.stop(executionArn);
  });

  test("API ListExecutions: a redriveFilter with a state machine is ValidationException", async () => {
    const stateMachineArn = await service.create(failing());
    const list = service.client.send(new ListExecutionsCommand({ stateMachineArn, redriveFilter: "REDRIVEN" }));
    expect((await errorOf(list)).name).toBe("ValidationException");
  });

  test("API GetExecutionHistory: a redrive is appended, and its first event follows the entry of the failed state", async () => {
    const broken = service.repairable();
    const executionArn = await service.failed(
      machine({ Before: { Type: "Pass", Next: "Broken" }, Broken: task(broken.arn, END) }),
    );
    broken.repair();
    await service.redrive(executionArn);
    await service.ended(executionArn);
    const events = await service.history(executionArn);
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type]).slice(3)).toEqual([
      [4, 3, "TaskStateEntered"],
      [5, 4, "LambdaFunctionScheduled"],
      [6, 5, "LambdaFunctionStarted"],
      [7, 6, "LambdaFunctionFailed"],
      [8, 7, "ExecutionFailed"],
      [9, 8, "ExecutionRedriven"],
      [10, 4, "LambdaFunctionScheduled"],
      [11, 10, "LambdaFunctionStarted"],
      [12, 11, "LambdaFunctionSucceeded"],
      [13, 12, "TaskStateExited"],
      [14, 13, "ExecutionSucceeded"],
    ]);
    expect(events[8]?.executionRedrivenEventDetails).toEqual({ redriveCount: 1 });
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  });

  test("Guide events: a redrive is RUNNING with its count and date, and so is what comes after it", async () => {
    const broken = service.repairable();
    const executionArn = await service.failed(machine({ Broken: task(broken.arn) }), { a: 1 });
    broken.repair();
    const redriveDate = await service.redrive(executionArn);
    const { stopDate } = await service.ended(executionArn);
    const [started, failure, running, succeeded, ...rest] = eventsOf(executionArn);
    expect(rest).toEqual([]);
    expect(failure?.detail).toMatchObject({ status: "FAILED", redriveCount: 0, redriveDate: null });
    const redriven = { ...started?.detail, redriveCount: 1, redriveDate: redriveDate.getTime() };
    expect(running?.detail).toEqual(redriven);
    expect(succeeded?.detail).toEqual({
      ...redriven,
      status: "SUCCEEDED",
      stopDate: required(stopDate).getTime(),
      output: '"repaired"',
      outputDetails: { included: true },
      redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
    });
  });

  test("API RedriveExecution: a clientToken that redrove gives the same date, whatever has become of the execution", async () => {
    const broken = service.repairable();
    const executionArn = await service.failed(machine({ Broken: task(broken.arn) }));
    const first = await service.redrive(executionArn, "first");
    expect(await service.redrive(executionArn, "first")).toEqual(first);
    await service.ended(executionArn);
    expect(await service.redrive(executionArn, "first")).toEqual(first);
    expect(await service.describe(executionArn)).toMatchObject({ status: "FAILED", redriveCount: 1 });
    broken.repair();
    const second = await service.redrive(executionArn, "second");
    expect(await service.redrive(executionArn, "first")).toEqual(first);
    await service.ended(executionArn);
    expect(await service.redrive(executionArn, "second")).toEqual(second);
    expect((await refusal(executionArn, "third")).name).toBe("ExecutionNotRedrivable");
    expect(await service.describe(executionArn)).toMatchObject({ status: "SUCCEEDED", redriveCount: 2 });
    expect(broken.calls).toHaveLength(3);
  });

  test("API RedriveExecution: a clientToken that was refused may still redrive", async () => {
    const executionArn = await service.start(await service.create(endless()));
    expect((await refusal(executionArn, "again")).name).toBe("ExecutionNotRedrivable");
    await service.stop(executionArn);
    await service.redrive(executionArn, "again");
    expect((await service.describe(executionArn)).redriveCount).toBe(1);
    await service.stop(executionArn);
  });

  test("Guide redrive: an execution whose history is full is not redrivable", async () => {
    const loop = machine({
      A: { Type: "Pass", Next: "B" },
      B: { Type: "Choice", Choices: [{ Variable: "$.stop", IsPresent: true, Next: "C" }], Default: "A" },
      C: { Type: "Succeed" },
    });
    const executionArn = await service.failed(loop);
    const redriveStatusReason = "Execution history event limit exceeded";
    expect(await service.describe(executionArn)).toMatchObject({
      status: "FAILED",
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason,
    });
    expect(await refusal(executionArn)).toEqual(notRedrivable(executionArn, redriveStatusReason));
  });
});
