import { type DeploymentInput, defineDeployment } from "@crossfade/bridge/deployment";
import { contract } from "@crossfade/legacy";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { refuseNames, refuseQueues, refuseVariables } from "../../stacks/limits.ts";
import { planOf } from "../../stacks/plan.ts";
import { type Kind, type Stack, stackOf } from "./support/stack.ts";

/** What AWS takes, in characters. */
const LONGEST: Partial<Record<Kind, number>> = {
  ...{ function: 64, role: 64, rule: 64, schedule: 64, policy: 128 },
  ...{ queue: 80, machine: 80, activity: 80, bucket: 63, table: 255, topic: 256, alarm: 255, log: 512 },
};

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

test.each(Object.entries(LONGEST))("the name of every %s is one that AWS takes", (kind, longest) => {
  const names = stack
    .all(z.enum(Object.keys(LONGEST) as [Kind, ...Kind[]]).parse(kind))
    .map(({ inputs }) => z.string().parse(inputs["name"] ?? inputs["bucket"]));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(name.length, name).toBeLessThanOrEqual(longest);
});

test("every function's variables are within what Lambda takes, and none is Lambda's own", () => {
  const Variables = z.object({ environment: z.object({ variables: z.record(z.string(), z.string()) }) });
  for (const { name, inputs } of stack.all("function")) {
    const { variables } = Variables.parse(inputs).environment;
    expect(Object.entries(variables).flat().join("").length, name).toBeLessThan(4_096);
    for (const variable of Object.keys(variables)) expect(variable).not.toMatch(/^(AWS_|LAMBDA_|_)/);
  }
});

const arn = (service: string, name: string) => `arn:aws:${service}:eu-west-1:000000000000:${name}`;

const input: DeploymentInput = {
  ...{ accountId: "000000000000", region: "eu-west-1", payments: { kind: "stripe" } },
  tracking: { tableArn: arn("dynamodb", "table/requests"), changes: { poll: { by: "claims" } } },
  sources: { dns: { attach: "tap", topicArn: arn("sns", "dns"), routes: ["UPDATE_DNS"] } },
};

describe("before anything is created", () => {
  const planned = (stage: string) => planOf(contract, defineDeployment({ [stage]: input })(stage), stage);

  test.each([
    [9, true],
    [10, false],
  ])("a queue that hides messages for %i s, where ingest may run for 10: refused %s", (visibilitySeconds, refused) => {
    const queue = {
      ...({ attach: "intercept", at: "queue", visibilitySeconds } as const),
      routes: ["UPDATE_DNS"],
      queueUrl: "https://sqs.eu-west-1.amazonaws.com/000000000000/dns",
      queueArn: arn("sqs", "dns"),
      consumer: { kind: "process", roleArn: "arn:aws:iam::000000000000:role/old" } as const,
    };
    const config = defineDeployment({ test: { ...input, sources: { dns: queue } } })("test");
    const refuse = () => refuseQueues(planOf(contract, config, "test"));
    if (refused) expect(refuse).toThrow("sources.dns.visibilitySeconds: ingest may run for 10 s");
    else expect(refuse).not.toThrow();
  });

  // `webcat-<stage>-payloads-000000000000-eu-west-1` has 63 characters, and none of the others is at its end before.
  const longest = "s".repeat(63 - "webcat--payloads-000000000000-eu-west-1".length);

  test("the longest stage that has room is taken", () => {
    expect(() => refuseNames(planned(longest))).not.toThrow();
  });

  test("a longer one is refused by the name that it makes too long", () => {
    expect(() => refuseNames(planned(`${longest}s`))).toThrow(
      /^bucket "webcat-s+-payloads-000000000000-eu-west-1" has 64 characters, and AWS takes 63: shorten it$/,
    );
    expect(() => refuseNames(planned(`${longest}${"s".repeat(20)}`))).toThrow(/^role ".+" has \d+ .+ AWS takes 64/);
  });

  test("a stage that cannot stand in the name of a bucket is refused", () => {
    expect(() => refuseNames(planned("Production"))).toThrow('stage "Production" must be of a-z, 0-9 and -');
  });

  test("variables that Lambda would not take are refused by the one that is too long", () => {
    const sized = (bytes: number) => [["A", "x"] as const, ["SOURCES", "s".repeat(bytes - 9)] as const];
    expect(() => refuseVariables("ingest", sized(3_296))).not.toThrow();
    expect(() => refuseVariables("ingest", sized(3_297))).toThrow(
      /^the variables of ingest take 3297 bytes, and Lambda leaves 3296: SOURCES has 3288\./,
    );
  });
});
