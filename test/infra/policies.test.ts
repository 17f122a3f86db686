import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { type FoundPolicy, policiesOf } from "./support/policies.ts";
import { arnOf, type Stack, stackOf } from "./support/stack.ts";

let stack: Stack;
let policies: readonly FoundPolicy[];
beforeAll(async () => {
  stack = await stackOf("production");
  policies = policiesOf(stack);
});

/** Where a resource cannot be exact, and why. Everything else is. */
const EXPLAINED: readonly { readonly actions: RegExp; readonly resource: RegExp; readonly why: string }[] = [
  {
    actions:
      /^logs:(Create|Get|Update|Delete|List)LogDeliver(y|ies)$|^logs:(PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)$/,
    resource: /^\*$/,
    why: "delivery of a state machine's log has no resources (Step Functions guide)",
  },
  {
    actions: /^xray:(PutTraceSegments|PutTelemetryRecords|GetSamplingRules|GetSamplingTargets)$/,
    resource: /^\*$/,
    why: "X-Ray has no resources for traces",
  },
  {
    actions: /^logs:(CreateLogStream|PutLogEvents)$/,
    resource: /^arn:aws:logs:[^*]+:log-group:\/aws\/lambda\/[^*]+:\*$/,
    why: "Lambda names the streams of a function's own log group",
  },
  {
    actions: /^states:(DescribeExecution|StopExecution|GetExecutionHistory)$/,
    resource: /^arn:aws:states:[^*]+:execution:[^*]+:\*$/,
    why: "executions of one machine are named by messages that nobody has sent yet",
  },
  {
    actions: /^s3:(Get|Put)Object$/,
    resource: /^arn:aws:s3:::[^*]+\/payloads\/\*$/,
    why: "a payload is named by its content",
  },
  {
    actions: /^dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)$/,
    resource: /^arn:aws:dynamodb:[^*]+:table\/[^*]+-ledger\/stream\/\*$/,
    why: "the stream of our own table is named by the time at which it was switched on",
  },
];

const isExplained = (action: string, resource: string): boolean =>
  EXPLAINED.some((each) => each.actions.test(action) && each.resource.test(resource));

const grants = () =>
  policies.flatMap(({ where, statements }) =>
    statements.flatMap(({ Action, Resource, Principal }) =>
      Action.flatMap((action) => Resource.map((resource) => ({ where, action, resource, Principal }))),
    ),
  );

describe("every policy", () => {
  test("is found: each role has one of its own, and who may take it on", () => {
    for (const role of stack.all("role")) {
      expect(policies.map(({ where }) => where)).toEqual(
        expect.arrayContaining([`Role ${role.name} inlinePolicies`, `Role ${role.name} assumeRolePolicy`]),
      );
    }
    const roles = [...stack.all("function"), ...stack.all("machine")].map(({ inputs }) =>
      z.string().parse(inputs["role"] ?? inputs["roleArn"]),
    );
    expect(new Set(roles).size, "a role is shared").toBe(roles.length);
    for (const arn of roles) expect(stack.all("role").map(arnOf)).toContain(arn);
  });

  test("lets a plan change nothing: it may read payloads and write its log (P8)", () => {
    const granted = grants().filter(({ where }) => where === "Role PlanRole inlinePolicies");
    expect(new Set(granted.map(({ action }) => action))).toEqual(
      new Set(["s3:GetObject", "s3:ListBucket", "logs:CreateLogStream", "logs:PutLogEvents"]),
    );
  });

  test("names exact actions", () => {
    const vague = policies.flatMap(({ where, statements }) =>
      statements.flatMap(({ Action }) =>
        Action.filter((action) => !/^[a-z0-9-]+:[A-Za-z]+$/.test(action)).map((action) => `${where}: ${action}`),
      ),
    );
    expect(vague).toEqual([]);
  });

  test("names exact resources, but for those that cannot be", () => {
    const vague = grants().filter(({ action, resource }) => /[*?]/.test(resource) && !isExplained(action, resource));
    expect(vague).toEqual([]);
  });

  test("needs every entry of that list", () => {
    const used = EXPLAINED.filter((each) =>
      grants().some(({ action, resource }) => each.actions.test(action) && each.resource.test(resource)),
    );
    expect(EXPLAINED.filter((each) => !used.includes(each)).map(({ why }) => why)).toEqual([]);
  });

  test("of AWS's own is attached to nothing", () => {
    for (const { inputs } of stack.all("role")) expect(inputs["managedPolicyArns"] ?? []).toEqual([]);
  });

  test("that lets a service in names the resource or the account on whose behalf it comes", () => {
    const open = policies.flatMap(({ where, statements }) =>
      statements
        .filter(
          ({ Principal, Condition }) =>
            Principal?.["Service"] && !/lambda/.test(String(Principal["Service"])) && !Condition,
        )
        .map(() => where),
    );
    expect(open).toEqual([]);
    expect(grants().filter(({ Principal }) => JSON.stringify(Principal ?? {}).includes("*"))).toEqual([]);
  });
});

