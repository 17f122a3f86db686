import { contract } from "@crossfade/legacy";
import aslValidator from "asl-validator";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { policiesOf } from "./support/policies.ts";
import { arnOf, json, nameOf, type Stack, stackOf } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

const Definition = json(z.looseObject({ StartAt: z.string(), States: z.record(z.string(), z.unknown()) }));
const definitionOf = (name: string) => Definition.parse(stack.one("machine", name).inputs["definition"]);

const ACTIONS = ["RegisterDomain", "RenewDomain", "RefreshDomain", "UpdateDns", "SetUpDomain"];
const MACHINES = ["Order", ...ACTIONS];

test("there are Order, every Action of the contract, and no other machine", () => {
  expect(
    stack
      .all("machine")
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...MACHINES].sort());
  expect(Object.keys(contract.actions({ activities: { registry: "", dns: "" }, delegateFunction: "" })).sort()).toEqual(
    [...ACTIONS].sort(),
  );
});

describe.each(MACHINES)("%s", (name) => {
  test("is Amazon States Language", () => {
    const { isValid, errorsText } = aslValidator(definitionOf(name));
    expect(isValid, isValid ? "" : errorsText()).toBe(true);
  });

  test("is Standard, traced, and named by migration, stage and Action (N2, N19)", () => {
    expect(stack.one("machine", name).inputs).toMatchObject({
      name: `webcat-production-${name}`,
      type: "STANDARD",
      tracingConfiguration: { enabled: true },
    });
  });

  test("logs errors into a log group of its own that does not grow for ever", () => {
    const log = stack.one("log", `${name}Machine`);
    expect(log.inputs).toMatchObject({ name: `/aws/vendedlogs/states/webcat-production-${name}`, retentionInDays: 90 });
    expect(stack.one("machine", name).inputs["loggingConfiguration"]).toEqual({
      level: "ERROR",
      includeExecutionData: false,
      logDestination: `${arnOf(log)}:*`,
    });
  });
});

test("executions are logged with what they carry only where the stage says so", async () => {
  const staging = await stackOf("staging");
  expect(staging.config.executionData).toBe(true);
  expect(staging.one("machine", "Order").inputs).toMatchObject({
    loggingConfiguration: { includeExecutionData: true },
  });
});

/** Every ARN, URL and name in a definition that another resource must answer to. */
const referencesIn = (definition: unknown): readonly string[] =>
  [...JSON.stringify(definition).matchAll(/"(arn:aws:(?:lambda|states):eu-west-1:[^"{}]+|https:[^"]+)"/g)].map(
    ([, reference = ""]) => reference,
  );

describe("what a definition names", () => {
  test.each(MACHINES)("%s: is deployed", (name) => {
    const known = stack.synthesis.resources.flatMap(({ state }) => [state["arn"], state["url"]]);
    const references = referencesIn(definitionOf(name));
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) expect(known).toContain(reference);
  });

  test("Order starts Actions by the stem under which they are deployed", () => {
    const text = JSON.stringify(definitionOf("Order"));
    expect(text).toContain(":stateMachine:webcat-production-{}'");
    for (const action of ACTIONS) expect(nameOf(stack.one("machine", action))).toBe(`webcat-production-${action}`);
  });

  test("Order closes requests for approval in the ledger that is deployed", () => {
    expect(JSON.stringify(definitionOf("Order"))).toContain(`"TableName":"${nameOf(stack.one("table", "ledger"))}"`);
  });
});

describe("an activity", () => {
  test.each(["registry", "dns"])("%s: has a policy for whoever works on it", (activity) => {
    const arn = `arn:aws:states:eu-west-1:000000000000:activity:webcat-production-${activity}`;
    const [found] = policiesOf(stack).filter(({ where }) => where === `Policy worker-${activity} policy`);
    const onActivity = found?.statements
      .filter(({ Resource }) => Resource.includes(arn))
      .flatMap(({ Action }) => Action);
    expect(onActivity?.sort()).toEqual([
      "states:GetActivityTask",
      "states:SendTaskFailure",
      "states:SendTaskHeartbeat",
      "states:SendTaskSuccess",
    ]);
    expect(stack.synthesis.outputs["workerPolicies"]).toMatchObject({
      [activity]: arnOf(stack.one("policy", `worker-${activity}`)),
    });
  });
});
