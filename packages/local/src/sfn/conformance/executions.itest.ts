import { ListExecutionsCommand, StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, errorOf, machine, openService, required, type Service, unique } from "./harness.ts";

let service: Service;
let close: () => Promise<void>;
let pass: string;
let wait: string;
beforeAll(async () => {
  ({ service, close } = await openService());
  pass = await service.create(machine({ Pass: { Type: "Pass", ...END } }));
  wait = await service.create(machine({ Wait: { Type: "Wait", Seconds: 3600, ...END } }));
});
afterAll(() => close());

const start = (stateMachineArn: string, name?: string, input?: string) =>
  service.client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
const stop = (executionArn: string, error?: string, cause?: string) =>
  service.client.send(new StopExecutionCommand({ executionArn, error, cause }));

describe.concurrent("StartExecution", () => {
  test("API StartExecution: the same name and input while running give the same execution", async () => {
    const name = unique();
    const first = await start(wait, name, '{"a":1}');
    const again = await start(wait, name, '{"a":1}');
    expect(again).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    await stop(required(first.executionArn));
  });

  test("API StartExecution: twenty at once with one name and input start one execution", async () => {
    const name = unique();
    const all = await Promise.all(Array.from({ length: 20 }, () => start(wait, name, "{}")));
    expect(new Set(all.map(({ executionArn }) => executionArn)).size).toBe(1);
    await stop(required(all[0]?.executionArn));
  });

  test("API StartExecution: ExecutionAlreadyExists for another input while running", async () => {
    const name = unique();
    const { executionArn } = await start(wait, name, '{"a":1}');
    expect((await errorOf(start(wait, name, '{"a":2}'))).name).toBe("ExecutionAlreadyExists");
    await stop(required(executionArn));
  });

  test("API StartExecution: ExecutionAlreadyExists for the same input when closed", async () => {
    const name = unique();
    const { executionArn } = await start(pass, name, "{}");
    await service.ended(required(executionArn));
    expect((await errorOf(start(pass, name, "{}"))).name).toBe("ExecutionAlreadyExists");
  });

  test("API StartExecution: the same name under another machine is another execution", async () => {
    const name = unique();
    const other = await service.create(machine({ Other: { Type: "Succeed" } }));
    const [one, two] = [await start(pass, name), await start(other, name)];
    expect(one.executionArn).not.toBe(two.executionArn);
  });

  test("API StartExecution: without a name a UUID is given, without input the input is {}", async () => {
    const { executionArn } = await start(pass);
    const { name, input } = await service.ended(required(executionArn));
    expect(name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(input).toBe("{}");
  });

  test("API StartExecution: the ARN is execution:MACHINE:NAME", async () => {
    const name = unique();
    const { executionArn } = await start(pass, name);
    expect(executionArn).toBe(`${pass.replace(":stateMachine:", ":execution:")}:${name}`);
  });

  test.each([
    "",
    "a b",
    "a\tb",
    "a<b",
    "a{b",
    "a[b",
    "a?b",
    "a*b",
    'a"b',
    "a%b",
    "a\\b",
    "a^b",
    "a|b",
    "a~b",
    "a`b",
    "a$b",
  ])("API StartExecution: InvalidName for %j", async (name) => {
    expect((await errorOf(start(pass, name))).name).toBe("InvalidName");
  });

  test.each(["a&b", "a,b", "a;b", "a:b", "a/b", "a\u0000b", "a\u0080b", "x".repeat(81)])(
    "API StartExecution: InvalidName for %j as well",
    async (name) => {
      expect((await errorOf(start(pass, name))).name).toBe("InvalidName");
    },
  );

  test("API StartExecution: a name of 80 characters with dots, dashes and letters of any script is accepted", async () => {
    const name = `ä.b_c-D(1)!@='+${unique()}`.padEnd(80, "z");
    const { executionArn } = await start(pass, name);
    expect((await service.ended(required(executionArn))).name).toBe(name);
  });

  test("API StartExecution: InvalidExecutionInput for text that is no JSON", async () => {
    expect((await errorOf(start(pass, unique(), "{"))).name).toBe("InvalidExecutionInput");
  });

  test("API StartExecution: 256 KiB of input are accepted, a byte more is refused", async () => {
    const input = (bytes: number) => JSON.stringify("x".repeat(bytes - 2));
    const { executionArn } = await start(pass, unique(), input(262_144));
    expect((await service.ended(required(executionArn))).status).toBe("SUCCEEDED");
    expect((await errorOf(start(pass, unique(), input(262_145)))).name).toBe("InvalidExecutionInput");
  });

  test("API StartExecution: the limit counts bytes of UTF-8, not characters", async () => {
    expect((await errorOf(start(pass, unique(), JSON.stringify("ä".repeat(131_073))))).name).toBe(
      "InvalidExecutionInput",
    );
  });

  test("API StartExecution: StateMachineDoesNotExist and InvalidArn", async () => {
    expect((await errorOf(start(`${pass}x`))).name).toBe("StateMachineDoesNotExist");
    expect((await errorOf(start("nonsense"))).name).toBe("InvalidArn");
  });

  test("local cloud: refuses versions and aliases by name", async () => {
    expect((await errorOf(start(`${pass}:1`))).message).toContain("not supported by the local cloud: ");
  });
});

describe.concurrent("DescribeExecution", () => {
  test("API DescribeExecution: a success has output, stopDate and details, no error", async () => {
    const description = await service.ended(await service.start(pass, { a: [1, null] }));
    expect(description).toMatchObject({
      stateMachineArn: pass,
      status: "SUCCEEDED",
      input: '{"a":[1,null]}',
      inputDetails: { included: true },
      output: '{"a":[1,null]}',
      outputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: "NOT_REDRIVABLE",
    });
    expect(required(description.stopDate).getTime()).toBeGreaterThanOrEqual(required(description.startDate).getTime());
    expect(description.error).toBeUndefined();
  });

  test("API DescribeExecution: a running execution has neither output nor stopDate", async () => {
    const executionArn = await service.start(wait);
    const description = await service.describe(executionArn);
    expect(description.status).toBe("RUNNING");
    expect([description.output, description.stopDate]).toEqual([undefined, undefined]);
    await stop(executionArn);
  });

  test("ASL Fail: a failure has error and cause, and may be redriven", async () => {
    const description = await service.run(machine({ F: { Type: "Fail", Error: "Mine", Cause: "because" } }));
    expect(description).toMatchObject({
      status: "FAILED",
      error: "Mine",
      cause: "because",
      redriveStatus: "REDRIVABLE",
    });
    expect(description.output).toBeUndefined();
  });

  test("API DescribeExecution: ExecutionDoesNotExist and InvalidArn", async () => {
    const absent = `${pass.replace(":stateMachine:", ":execution:")}:${unique()}`;
    expect((await errorOf(service.describe(absent))).name).toBe("ExecutionDoesNotExist");
    expect((await errorOf(service.describe(pass))).name).toBe("InvalidArn");
  });
});

describe.concurrent("ListExecutions", () => {
  test("API ListExecutions: newest first, in pages, each once", async () => {
    const stateMachineArn = await service.create(machine({ P: { Type: "Pass", ...END } }));
    const started: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) started.push(await service.start(stateMachineArn, n));
    const first = await service.client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 2 }));
    // One that starts between two pages must not shift them.
    await service.start(stateMachineArn);
    const rest = await service.client.send(
      new ListExecutionsCommand({ stateMachineArn, maxResults: 10, nextToken: first.nextToken }),
    );
    const listed = [...required(first.executions), ...required(rest.executions)].map(
      ({ executionArn }) => executionArn,
    );
    expect(listed).toEqual(started.reverse());
    expect(rest.nextToken).toBeUndefined();
  });

  test("API ListExecutions: statusFilter gives that status only", async () => {
    const stateMachineArn = await service.create(machine({ W: { Type: "Wait", Seconds: 3600, ...END } }));
    const [running, stopped] = [await service.start(stateMachineArn), await service.start(stateMachineArn)];
    await stop(stopped);
    const list = async (statusFilter: "RUNNING" | "ABORTED" | "FAILED") => {
      const page = await service.client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter }));
      return required(page.executions).map(({ executionArn }) => executionArn);
    };
    expect([await list("RUNNING"), await list("ABORTED"), await list("FAILED")]).toEqual([[running], [stopped], []]);
    await stop(running);
  });

  test("API ListExecutions: InvalidToken and StateMachineDoesNotExist", async () => {
    const command = new ListExecutionsCommand({ stateMachineArn: pass, nextToken: "nonsense" });
    expect((await errorOf(service.client.send(command))).name).toBe("InvalidToken");
    const absent = new ListExecutionsCommand({ stateMachineArn: `${pass}x` });
    expect((await errorOf(service.client.send(absent))).name).toBe("StateMachineDoesNotExist");
  });
});

