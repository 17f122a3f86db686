import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  SendTaskSuccessCommand,
  TestStateCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END, errorOf, eventually, machine, openService, ROLE, required, type Service, unique } from "./harness.ts";

let service: Service;
let close: () => Promise<void>;
beforeAll(async () => ({ service, close } = await openService()));
afterAll(() => close());

const PASS = machine({ Pass: { Type: "Pass", ...END } });
const send = (name: string, definition: unknown = PASS, rest: { type?: "EXPRESS"; roleArn?: string } = {}) =>
  service.client.send(
    new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn: ROLE, ...rest }),
  );
const describeMachine = (stateMachineArn: string) =>
  service.client.send(new DescribeStateMachineCommand({ stateMachineArn }));

describe.concurrent("CreateStateMachine", () => {
  test("API CreateStateMachine: the ARN carries the name", async () => {
    const name = unique();
    expect((await send(name)).stateMachineArn).toMatch(
      new RegExp(`^arn:aws:states:.+:000000000000:stateMachine:${name}$`),
    );
  });

  test("API CreateStateMachine: is idempotent for the same name and definition", async () => {
    const name = unique();
    const first = await send(name);
    expect(await send(name)).toMatchObject({
      stateMachineArn: first.stateMachineArn,
      creationDate: first.creationDate,
    });
  });

  test("API CreateStateMachine: another role does not count, and is not taken over", async () => {
    const name = unique();
    const { stateMachineArn } = await send(name);
    await send(name, PASS, { roleArn: `${ROLE}-other` });
    expect((await describeMachine(required(stateMachineArn))).roleArn).toBe(ROLE);
  });

  test("API CreateStateMachine: StateMachineAlreadyExists for another definition under the name", async () => {
    const name = unique();
    await send(name);
    const other = machine({ Other: { Type: "Succeed" } });
    expect((await errorOf(send(name, other))).name).toBe("StateMachineAlreadyExists");
  });

  test.each(["a b", "a/b", "a*b", "a#b", "a:b", "x".repeat(81), "a\u0007b"])(
    "API CreateStateMachine: InvalidName for %j",
    async (name) => {
      expect((await errorOf(send(name))).name).toBe("InvalidName");
    },
  );

  test("API CreateStateMachine: a name of 80 characters is accepted", async () => {
    const name = unique().padEnd(80, "x");
    expect((await send(name)).stateMachineArn).toContain(name);
  });

  test("API CreateStateMachine: InvalidArn for a role that is none", async () => {
    expect((await errorOf(send(unique(), PASS, { roleArn: "not-an-arn" }))).name).toBe("InvalidArn");
  });

  test.each([
    ["text that is no JSON", "no json"],
    ["a missing StartAt", { States: { A: { Type: "Pass", ...END } } }],
    ["a transition to nowhere", machine({ A: { Type: "Pass", Next: "B" } })],
    ["both Next and End missing", machine({ A: { Type: "Pass" } })],
    ["a state of unknown type", machine({ A: { Type: "Nap", ...END } })],
    ["a Map without ItemProcessor", machine({ A: { Type: "Map", ...END } })],
  ])("ASL: InvalidDefinition for %s", async (_rule, definition) => {
    expect((await errorOf(send(unique(), definition))).name).toBe("InvalidDefinition");
  });

  test.each([
    ["JSONata", machine({ A: { Type: "Pass", ...END } }, { QueryLanguage: "JSONata" }), "QueryLanguage"],
    ["variables", machine({ A: { Type: "Pass", Assign: { x: 1 }, ...END } }), "Assign"],
    [
      "a distributed Map",
      machine({
        A: {
          Type: "Map",
          ItemProcessor: { ...PASS, ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } },
          ...END,
        },
      }),
      "distributed Map",
    ],
    [
      "an unknown integration",
      machine({
        A: { Type: "Task", Resource: "arn:aws:states:::glue:startJobRun.sync", Parameters: { JobName: "j" }, ...END },
      }),
      "glue:startJobRun.sync",
    ],
    [
      "an unknown parameter",
      machine({
        A: {
          Type: "Task",
          Resource: "arn:aws:states:::lambda:invoke",
          Parameters: { FunctionName: "f", Colour: 1 },
          ...END,
        },
      }),
      "Colour",
    ],
  ])("local cloud: refuses %s by name", async (_what, definition, named) => {
    const error = await errorOf(send(unique(), definition));
    expect(error.name).toBe("InvalidDefinition");
    expect(error.message).toMatch(/^not supported by the local cloud: /);
    expect(error.message).toContain(named);
  });

  test("local cloud: refuses EXPRESS by name", async () => {
    const error = await errorOf(send(unique(), PASS, { type: "EXPRESS" }));
    expect(error.message).toBe("not supported by the local cloud: EXPRESS state machines");
  });

  test("local cloud: refuses an action it does not have by name", async () => {
    const command = new TestStateCommand({ definition: JSON.stringify({ Type: "Pass", ...END }), roleArn: ROLE });
    // The SDK puts a "sync-" in front of this action's host by default.
    const error = await errorOf(service.withoutHostPrefix().send(command));
    expect(error.message).toBe("not supported by the local cloud: TestState");
  });

  test("API ListTagsForResource: gives the tags of creation", async () => {
    const tags = [{ key: "team", value: "bridge" }];
    const command = new CreateStateMachineCommand({
      name: unique(),
      definition: JSON.stringify(PASS),
      roleArn: ROLE,
      tags,
    });
    const resourceArn = required((await service.client.send(command)).stateMachineArn);
    expect((await service.client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(tags);
  });
});

describe.concurrent("DescribeStateMachine, UpdateStateMachine, ListStateMachines, DeleteStateMachine", () => {
  test("API DescribeStateMachine: gives the definition byte for byte", async () => {
    const definition = `  ${JSON.stringify(PASS, null, 3)}\n`;
    const command = new CreateStateMachineCommand({ name: unique(), definition, roleArn: ROLE });
    const { stateMachineArn } = await service.client.send(command);
    const described = await describeMachine(required(stateMachineArn));
    expect(described).toMatchObject({ definition, type: "STANDARD", status: "ACTIVE", roleArn: ROLE });
  });

  test("API DescribeStateMachine: StateMachineDoesNotExist, and InvalidArn", async () => {
    const absent = `arn:aws:states:eu-west-1:000000000000:stateMachine:${unique()}`;
    expect((await errorOf(describeMachine(absent))).name).toBe("StateMachineDoesNotExist");
    expect((await errorOf(describeMachine("nonsense"))).name).toBe("InvalidArn");
  });

  test("API UpdateStateMachine: running executions go on with the old definition, new ones take the new", async () => {
    const slow = machine({
      Wait: { Type: "Wait", Seconds: 1, Next: "Old" },
      Old: { Type: "Pass", Result: "old", ...END },
    });
    const stateMachineArn = await service.create(slow);
    const before = await service.start(stateMachineArn);
    const definition = JSON.stringify(machine({ New: { Type: "Pass", Result: "new", ...END } }));
    await service.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    expect((await service.ended(await service.start(stateMachineArn))).output).toBe('"new"');
    expect((await service.ended(before)).output).toBe('"old"');
  });

  test("API UpdateStateMachine: MissingRequiredParameter when there is nothing to update", async () => {
    const stateMachineArn = await service.create(PASS);
    const update = service.client.send(new UpdateStateMachineCommand({ stateMachineArn }));
    expect((await errorOf(update)).name).toBe("MissingRequiredParameter");
  });

  test("API ListStateMachines: pages through all, each once", async () => {
    const created = await Promise.all([1, 2, 3].map(() => service.create(PASS)));
    const seen: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await service.client.send(new ListStateMachinesCommand({ maxResults: 2, nextToken }));
      seen.push(...required(page.stateMachines).map(({ stateMachineArn }) => required(stateMachineArn)));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(created));
  });

  test("API DeleteStateMachine: a deleted machine is gone, and deleting again succeeds", async () => {
    const stateMachineArn = await service.create(PASS);
    await service.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    await eventually(async () => {
      const outcome = await describeMachine(stateMachineArn).then(
        () => undefined,
        (error: Error) => error.name,
      );
      return outcome === "StateMachineDoesNotExist" ? outcome : undefined;
    });
    await service.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    expect((await errorOf(service.start(stateMachineArn))).name).toBe("StateMachineDoesNotExist");
  });

  test("API DeleteStateMachine: ends a running execution at its next transition, then the machine is gone", async () => {
    const loop = machine({ A: { Type: "Wait", Seconds: 2, Next: "B" }, B: { Type: "Wait", Seconds: 3600, ...END } });
    const stateMachineArn = await service.create(loop);
    const executionArn = await service.start(stateMachineArn);
    await service.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    expect((await describeMachine(stateMachineArn)).status).toBe("DELETING");
    expect((await errorOf(service.start(stateMachineArn))).name).toBe("StateMachineDeleting");
    expect((await service.ended(executionArn)).status).toBe("ABORTED");
    expect((await errorOf(describeMachine(stateMachineArn))).name).toBe("StateMachineDoesNotExist");
  });

  test("API SendTaskSuccess: InvalidToken for a token that is none", async () => {
    const command = new SendTaskSuccessCommand({ taskToken: "nonsense", output: "{}" });
    expect((await errorOf(service.client.send(command))).name).toBe("InvalidToken");
  });
});
