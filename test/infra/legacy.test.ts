import { beforeAll, describe, expect, test } from "vitest";
import { type Stack, stackOf } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

/** Every ARN and URL that the configuration names: all of it is there already (B2). */
const legacyNames = (): readonly string[] =>
  [...JSON.stringify(stack.config).matchAll(/"((?:arn:aws:|https:\/\/sqs)[^"]+)"/g)].map(([, name = ""]) => name);

/** Fields by which a resource is the one that it changes: its own name, or the one that it is attached to. */
const CHANGED = ["queueUrl", "topic", "topicArn", "bucket", "tableName", "functionName", "role"];

describe("the legacy system", () => {
  test("is known to this test", () => {
    expect(legacyNames().length).toBeGreaterThan(8);
  });

  test("has nothing created in its name", () => {
    const names = new Set(legacyNames());
    for (const { type, name, kind, state } of stack.synthesis.resources) {
      expect(kind, `${type} ${name}`).toBe("created");
      for (const own of ["arn", "url", "id"]) expect(names, `${type} ${name}`).not.toContain(state[own]);
    }
  });

  test("has nothing attached to it but mappings that are off, and the stream that is read", () => {
    const names = new Set(legacyNames());
    const attached = stack.synthesis.resources.filter(({ inputs }) =>
      [...CHANGED, "eventSourceArn", "endpoint", "rule"].some((field) => names.has(String(inputs[field]))),
    );
    expect(attached.map(({ name }) => name).sort()).toEqual([
      "ingest-dns",
      "ingest-refreshes",
      "ingest-registrations",
      "observe",
    ]);
    for (const { name, inputs } of attached) if (name !== "observe") expect(inputs["enabled"]).toBe(false);
  });

  test("is subscribed to by nobody: attach does that", () => {
    expect(stack.all("subscription")).toEqual([]);
  });

  test("gets no policy, permission or tag", () => {
    const types = new Set(stack.synthesis.resources.map(({ type }) => type));
    for (const type of [
      "aws:sqs/queuePolicy:QueuePolicy",
      "aws:sns/topicPolicy:TopicPolicy",
      "aws:s3/bucketPolicy:BucketPolicy",
      "aws:lambda/permission:Permission",
      "aws:dynamodb/resourcePolicy:ResourcePolicy",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    ]) {
      expect(types).not.toContain(type);
    }
  });
});

describe("the operator's command", () => {
  test("is told of every source as it is configured", () => {
    expect(Object.keys(stack.deployed.sources)).toEqual(Object.keys(stack.config.sources));
    for (const [name, { config }] of Object.entries(stack.deployed.sources)) {
      expect(config).toEqual(stack.config.sources[name]);
    }
  });

  test("is told where ingest reads, and where it forwards to", () => {
    const { registrations, dns } = stack.deployed.sources;
    expect(registrations).toMatchObject({
      intake: { queueArn: "arn:aws:sqs:eu-west-1:000000000000:webcat-registrations" },
      forward: {
        kind: "fifo",
        queueArn: "arn:aws:sqs:eu-west-1:000000000000:webcat-production-registrations-forward.fifo",
      },
    });
    expect(dns?.forward).toMatchObject({ kind: "standard" });
    const urls = stack.all("queue").map(({ state }) => state["url"]);
    for (const { forward } of Object.values(stack.deployed.sources)) {
      expect("queueUrl" in forward && urls).toContain("queueUrl" in forward && forward.queueUrl);
    }
  });

  test("reads the same variables as the functions", () => {
    const { environment } = stack.deployed;
    for (const { name, inputs } of stack.all("function")) {
      const { variables } = inputs["environment"] as { variables: Readonly<Record<string, string>> };
      for (const [variable, value] of Object.entries(variables)) {
        if (variable in environment) expect(environment[variable], `${name} ${variable}`).toBe(value);
      }
    }
  });
});