describe.concurrent("StopExecution", () => {
  test("API StopExecution: ends ABORTED with error and cause, which Catch does not see", async () => {
    const definition = machine({
      Both: {
        Type: "Parallel",
        Branches: [machine({ W: { Type: "Wait", Seconds: 3600, ...END } })],
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
        ...END,
      },
      Caught: { Type: "Succeed" },
    });
    const executionArn = await service.start(await service.create(definition));
    const { stopDate } = await stop(executionArn, "Operator", "asked for");
    const description = await service.describe(executionArn);
    expect(description).toMatchObject({ status: "ABORTED", error: "Operator", cause: "asked for", stopDate });
    expect((await service.eventTypes(executionArn)).at(-1)).toBe("ExecutionAborted");
  });

  test("API StopExecution: leaves an execution that has ended as it is", async () => {
    const executionArn = await service.start(pass);
    const { stopDate } = await service.ended(executionArn);
    expect((await stop(executionArn)).stopDate).toEqual(stopDate);
    expect((await service.describe(executionArn)).status).toBe("SUCCEEDED");
  });

  test("API StopExecution: no state is entered after it, in a Map either", async () => {
    const body = machine({ W: { Type: "Wait", Seconds: 1, Next: "P" }, P: { Type: "Pass", ...END } });
    const map = { Type: "Map", MaxConcurrency: 2, ItemProcessor: body, ...END };
    const executionArn = await service.start(await service.create(machine({ M: map })), [1, 2, 3, 4, 5, 6]);
    await stop(executionArn);
    const before = await service.eventTypes(executionArn);
    await service.ended(
      await service.start(await service.create(machine({ W: { Type: "Wait", Seconds: 2, ...END } }))),
    );
    expect(await service.eventTypes(executionArn)).toEqual(before);
  });
});
