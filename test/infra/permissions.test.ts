import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { pascal } from "../../stacks/place.ts";
import { policiesOf } from "./support/policies.ts";
import { arnOf, nameOf, type Stack, stackOf } from "./support/stack.ts";

/**
 * Everything that every role may do, action by action. The boot shows that no call is refused which it happens to make;
 * this shows the rest: what Lambda, Step Functions and the scheduler call in a role's name, and what is seldom called.
 */
let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

/** By resource, `~` for the deployment's prefix: the actions, without the name of their service. */
type Grants = Readonly<Record<string, string>>;

const LEDGER = "dynamodb table/~ledger";
const IN_FLIGHT = "dynamodb table/~ledger/index/in-flight";
const OPEN_SHADOWS = "dynamodb table/~ledger/index/open-shadows";
const TRACKING = "dynamodb table/webcat-requests";
const CHARGES = "dynamodb table/webcat-payments";
const PAYLOADS = "s3 ~payloads/payloads/*";
const DELEGATED = "sqs ~delegate-update-dns.fifo";

const ACTIONS = ["RegisterDomain", "RenewDomain", "RefreshDomain", "UpdateDns", "SetUpDomain"];
const each = (names: readonly string[], of: (name: string) => string, actions: string): Grants =>
  Object.fromEntries(names.map((name) => [of(name), actions]));
const machine = (name: string) => `states stateMachine:~${name}`;
const executions = (name: string) => `states execution:~${name}:*`;

/** What an event source mapping of a queue calls (Lambda guide, "Using Lambda with Amazon SQS"). */
const READS = "DeleteMessage GetQueueAttributes ReceiveMessage";
const READS_AND_DELAYS = `ChangeMessageVisibility ${READS}`;
const CHARGING: Grants = { [CHARGES]: "GetItem UpdateItem" };
const READING_PAYLOADS: Grants = { [PAYLOADS]: "GetObject", "s3 ~payloads": "ListBucket" };
const EVIDENCE: Grants = each(["Order", ...ACTIONS], executions, "GetExecutionHistory");

const FUNCTIONS: Readonly<Record<string, Grants>> = {
  ingest: {
    [LEDGER]: "BatchGetItem GetItem PutItem UpdateItem",
    [TRACKING]: "GetItem",
    [PAYLOADS]: "PutObject",
    [machine("Order")]: "StartExecution",
    ...each(
      ["registrations-forward.fifo", "refreshes-forward.fifo", "dns-forward", "quarantine"],
      (name) => `sqs ~${name}`,
      "SendMessage",
    ),
    ...each(["registrations", "refreshes", "dns"], (name) => `sqs webcat-${name}`, READS_AND_DELAYS),
  },
  mirror: {
    [LEDGER]: "BatchGetItem UpdateItem",
    [TRACKING]: "GetItem UpdateItem",
    ...READING_PAYLOADS,
    [executions("Order")]: "DescribeExecution",
    "sqs ~mirror": READS_AND_DELAYS,
  },
  settle: {
    [LEDGER]: "BatchGetItem GetItem PutItem Query UpdateItem",
    [TRACKING]: "GetItem UpdateItem",
    ...READING_PAYLOADS,
    ...CHARGING,
    ...EVIDENCE,
    [executions("Order")]: "DescribeExecution GetExecutionHistory",
    "sqs ~settle": READS_AND_DELAYS,
  },
  observe: {
    [LEDGER]: "DeleteItem GetItem Query UpdateItem",
    [TRACKING]: "UpdateItem",
    [`${TRACKING}/stream/2026-01-01T00:00:00.000`]: "DescribeStream GetRecords GetShardIterator ListStreams",
    [PAYLOADS]: "PutObject",
    [machine("UpdateDns")]: "SendTaskSuccess",
  },
  compare: {
    [LEDGER]: "BatchGetItem PutItem UpdateItem",
    [`${LEDGER}/stream/*`]: "DescribeStream GetRecords GetShardIterator ListStreams",
  },
  overdue: {
    [LEDGER]: "BatchGetItem GetItem PutItem UpdateItem",
    [IN_FLIGHT]: "Query",
    [OPEN_SHADOWS]: "Query",
  },
  reconcile: {
    [LEDGER]: "BatchGetItem DeleteItem GetItem PutItem Query UpdateItem",
    [IN_FLIGHT]: "Query",
    [OPEN_SHADOWS]: "Query",
    [TRACKING]: "GetItem UpdateItem",
    ...READING_PAYLOADS,
    [PAYLOADS]: "GetObject PutObject",
    ...CHARGING,
    ...EVIDENCE,
    [executions("Order")]: "DescribeExecution GetExecutionHistory",
    [machine("UpdateDns")]: "SendTaskSuccess",
    [DELEGATED]: "SendMessage",
  },
  guard: { [LEDGER]: "GetItem PutItem Query" },
  "finish-order": { [LEDGER]: "GetItem Query UpdateItem", ...CHARGING },
  // What is planned touches nothing (P8).
  plan: READING_PAYLOADS,
  delegate: {
    [LEDGER]: "BatchGetItem ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem",
    ...READING_PAYLOADS,
    [DELEGATED]: "SendMessage",
    [machine("UpdateDns")]: "SendTaskSuccess",
  },
  "delegate-dead-letters": {
    [LEDGER]: "DeleteItem GetItem Query UpdateItem",
    [TRACKING]: "GetItem",
    [PAYLOADS]: "PutObject",
    [machine("UpdateDns")]: "SendTaskSuccess",
    "sqs ~quarantine": "SendMessage",
    "sqs ~delegate-update-dns-dlq.fifo": READS,
  },
  "approval-requests": {
    [LEDGER]: "UpdateItem",
    [machine("Order")]: "SendTaskSuccess",
    [executions("Order")]: "GetExecutionHistory",
    "sqs ~approvals": READS,
  },
  "check-customer": { ...READING_PAYLOADS, "dynamodb table/webcat-customers": "GetItem" },
  "check-availability": READING_PAYLOADS,
};

