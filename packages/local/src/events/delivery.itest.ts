import { PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cloudEvent, type Fixture, queueArn, startFixture } from "./fixture.ts";

const MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:order";
const FAILED_ORDERS = {
  source: ["aws.states"],
  detail: { status: ["FAILED", "TIMED_OUT", "ABORTED"], stateMachineArn: [MACHINE] },
};
const failed = (more: Record<string, unknown> = {}) =>
  cloudEvent({ status: "FAILED", stateMachineArn: MACHINE, ...more });
const sortById = (events: readonly unknown[]) =>
  [...events].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

let fixture: Fixture;
afterEach(() => fixture.close());

describe("an event", () => {
  beforeEach(async () => {
    fixture = await startFixture();
  });

  it("goes to the targets of the rules it matches, and no other does", async () => {
    const { name, arn } = fixture.queue();
    await fixture.rule(FAILED_ORDERS, { Arn: arn });
    const statuses = ["FAILED", "TIMED_OUT", "ABORTED"];
    const matching = statuses.map((status) => failed({ status }));
    const others = [
      failed({ status: "RUNNING" }),
      failed({ status: "SUCCEEDED" }),
      failed({ stateMachineArn: `${MACHINE}-2` }),
      cloudEvent({ status: "FAILED" }),
      { ...failed(), source: "shop" },
    ];
    for (const event of [...matching, ...others]) fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(sortById(fixture.bodies(name))).toEqual(sortById(matching));
  });

  it("arrives once for every rule and target, in batches of any number", async () => {
    const [one, other] = [fixture.queue(), fixture.queue()];
    await fixture.rule(FAILED_ORDERS, { Arn: one.arn }, { Arn: other.arn });
    await fixture.rule({ source: ["aws.states"] }, { Arn: other.arn });
    const events = Array.from({ length: 57 }, () => failed());
    for (const event of events) fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(sortById(fixture.bodies(one.name))).toEqual(sortById(events));
    expect(sortById(fixture.bodies(other.name))).toEqual(sortById([...events, ...events]));
  });

  it("as large as AWS lets it be shares a batch with no more than fit", async () => {
    const { name, arn } = fixture.queue();
    await fixture.rule(FAILED_ORDERS, { Arn: arn });
    const events = Array.from({ length: 10 }, () => failed({ input: "x".repeat(250_000) }));
    for (const event of events) fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(fixture.bodies(name)).toHaveLength(events.length);
    expect(fixture.bridge.failures()).toEqual([]);
  });

  it("keeps every character of its text", async () => {
    const { name, arn } = fixture.queue();
    await fixture.rule(FAILED_ORDERS, { Arn: arn });
    const event = failed({ input: "päivää 😀 \u0001\uffff" });
    fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(fixture.bodies(name)).toEqual([event]);
  });

  it("goes to a FIFO queue under the group of its target", async () => {
    const { name, arn } = fixture.queue({ FifoQueue: "true", ContentBasedDeduplication: "true" });
    await fixture.rule(FAILED_ORDERS, { Arn: arn, SqsParameters: { MessageGroupId: "orders" } });
    const event = failed();
    fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(fixture.bridge.failures()).toEqual([]);
    expect(fixture.messages(name)).toMatchObject([{ messageGroupId: "orders", body: JSON.stringify(event) }]);
  });

  it("goes nowhere while its rule is disabled", async () => {
    const { name, arn } = fixture.queue();
    const rule = await fixture.rule(FAILED_ORDERS, { Arn: arn });
    const put = { Name: rule.name, EventPattern: JSON.stringify(FAILED_ORDERS) };
    await fixture.client.send(new PutRuleCommand({ ...put, State: "DISABLED" }));
    fixture.bridge.publish(failed());
    await fixture.bridge.settled();
    await fixture.client.send(new PutRuleCommand({ ...put, State: "ENABLED" }));
    const event = failed();
    fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(fixture.bodies(name)).toEqual([event]);
  });
});

