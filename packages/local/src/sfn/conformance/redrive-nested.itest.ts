import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, eventually, machine, required, unique } from "./harness.ts";
import { Redriving, task } from "./redriving.ts";

let service: Redriving;
beforeAll(async () => {
  service = await Redriving.open();
});
afterAll(() => service.close());

const nested = (Parameters: object, rest: object = END) =>
  task("arn:aws:states:::states:startExecution.sync:2", {
    Parameters,
    ResultSelector: { "output.$": "$.Output" },
    ...rest,
  });
const childArn = (machineArn: string, name: string) => `${machineArn.replace(":stateMachine:", ":execution:")}:${name}`;
const exists = (arn: string) => eventually(() => service.describe(arn).catch(() => undefined));

/** The ARNs that an execution's Tasks got from StartExecution. */
async function startedBy(executionArn: string): Promise<string[]> {
  const events = await service.history(executionArn);
  return events.flatMap(({ taskSubmittedEventDetails }) => {
    const output = taskSubmittedEventDetails?.output;
    return output === undefined ? [] : [String(JSON.parse(output).ExecutionArn)];
  });
}

// The developer guide has a redriven Task scheduled and started again, and makes no exception for nested executions; nor
// does the role of a .sync parent need states:RedriveExecution. So the child is started, not redriven.
describe.concurrent("Redrive of a parent with startExecution.sync:2", () => {
  test("Guide redrive, Task: a nested execution without a name is started again, from its beginning", async () => {
    const [before, broken] = [service.repairable(() => ({})).repair(), service.repairable()];
    const StateMachineArn = await service.create(
      machine({ Before: task(before.arn, { Next: "Broken" }), Broken: task(broken.arn) }),
    );
    const parent = await service.start(await service.create(machine({ N: nested({ StateMachineArn }) })));
    expect((await service.ended(parent)).error).toBe("States.TaskFailed");
    broken.repair();
    await service.redrive(parent);
    expect(JSON.parse(required((await service.ended(parent)).output))).toEqual({ output: "repaired" });
    const [first, second, ...rest] = await startedBy(parent);
    expect([first === second, rest]).toEqual([false, []]);
    expect(await service.describe(required(first))).toMatchObject({ status: "FAILED", redriveCount: 0 });
    expect(before.calls).toHaveLength(2);
    const types = (await service.eventTypes(parent)).slice(-7);
    expect(types).toEqual([
      "ExecutionRedriven",
      "TaskScheduled",
      "TaskStarted",
      "TaskSubmitted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
  });

  test("Guide redrive, Task: a closed nested execution of that name is ExecutionAlreadyExists", async () => {
    const broken = service.repairable();
    const StateMachineArn = await service.create(machine({ Broken: task(broken.arn) }));
    const parent = await service.start(
      await service.create(machine({ N: nested({ StateMachineArn, "Name.$": "$$.Execution.Name", Input: {} }) })),
    );
    const { name } = await service.ended(parent);
    broken.repair();
    await service.redrive(parent);
    expect((await service.ended(parent)).error).toBe("StepFunctions.ExecutionAlreadyExistsException");
    const child = await service.describe(childArn(StateMachineArn, required(name)));
    expect(child).toMatchObject({ status: "FAILED", redriveCount: 0 });
    expect(broken.calls).toHaveLength(1);
  });

  test("Guide redrive: a nested execution that is redriven on its own goes on, and its parent stays as it is", async () => {
    const broken = service.repairable();
    const StateMachineArn = await service.create(machine({ Broken: task(broken.arn) }));
    const Name = unique();
    const parent = await service.start(
      await service.create(machine({ N: nested({ StateMachineArn, Name, Input: {} }) })),
    );
    await service.ended(parent);
    broken.repair();
    await service.redrive(childArn(StateMachineArn, Name));
    expect((await service.ended(childArn(StateMachineArn, Name))).status).toBe("SUCCEEDED");
    expect(await service.describe(parent)).toMatchObject({ status: "FAILED", redriveCount: 0 });
  });

  test("API StartExecution: a parent redriven while its redriven child of that name runs waits for the child", async () => {
    const gate = Promise.withResolvers<string>();
    const broken = service.repairable(() => gate.promise);
    const StateMachineArn = await service.create(machine({ Broken: task(broken.arn) }));
    const Name = unique();
    const child = childArn(StateMachineArn, Name);
    const parent = await service.start(
      await service.create(machine({ N: nested({ StateMachineArn, Name, Input: { a: 1 } }) })),
    );
    await service.ended(parent);
    broken.repair();
    await service.redrive(child);
    await service.redrive(parent);
    await eventually(async () => ((await startedBy(parent)).length === 2 ? true : undefined));
    gate.resolve("late but well");
    expect(JSON.parse(required((await service.ended(parent)).output))).toEqual({ output: "late but well" });
    expect(await startedBy(parent)).toEqual([child, child]);
    expect(await service.describe(child)).toMatchObject({ status: "SUCCEEDED", redriveCount: 1 });
    expect(broken.calls).toHaveLength(2);
  });

  test("Guide .sync: stopping a redriven parent stops the redriven child that it waits for", async () => {
    const StateMachineArn = await service.create(machine({ W: { Type: "Wait", Seconds: 3600, ...END } }));
    const Name = unique();
    const child = childArn(StateMachineArn, Name);
    const parent = await service.start(
      await service.create(machine({ N: nested({ StateMachineArn, Name, Input: {} }) })),
    );
    await exists(child);
    await service.stop(parent);
    await service.redrive(child);
    await service.redrive(parent);
    await eventually(async () => ((await startedBy(parent)).length === 2 ? true : undefined));
    await service.stop(parent);
    expect(await service.ended(child)).toMatchObject({ status: "ABORTED", redriveCount: 1 });
  });

  test("Guide redrive, Inline Map: an item's child is read when it is closed, started when it never was", async () => {
    const broken = service.repairable((event) => event);
    const Fixable = { Variable: "$.of", StringEquals: "broken", Next: "Broken" };
    const StateMachineArn = await service.create(
      machine({
        Choose: { Type: "Choice", Choices: [Fixable], Default: "Good" },
        Broken: task(broken.arn),
        Good: { Type: "Pass", ...END },
      }),
    );
    const Catch = [
      { ErrorEquals: ["StepFunctions.ExecutionAlreadyExistsException"], ResultPath: "$.failure", Next: "Read" },
    ];
    const Closed = { "ExecutionArn.$": `States.Format('${childArn(StateMachineArn, "")}{}', $.name)` };
    const body = machine({
      Start: nested({ StateMachineArn, "Name.$": "$.name", "Input.$": "$" }, { Catch, ...END }),
      Read: task("arn:aws:states:::aws-sdk:sfn:describeExecution", { Parameters: Closed, ...END }),
    });
    const map = { Type: "Map", MaxConcurrency: 1, ItemProcessor: body, ...END };
    const items = ["good", "broken", "unreached"].map((of) => ({ of, name: unique() }));
    const parent = await service.start(await service.create(machine({ M: map })), items);
    expect((await service.ended(parent)).status).toBe("FAILED");
    broken.repair();
    const child = childArn(StateMachineArn, required(items[1]).name);
    await service.redrive(child);
    await service.ended(child);
    await service.redrive(parent);
    expect(JSON.parse(required((await service.ended(parent)).output))).toMatchObject([
      { output: items[0] },
      { ExecutionArn: child, Status: "SUCCEEDED", RedriveCount: 1, Output: JSON.stringify(items[1]) },
      { output: items[2] },
    ]);
    expect(await startedBy(parent)).toEqual(items.map(({ name }) => childArn(StateMachineArn, name)));
    expect(broken.calls).toHaveLength(2);
  });
});