/** Of every machine: its log is delivered, and its traces. */
const OBSERVED: Grants = {
  "*": [
    "CreateLogDelivery DeleteLogDelivery DescribeLogGroups DescribeResourcePolicies GetLogDelivery GetSamplingRules",
    "GetSamplingTargets ListLogDeliveries PutResourcePolicy PutTelemetryRecords PutTraceSegments UpdateLogDelivery",
  ].join(" "),
};

const MACHINES: Readonly<Record<string, Grants>> = {
  ...Object.fromEntries(ACTIONS.map((name) => [name, {}])),
  UpdateDns: { "lambda function:~delegate": "InvokeFunction" },
  Order: {
    ...each(
      ["check-customer", "check-availability", "finish-order", "plan"],
      (fn) => `lambda function:~${fn}`,
      "InvokeFunction",
    ),
    ...each(ACTIONS, machine, "StartExecution"),
    ...each(ACTIONS, executions, "DescribeExecution StopExecution"),
    // How Step Functions learns of a child's end (Step Functions guide, "Start Step Functions workflow executions").
    "events rule/StepFunctionsGetEventsForStepFunctionsExecutionRule": "DescribeRule PutRule PutTargets",
    [LEDGER]: "UpdateItem",
    "sqs ~approvals": "SendMessage",
  },
};

const SCHEDULES = ["guard", "overdue", "reconcile"];

const WORKER: Grants = {
  [LEDGER]: "BatchGetItem ConditionCheckItem DeleteItem PutItem Query UpdateItem",
  [IN_FLIGHT]: "Query",
  ...READING_PAYLOADS,
  [PAYLOADS]: "GetObject PutObject",
};

const label = (arn: string): string =>
  arn
    .replace(/^arn:aws:([a-z0-9]+):[^:]*:[^:]*:/, "$1 ")
    .replaceAll("webcat-production-", "~")
    .replace("~payloads-000000000000-eu-west-1", "~payloads");

/** What a policy allows, resource by resource; an action of another service than its resource's keeps its whole name. */
function grantsIn(where: string): Grants {
  const [found] = policiesOf(stack).filter((policy) => policy.where === where);
  const actions = new Map<string, Set<string>>();
  for (const { Action, Resource } of found?.statements ?? []) {
    for (const resource of Resource.map(label)) {
      const [service] = resource.split(" ");
      const known = actions.get(resource) ?? new Set<string>();
      for (const action of Action) known.add(resource === "*" ? after(action) : action.replace(`${service}:`, ""));
      actions.set(resource, known);
    }
  }
  return Object.fromEntries([...actions].map(([resource, names]) => [resource, [...names].sort().join(" ")]));
}
const after = (action: string): string => action.slice(action.indexOf(":") + 1);

