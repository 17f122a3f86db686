import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { pascal } from "../../stacks/place.ts";
import { arnOf, json, nameOf, type Stack, stackOf } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

const Pattern = json(
  z.strictObject({
    source: z.array(z.string()),
    "detail-type": z.array(z.string()),
    detail: z.strictObject({ stateMachineArn: z.array(z.string()), status: z.array(z.string()) }),
  }),
);
const patternOf = (name: string) => Pattern.parse(stack.one("rule", name).inputs["eventPattern"]);

describe("status events of Order", () => {
  test.each([
    ["mirror", ["RUNNING", "SUCCEEDED"]],
    ["settle", ["FAILED", "TIMED_OUT", "ABORTED"]],
  ])("%s takes %j", (name, status) => {
    expect(patternOf(name)).toEqual({
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
      detail: { stateMachineArn: [arnOf(stack.one("machine", "Order"))], status },
    });
  });

  test("each of them goes to one queue, and no other machine's", () => {
    const rules = stack.all("rule").map(({ name }) => name);
    expect(rules.sort()).toEqual(["mirror", "settle"]);
    const statuses = rules.flatMap((name) => patternOf(name).detail.status);
    expect(statuses.sort()).toEqual(["ABORTED", "FAILED", "RUNNING", "SUCCEEDED", "TIMED_OUT"]);
  });
});

describe.each(["mirror", "settle"])("the rule %s", (name) => {
  test("stands on the default bus, where Step Functions sends its events", () => {
    expect(stack.one("rule", name).inputs).toMatchObject({
      eventBusName: "default",
      name: `webcat-production-${name}`,
    });
    expect(stack.one("rule", name).inputs["state"] ?? "ENABLED").toBe("ENABLED");
  });

  test("feeds its queue, and what cannot be delivered is kept", () => {
    expect(stack.one("target", name).inputs).toMatchObject({
      rule: nameOf(stack.one("rule", name)),
      eventBusName: "default",
      arn: arnOf(stack.one("queue", name)),
      deadLetterConfig: { arn: arnOf(stack.one("queue", "events-dlq")) },
    });
  });

  test("has one target", () => {
    expect(stack.all("target").filter(({ inputs }) => inputs["rule"] === `webcat-production-${name}`)).toHaveLength(1);
  });
});

test("there is a schedule for each function that runs on one, and no other", () => {
  expect(
    stack
      .all("schedule")
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["guard", "overdue", "reconcile"]);
});

describe.each([
  ["reconcile", "rate(1 minute)", 60],
  ["guard", "rate(1 minute)", 60],
  ["overdue", "rate(5 minutes)", 300],
])("%s", (name, scheduleExpression, everySeconds) => {
  const fn = () => stack.one("function", `${pascal(name)}Function`);

  test("runs on its schedule, and a run that fails is not tried again", () => {
    expect(stack.one("schedule", name).inputs).toMatchObject({
      scheduleExpression,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: arnOf(fn()),
        roleArn: arnOf(stack.one("role", `${pascal(name)}Schedule`)),
        retryPolicy: { maximumRetryAttempts: 0 },
      },
    });
    expect(stack.one("schedule", name).inputs["state"] ?? "ENABLED").toBe("ENABLED");
    expect(stack.one("invokeConfig", name).inputs).toMatchObject({
      functionName: nameOf(fn()),
      maximumRetryAttempts: 0,
    });
  });

  test("ends before it is started again", () => {
    expect(fn().inputs["timeout"]).toBeLessThanOrEqual(everySeconds);
  });
});