describe("an ARN in a policy", () => {
  /** The part before what a wildcard, an index, a log stream or an execution adds. */
  const stem = (arn: string): string =>
    arn
      .replace(/\/payloads\/\*$/, "")
      .replace(/(\/index\/[^/]+|\/stream\/\*|:\*)$/, "")
      .replace(/:execution:([^:]+)$/, ":stateMachine:$1");

  test("is of something that is deployed, or that the configuration names", () => {
    const created = new Set(stack.synthesis.resources.map(({ state }) => state["arn"]));
    const configured = JSON.stringify(stack.config);
    const own = ":rule/StepFunctionsGetEventsForStepFunctionsExecutionRule";
    const dangling = grants().filter(
      ({ resource }) =>
        resource !== "*" &&
        !resource.endsWith(own) &&
        !created.has(stem(resource)) &&
        !configured.includes(`"${resource}"`),
    );
    expect(dangling).toEqual([]);
  });
});

describe("what a role may do", () => {
  const actionsOn = (role: string, resource: RegExp): readonly string[] => {
    const found = grants().filter(
      ({ where, resource: on }) => where === `Role ${role} inlinePolicies` && resource.test(on),
    );
    return [...new Set(found.map(({ action }) => action))].sort();
  };

  test.each([
    ["IngestRole", /:stateMachine:/, ["states:StartExecution"]],
    ["IngestRole", /table\/webcat-requests$/, ["dynamodb:GetItem"]],
    ["MirrorRole", /table\/webcat-requests$/, ["dynamodb:GetItem", "dynamodb:UpdateItem"]],
    ["ObserveRole", /table\/webcat-requests$/, ["dynamodb:UpdateItem"]],
    ["FinishOrderRole", /table\/webcat-payments$/, ["dynamodb:GetItem", "dynamodb:UpdateItem"]],
    ["CheckCustomerRole", /table\//, ["dynamodb:GetItem"]],
    ["DelegateRole", /:stateMachine:webcat-production-UpdateDns$/, ["states:SendTaskSuccess"]],
    ["ApprovalRequestsRole", /:stateMachine:webcat-production-Order$/, ["states:SendTaskSuccess"]],
    ["ReconcileSchedule", /./, ["lambda:InvokeFunction"]],
    ["GuardSchedule", /./, ["lambda:InvokeFunction"]],
    ["GuardRole", /table\//, ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]],
    ["SetUpDomainMachine", /^arn/, []],
    ["UpdateDnsMachine", /^arn/, ["lambda:InvokeFunction"]],
  ])("%s on %s", (role, resource, actions) => {
    expect(actionsOn(role, resource)).toEqual(actions);
  });

  test("evidence is read from Order's executions and from those of every Action", () => {
    for (const role of ["SettleRole", "ReconcileRole"]) {
      for (const { inputs } of stack.all("machine")) {
        const executions = new RegExp(`:execution:${String(inputs["name"])}:\\*$`);
        expect(actionsOn(role, executions)).toContain("states:GetExecutionHistory");
      }
    }
  });

  test("nobody writes a row's table but who mirrors, settles, observes and reconciles", () => {
    const writers = grants().filter(
      ({ action, resource }) => resource.endsWith("table/webcat-requests") && /:(Put|Update|Delete)Item$/.test(action),
    );
    expect([...new Set(writers.map(({ where }) => where.split(" ")[1]))].sort()).toEqual([
      "MirrorRole",
      "ObserveRole",
      "ReconcileRole",
      "SettleRole",
    ]);
  });
});