describe("an event that cannot be delivered", () => {
  beforeEach(async () => {
    fixture = await startFixture();
  });

  it("goes to the dead-letter queue with its reasons", async () => {
    const { name, arn } = fixture.queue();
    const missing = queueArn("missing");
    const rule = await fixture.rule(FAILED_ORDERS, { Arn: missing, DeadLetterConfig: { Arn: arn } });
    const event = failed();
    fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(fixture.bodies(name)).toEqual([event]);
    expect(fixture.messages(name)[0]?.messageAttributes).toMatchObject({
      RULE_ARN: { DataType: "String", StringValue: rule.arn },
      TARGET_ARN: { StringValue: missing },
      ERROR_CODE: { StringValue: expect.stringMatching(/QueueDoesNotExist/) },
      RETRY_ATTEMPTS: { StringValue: "0" },
    });
    expect(fixture.bridge.failures()).toEqual([]);
  });

  it("is kept among the failures where there is no dead-letter queue, or none that works", async () => {
    const missing = queueArn("missing");
    const rule = await fixture.rule(FAILED_ORDERS, { Arn: missing });
    const gone = await fixture.rule(FAILED_ORDERS, { Arn: missing, DeadLetterConfig: { Arn: queueArn("gone") } });
    const event = failed();
    fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(fixture.bridge.failures()).toEqual(
      [rule, gone].map(({ arn }) =>
        expect.objectContaining({
          event,
          ruleArn: arn,
          targetArn: missing,
          code: expect.stringMatching(/QueueDoesNot/),
        }),
      ),
    );
  });

  it("does not hold back its neighbours", async () => {
    const { name, arn } = fixture.queue({ MaximumMessageSize: "1024" });
    await fixture.rule(FAILED_ORDERS, { Arn: arn });
    const [before, large, after] = [failed(), failed({ input: "x".repeat(1024) }), failed()];
    for (const event of [before, large, after]) fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(fixture.bodies(name)).toEqual([before, after]);
    expect(fixture.bridge.failures()).toMatchObject([{ event: large }]);
  });

  it("never troubles its publisher, not even when it is no JSON", async () => {
    const { arn } = fixture.queue();
    await fixture.rule(FAILED_ORDERS, { Arn: arn });
    const event = failed({ input: 1n });
    fixture.bridge.publish(event);
    expect(fixture.bridge.failures()).toMatchObject([{ event, code: "TypeError" }]);
  });

  it("is given up when the server closes", async () => {
    const { arn } = fixture.queue();
    await fixture.rule(FAILED_ORDERS, { Arn: arn });
    const event = failed();
    fixture.bridge.publish(event);
    await fixture.bridge.close();
    await fixture.bridge.settled();
    expect(fixture.bridge.failures()).toMatchObject([{ event }]);
  });
});

describe("a server of queues that is away", () => {
  it("is tried again before an event is given up", async () => {
    let attempts = 0;
    const { createServer } = await import("node:http");
    const away = createServer((_request, response) => {
      attempts++;
      response.writeHead(500).end("{}");
    });
    await new Promise<void>((resolve) => away.listen(0, "127.0.0.1", resolve));
    const address = away.address();
    const port = typeof address === "object" ? address?.port : undefined;
    fixture = await startFixture({ sqsEndpoint: `http://127.0.0.1:${port}` });
    await fixture.rule(FAILED_ORDERS, { Arn: queueArn("any") });
    const event = failed();
    fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(attempts).toBe(4);
    expect(fixture.bridge.failures()).toMatchObject([{ event }]);
    await new Promise((resolve) => away.close(resolve));
  });
});

describe("a test's say", () => {
  it("loses and repeats events, for each target by itself", async () => {
    const asked: unknown[] = [];
    fixture = await startFixture({
      onDeliver(event, targetArn) {
        asked.push([event.id, targetArn]);
        const { fate } = event.detail;
        return targetArn !== one.arn ? "deliver" : fate === "drop" || fate === "twice" ? fate : "deliver";
      },
    });
    const [one, other] = [fixture.queue(), fixture.queue()];
    const rule = await fixture.rule(FAILED_ORDERS, { Arn: one.arn });
    await fixture.client.send(new PutTargetsCommand({ Rule: rule.name, Targets: [{ Id: "other", Arn: other.arn }] }));
    const [dropped, repeated, plain] = [failed({ fate: "drop" }), failed({ fate: "twice" }), failed()];
    for (const event of [dropped, repeated, plain]) fixture.bridge.publish(event);
    await fixture.bridge.settled();
    expect(fixture.bodies(one.name)).toEqual([repeated, repeated, plain]);
    expect(fixture.bodies(other.name)).toEqual([dropped, repeated, plain]);
    expect(asked).toHaveLength(6);
  });
});
