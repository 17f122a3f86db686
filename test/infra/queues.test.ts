import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { policiesOf } from "./support/policies.ts";
import { arnOf, json, nameOf, type Stack, stackOf } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

const OWN = ["mirror", "settle", "approvals"];
const FORWARD = ["registrations-forward.fifo", "refreshes-forward.fifo", "dns-forward"];
const DELEGATE = ["delegate-update-dns.fifo"];
const SOURCES = [...OWN, ...FORWARD, ...DELEGATE];
const deadLettersOf = (name: string) => name.replace(/(\.fifo)?$/, "-dlq$1");

test("there is every queue of the graph, with its dead-letter queue, and no other", () => {
  const names = [...SOURCES, ...SOURCES.map(deadLettersOf), "quarantine", "events-dlq"];
  expect(
    stack
      .all("queue")
      .map(({ name }) => name)
      .sort(),
  ).toEqual(names.sort());
});

test("every queue is encrypted, keeps messages for as long as SQS does, and is named after the deployment", () => {
  for (const { name, inputs } of stack.all("queue")) {
    expect(inputs).toMatchObject({
      name: `webcat-production-${name}`,
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 1_209_600,
    });
    expect(inputs["fifoQueue"] ?? false).toBe(name.endsWith(".fifo"));
  }
});

const Redrive = json(z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }));
const Allow = json(z.strictObject({ redrivePermission: z.literal("byQueue"), sourceQueueArns: z.array(z.string()) }));

describe.each(SOURCES)("%s", (name) => {
  test("gives up to a dead-letter queue of its own kind, which takes nothing else", () => {
    const queue = stack.one("queue", name);
    const dead = stack.one("queue", deadLettersOf(name));
    expect(Redrive.parse(queue.inputs["redrivePolicy"]).deadLetterTargetArn).toBe(arnOf(dead));
    expect(Allow.parse(dead.inputs["redriveAllowPolicy"]).sourceQueueArns).toEqual([arnOf(queue)]);
    expect(dead.inputs["fifoQueue"]).toBe(queue.inputs["fifoQueue"]);
    expect(dead.inputs).not.toHaveProperty("redrivePolicy");
  });
});

test("messages of the bridge's own outlast a long outage; those of the old consumer are as they were", () => {
  const receives = (name: string) => Redrive.parse(stack.one("queue", name).inputs["redrivePolicy"]).maxReceiveCount;
  expect(OWN.map(receives)).toEqual([50, 50, 50]);
  expect(FORWARD.map(receives)).toEqual([10, 10, 10]);
  for (const name of ["Mirror", "Settle"]) {
    const { inputs } = stack.one("function", `${name}Function`);
    expect(inputs).toMatchObject({ environment: { variables: { MAX_RECEIVES: "50" } } });
  }
});

describe("a queue that a function reads", () => {
  const Mapping = z.object({
    eventSourceArn: z.string(),
    functionName: z.string(),
    maximumBatchingWindowInSeconds: z.number(),
  });

  test("hides a message for six times the function's timeout, and the batch window", () => {
    const mappings = stack
      .all("mapping")
      .filter(({ name }) => name !== "observe")
      .map(({ inputs }) => Mapping.parse(inputs));
    const read = stack
      .all("queue")
      .filter((queue) => mappings.some(({ eventSourceArn }) => eventSourceArn === arnOf(queue)));
    expect(read.map(({ name }) => name).sort()).toEqual([...OWN, "delegate-update-dns-dlq.fifo"].sort());
    for (const queue of read) {
      const mapping = mappings.find(({ eventSourceArn }) => eventSourceArn === arnOf(queue));
      const fn = stack.all("function").find((each) => arnOf(each) === mapping?.functionName);
      const timeout = z.number().parse(fn?.inputs["timeout"]);
      const least = 6 * timeout + (mapping?.maximumBatchingWindowInSeconds ?? Number.NaN);
      expect(queue.inputs["visibilityTimeoutSeconds"], queue.name).toBeGreaterThanOrEqual(least);
    }
  });
});

describe("who is let into a queue", () => {
  const letIn = (name: string) => {
    const [found] = policiesOf(stack).filter(({ where }) => where === `Queue ${name} policy`);
    return found?.statements.map(({ Principal, Action, Condition }) => ({ Principal, Action, Condition })) ?? [];
  };
  const rule = (name: string) => `arn:aws:events:eu-west-1:000000000000:rule/webcat-production-${name}`;

  test.each([...FORWARD, ...DELEGATE])("%s: the old consumer's role, to read", (name) => {
    const [statement, ...more] = letIn(name);
    expect(more).toEqual([]);
    expect(statement?.Principal).toEqual({ AWS: ["arn:aws:iam::000000000000:role/webcat-services"] });
    expect(statement?.Action).toEqual([
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "sqs:ChangeMessageVisibility",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
    ]);
  });

  test.each(["mirror", "settle"])("%s: its own rule, to send", (name) => {
    expect(letIn(name)).toEqual([
      {
        Principal: { Service: ["events.amazonaws.com"] },
        Action: ["sqs:SendMessage"],
        Condition: { ArnEquals: { "aws:SourceArn": rule(name) } },
      },
    ]);
  });

  test("the events' dead-letter queue: both rules", () => {
    expect(letIn("events-dlq").map(({ Condition }) => Condition?.["ArnEquals"])).toEqual([
      { "aws:SourceArn": rule("mirror") },
      { "aws:SourceArn": rule("settle") },
    ]);
  });

  test("all others: nobody", () => {
    const named = ["mirror", "settle", "events-dlq", ...FORWARD, ...DELEGATE];
    for (const { name, inputs } of stack.all("queue")) expect("policy" in inputs).toBe(named.includes(name));
  });
});

test("the operator's command is told where dead letters are", () => {
  const { deadLetters } = stack.deployed;
  const own = stack.all("queue").filter(({ name }) => /-dlq(\.fifo)?$/.test(name) || name === "quarantine");
  expect(
    Object.values(deadLetters)
      .map(({ queueArn }) => queueArn)
      .sort(),
  ).toEqual(own.map(arnOf).sort());
  for (const { queueUrl, queueArn } of Object.values(deadLetters)) {
    const found = own.find((queue) => arnOf(queue) === queueArn);
    expect(queueUrl).toBe(found?.state["url"]);
    expect(queueUrl.endsWith(`/${found && nameOf(found)}`)).toBe(true);
  }
  // What SQS moved there goes back to the queue that moves its messages there.
  const returning = Object.values(deadLetters).filter(({ returnsTo }) => returnsTo !== undefined);
  expect(returning).toHaveLength(own.length - 2);
  for (const { queueArn, returnsTo } of returning) {
    const source = stack.all("queue").find((queue) => arnOf(queue) === returnsTo?.queueArn);
    expect(source?.state["url"]).toBe(returnsTo?.queueUrl);
    expect(Redrive.parse(source?.inputs["redrivePolicy"]).deadLetterTargetArn).toBe(queueArn);
  }
});