describe("may do this and nothing else:", () => {
  test.each(Object.entries(FUNCTIONS))("the function %s", (name, grants) => {
    const log = { [`logs log-group:/aws/lambda/~${name}:*`]: "CreateLogStream PutLogEvents" };
    expect(grantsIn(`Role ${pascal(name)}Role inlinePolicies`)).toEqual({ ...grants, ...log });
  });

  test.each(Object.entries(MACHINES))("the machine %s", (name, grants) => {
    expect(grantsIn(`Role ${name}Machine inlinePolicies`)).toEqual({ ...grants, ...OBSERVED });
  });

  test.each(SCHEDULES)("the schedule of %s", (name) => {
    expect(grantsIn(`Role ${pascal(name)}Schedule inlinePolicies`)).toEqual({
      [`lambda function:~${name}`]: "InvokeFunction",
    });
  });

  test.each(["registry", "dns"])("a worker of the activity %s", (activity) => {
    expect(grantsIn(`Policy worker-${activity} policy`)).toEqual({
      ...WORKER,
      [`states activity:~${activity}`]: "GetActivityTask SendTaskFailure SendTaskHeartbeat SendTaskSuccess",
    });
  });
});

test("the guard writes what is of routes alone: not even a claim (X10)", () => {
  const [{ statements } = { statements: [] }] = policiesOf(stack).filter(
    ({ where }) => where === "Role GuardRole inlinePolicies",
  );
  const written = statements.filter(({ Action }) =>
    Action.some((action) => !/^(logs:|dynamodb:(Get|Query))/.test(action)),
  );
  const Condition = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["ROUTE#*"] } };
  expect(written).toMatchObject([{ Action: ["dynamodb:PutItem"], Condition }]);
});

test("each role stands in these tables", () => {
  const known = [
    ...Object.keys(FUNCTIONS).map((name) => `${pascal(name)}Role`),
    ...Object.keys(MACHINES).map((name) => `${name}Machine`),
    ...SCHEDULES.map((name) => `${pascal(name)}Schedule`),
  ];
  const roles = stack.all("role").map(({ name }) => name);
  expect(roles.sort()).toEqual(known.sort());
});

describe("is taken on by one service and by nobody else:", () => {
  const trusting = (role: string) => {
    const [found] = policiesOf(stack).filter(({ where }) => where === `Role ${role} assumeRolePolicy`);
    return found?.statements;
  };
  const one = (Service: string) => ({ Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { Service: [Service] } });
  const ofThisAccount = { Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } }, Resource: [] };

  test.each(Object.keys(FUNCTIONS))("the role of %s, by Lambda", (name) => {
    expect(trusting(`${pascal(name)}Role`)).toEqual([{ ...one("lambda.amazonaws.com"), Resource: [] }]);
  });

  test.each(Object.keys(MACHINES))("the role of %s, by Step Functions", (name) => {
    expect(trusting(`${name}Machine`)).toEqual([{ ...one("states.amazonaws.com"), ...ofThisAccount }]);
  });

  test.each(["ReconcileSchedule", "GuardSchedule"])("the role %s, by EventBridge Scheduler", (role) => {
    expect(trusting(role)).toEqual([{ ...one("scheduler.amazonaws.com"), ...ofThisAccount }]);
  });
});

/** A policy is read as it is written; these are the two ends of it. */
test("each function and machine runs under the role that bears its name", () => {
  const roleOf = ({ inputs }: { readonly inputs: Record<string, unknown> }) =>
    z.string().parse(inputs["role"] ?? inputs["roleArn"]);
  const roles = new Map(stack.all("role").map((role) => [arnOf(role), role.name]));
  for (const fn of stack.all("function")) expect(roles.get(roleOf(fn))).toBe(fn.name.replace(/Function$/, "Role"));
  for (const each of stack.all("machine")) expect(roles.get(roleOf(each))).toBe(`${each.name}Machine`);
  for (const role of stack.all("role")) expect(nameOf(role)).toMatch(/^webcat-production-/);
});
