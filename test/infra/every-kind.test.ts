import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import deployments from "./fixtures/every-kind/crossfade.config.ts";
import { policiesOf } from "./support/policies.ts";
import { arnOf, type Stack, stackFrom } from "./support/stack.ts";
import { synthesise } from "./synth/index.ts";

const HERE = resolve(import.meta.dirname, "fixtures/every-kind");

let stack: Stack;
beforeAll(async () => {
  const installed = resolve(import.meta.dirname, "../..");
  const synthesis = await synthesise({ root: HERE, installed, stage: "test", bundles: false });
  stack = stackFrom(synthesis, deployments("test"));
}, 300_000);

const arn = (service: string, name: string) => `arn:aws:${service}:eu-north-1:000000000000:${name}`;

const mayDo = (role: string) => {
  const found = policiesOf(stack).find(({ where }) => where === `Role ${role} inlinePolicies`);
  return (found?.statements ?? []).flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => Resource.map((resource) => `${action} ${resource}`)),
  );
};

describe("a topic as a source, intercepted or listened to", () => {
  test.each([
    ["subscriber", "registrations"],
    ["two-topics", "refreshes"],
    ["listened", "dns"],
  ])("%s: an intake queue of its own lets that topic send, and nothing is subscribed yet", (source, topic) => {
    const [policy, ...more] = policiesOf(stack).filter(({ where }) => where === `Queue ${source}-intake policy`);
    expect(more).toEqual([]);
    expect(policy?.statements).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: ["sns.amazonaws.com"] },
        Action: ["sqs:SendMessage"],
        Resource: [arnOf(stack.one("queue", `${source}-intake`))],
        Condition: { ArnEquals: { "aws:SourceArn": arn("sns", topic) } },
      },
    ]);
    expect(stack.one("mapping", `ingest-${source}`).inputs).toMatchObject({
      eventSourceArn: arnOf(stack.one("queue", `${source}-intake`)),
      enabled: false,
    });
    expect(stack.all("subscription").map(({ inputs }) => inputs["protocol"])).toEqual(["email"]);
  });

  test("is forwarded to whoever consumed it, and a tap to nobody", () => {
    const forwards = Object.entries(stack.deployed.sources).map(([name, { forward }]) => [name, forward.kind]);
    expect(forwards).toEqual([
      ["encrypted", "fifo"],
      ["subscriber", "lambda"],
      ["two-topics", "topic"],
      ["listened", "tap"],
    ]);
    const may = mayDo("IngestRole");
    expect(may).toContain(`lambda:InvokeFunction ${arn("lambda", "function:register")}`);
    expect(may).toContain(`sns:Publish ${arn("sns", "refreshes-too")}`);
    expect(may.filter((each) => /^(lambda|sns):/.test(each))).toHaveLength(2);
  });
});

test("keys of one's own may be used by those who read what they encrypt", () => {
  const decrypting = stack
    .all("role")
    .filter(({ name }) => mayDo(name).includes(`kms:Decrypt ${arn("kms", "key/tracking")}`))
    .map(({ name }) => name.replace(/Role$/, ""));
  expect(decrypting.sort()).toEqual(["DelegateDeadLetters", "Ingest", "Mirror", "Poll", "Reconcile", "Settle"]);
  expect(mayDo("IngestRole")).toContain(`kms:Decrypt ${arn("kms", "key/queue")}`);
});

describe("a tracking table without a stream", () => {
  test("is polled every minute, and no mapping is there in its place", () => {
    expect(stack.all("mapping").map(({ name }) => name)).not.toContain("observe");
    expect(stack.all("function").map(({ name }) => name)).not.toContain("ObserveFunction");
    expect(stack.one("schedule", "poll").inputs).toMatchObject({
      scheduleExpression: "rate(1 minute)",
      target: { arn: arnOf(stack.one("function", "PollFunction")) },
    });
  });

  test("as those know who end claims: they keep watch on them until the next looks", () => {
    const told = stack
      .all("function")
      .filter(({ inputs }) => JSON.stringify(inputs["environment"]).includes("TRACKING_POLL"))
      .map(({ name }) => name);
    expect(told.sort()).toEqual(["MirrorFunction", "PollFunction", "ReconcileFunction", "SettleFunction"]);
  });

  test("by its index, which the function may query", () => {
    expect(mayDo("PollRole")).toContain(`dynamodb:Query ${arn("dynamodb", "table/requests/index/by-day")}`);
  });

  test("is watched: a poll that stops rings", () => {
    expect(stack.one("alarm", "poll-silent").inputs).toMatchObject({ treatMissingData: "breaching" });
    expect(stack.all("alarm").map(({ name }) => name)).not.toContain("stream-lag");
  });
});

test("charges at Stripe: its key is given to those who charge, and no table is named", () => {
  const variables = ({ inputs }: { readonly inputs: Record<string, unknown> }) => JSON.stringify(inputs["environment"]);
  const charging = stack.all("function").filter((fn) => variables(fn).includes("STRIPE_SECRET_KEY"));
  expect(charging.map(({ name }) => name).sort()).toEqual([
    "FinishOrderFunction",
    "ReconcileFunction",
    "SettleFunction",
  ]);
  for (const fn of stack.all("function")) expect(variables(fn)).not.toContain("PAYMENTS_TABLE");
  expect(JSON.stringify(stack.synthesis.outputs)).not.toContain("STRIPE");
});

test("an address for alarms is subscribed to their topic", () => {
  expect(stack.one("subscription", "alarms").inputs).toEqual({
    topic: arnOf(stack.one("topic", "alarms")),
    protocol: "email",
    endpoint: "on-call@webcat.example",
  });
});

describe("a config that SST would not deploy is not evaluated either:", () => {
  const installed = resolve(import.meta.dirname, "../..");
  test("a stage that it does not have is named", async () => {
    const asked = synthesise({ root: HERE, installed, stage: "nowhere", bundles: false });
    await expect(asked).rejects.toThrow('crossfade.config.ts has no stage "nowhere": add it, or use one of test');
  });
});
