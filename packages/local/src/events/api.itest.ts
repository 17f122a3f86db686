import {
  CreateEventBusCommand,
  DeleteRuleCommand,
  DescribeRuleCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Fixture, queueArn, startFixture } from "./fixture.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => fixture.close());

const ANY = JSON.stringify({ source: [{ prefix: "" }] });
const putRule = (input: Partial<PutRuleCommandInput> = {}) =>
  fixture.client.send(new PutRuleCommand({ Name: "r", EventPattern: ANY, ...input }));
const putTarget = (target: Partial<Target> = {}) =>
  fixture.client.send(new PutTargetsCommand({ Rule: "r", Targets: [{ Id: "t", Arn: queueArn("q"), ...target }] }));

describe("rules", () => {
  it("are described as they were put, and replaced with their targets kept", async () => {
    const { RuleArn } = await putRule({ Description: "first" });
    expect(RuleArn).toBe("arn:aws:events:eu-west-1:000000000000:rule/r");
    await putTarget();
    await putRule({ State: "DISABLED", EventBusName: "default" });
    const rule = await fixture.client.send(new DescribeRuleCommand({ Name: "r" }));
    expect(rule).toMatchObject({
      Name: "r",
      Arn: RuleArn,
      EventPattern: ANY,
      State: "DISABLED",
      EventBusName: "default",
    });
    expect(rule.Description).toBeUndefined();
    const { Targets } = await fixture.client.send(new ListTargetsByRuleCommand({ Rule: "r" }));
    expect(Targets).toEqual([{ Id: "t", Arn: queueArn("q") }]);
  });

  it("are listed by prefix, page by page, in the order of their names", async () => {
    for (const Name of ["b-2", "a-3", "a-1", "a-2"]) await putRule({ Name });
    const first = await fixture.client.send(new ListRulesCommand({ NamePrefix: "a-", Limit: 2 }));
    expect(first.Rules?.map(({ Name }) => Name)).toEqual(["a-1", "a-2"]);
    const { NextToken } = first;
    const second = await fixture.client.send(new ListRulesCommand({ NamePrefix: "a-", Limit: 2, NextToken }));
    expect(second.Rules?.map(({ Name }) => Name)).toEqual(["a-3"]);
    expect(second.NextToken).toBeUndefined();
  });

  it("are deleted once they have no targets, and again without harm", async () => {
    await putRule();
    await putTarget();
    const remove = () => fixture.client.send(new DeleteRuleCommand({ Name: "r" }));
    await expect(remove()).rejects.toMatchObject({ name: "ValidationException" });
    await fixture.client.send(new RemoveTargetsCommand({ Rule: "r", Ids: ["t"] }));
    await remove();
    await remove();
    await expect(fixture.client.send(new DescribeRuleCommand({ Name: "r" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it.each<[string, Partial<PutRuleCommandInput>, string, string]>([
    [
      "a schedule",
      { ScheduleExpression: "rate(1 minute)" },
      "ValidationException",
      "cloud: parameter ScheduleExpression",
    ],
    ["a role", { RoleArn: "arn:aws:iam::000000000000:role/r" }, "ValidationException", "cloud: parameter RoleArn"],
    ["tags", { Tags: [{ Key: "a", Value: "b" }] }, "ValidationException", "cloud: parameter Tags"],
    ["another bus", { EventBusName: "orders" }, "ValidationException", "cloud: event bus orders"],
    ["no pattern", { EventPattern: undefined }, "ValidationException", "must be specified"],
    ["a wrong name", { Name: "a b" }, "ValidationException", "Name"],
    ["a wrong pattern", { EventPattern: '{"source": "a"}' }, "InvalidEventPatternException", "must be an object or an"],
  ])("are refused with %s", async (_name, input, code, message) => {
    await expect(putRule(input)).rejects.toMatchObject({ name: code, message: expect.stringContaining(message) });
    expect((await fixture.client.send(new ListRulesCommand({}))).Rules).toEqual([]);
  });
});

describe("targets", () => {
  it("are listed with their dead-letter queue, page by page, and replaced by id", async () => {
    await putRule();
    const DeadLetterConfig = { Arn: queueArn("dead") };
    await putTarget({ Id: "b", DeadLetterConfig });
    await putTarget({ Id: "a" });
    await putTarget({ Id: "a", Arn: queueArn("q2") });
    const first = await fixture.client.send(new ListTargetsByRuleCommand({ Rule: "r", Limit: 1 }));
    expect(first.Targets).toEqual([{ Id: "a", Arn: queueArn("q2") }]);
    const { NextToken } = first;
    const second = await fixture.client.send(new ListTargetsByRuleCommand({ Rule: "r", NextToken }));
    expect(second.Targets).toEqual([{ Id: "b", Arn: queueArn("q"), DeadLetterConfig }]);
  });

  it("are five at most", async () => {
    await putRule();
    for (const Id of ["1", "2", "3", "4", "5"]) await putTarget({ Id });
    await expect(putTarget({ Id: "6" })).rejects.toMatchObject({ name: "LimitExceededException" });
  });

  it.each<[string, Partial<Target>, string]>([
    ["Input", { Input: "{}" }, "cloud: parameter Input of Targets.0"],
    ["InputPath", { InputPath: "$.detail" }, "cloud: parameter InputPath of Targets.0"],
    [
      "InputTransformer",
      { InputTransformer: { InputTemplate: "a" } },
      "cloud: parameter InputTransformer of Targets.0",
    ],
    ["RetryPolicy", { RetryPolicy: { MaximumRetryAttempts: 1 } }, "cloud: parameter RetryPolicy of Targets.0"],
    ["a function", { Arn: "arn:aws:lambda:eu-west-1:000000000000:function:f" }, "cloud: target arn:aws:lambda"],
    ["a queue elsewhere", { Arn: "arn:aws:sqs:us-east-1:000000000000:q" }, "cloud: target arn:aws:sqs:us-east-1"],
    ["a FIFO queue without a group", { Arn: queueArn("q.fifo") }, "SqsParameters must be specified"],
    ["a FIFO dead-letter queue", { DeadLetterConfig: { Arn: queueArn("d.fifo") } }, "cannot be a dead-letter queue"],
  ])("are refused: %s", async (_name, target, message) => {
    await putRule();
    await expect(putTarget(target)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
    expect((await fixture.client.send(new ListTargetsByRuleCommand({ Rule: "r" }))).Targets).toEqual([]);
  });

  it("need their rule", async () => {
    await expect(putTarget()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("PutEvents", () => {
  const entry = { Source: "shop", DetailType: "Order placed", Detail: '{"order": 7}' };

  it("delivers under AWS's envelope", async () => {
    const { name, arn } = fixture.queue();
    await fixture.rule({ source: ["shop"] }, { Arn: arn });
    const Time = new Date("2026-03-01T12:00:00.750Z");
    const put = new PutEventsCommand({ Entries: [{ ...entry, Time, Resources: ["arn:a"] }] });
    const { FailedEntryCount, Entries } = await fixture.client.send(put);
    await fixture.bridge.settled();
    expect(FailedEntryCount).toBe(0);
    expect(fixture.bodies(name)).toEqual([
      {
        version: "0",
        id: Entries?.[0]?.EventId,
        "detail-type": "Order placed",
        source: "shop",
        account: "000000000000",
        time: "2026-03-01T12:00:00Z",
        region: "eu-west-1",
        resources: ["arn:a"],
        detail: { order: 7 },
      },
    ]);
  });

  it("fails wrong entries alone", async () => {
    const { name, arn } = fixture.queue();
    await fixture.rule({ source: [{ prefix: "" }] }, { Arn: arn });
    const { Detail: _detail, ...withoutDetail } = entry;
    const wrong = [
      withoutDetail,
      { ...entry, Detail: "[1]" },
      { ...entry, Detail: "{" },
      { ...entry, Source: "aws.s3" },
    ];
    const answer = await fixture.client.send(new PutEventsCommand({ Entries: [...wrong, entry] }));
    await fixture.bridge.settled();
    expect(answer.FailedEntryCount).toBe(4);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      "InvalidArgument",
      "MalformedDetail",
      "MalformedDetail",
      "NotAuthorizedForSourceException",
      undefined,
    ]);
    expect(fixture.bodies(name)).toMatchObject([{ id: answer.Entries?.[4]?.EventId, detail: { order: 7 } }]);
  });

  it.each([
    ["more than ten entries", Array.from({ length: 11 }, () => entry), "Entries"],
    ["no complete entry", [{ Source: "shop" }], "Source, DetailType and Detail"],
    ["a mebibyte", [{ ...entry, Detail: JSON.stringify({ text: "x".repeat(1_048_576) }) }], "over the limit"],
    ["another bus", [{ ...entry, EventBusName: "orders" }], "cloud: event bus orders"],
    ["a trace header", [{ ...entry, TraceHeader: "t" }], "cloud: parameter TraceHeader"],
  ])("is refused with %s", async (_name, Entries, message) => {
    await expect(fixture.client.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
  });
});

describe("the server", () => {
  it("refuses other actions by name", async () => {
    await expect(fixture.client.send(new CreateEventBusCommand({ Name: "orders" }))).rejects.toMatchObject({
      name: "UnknownOperationException",
      message: "not supported by the local cloud: CreateEventBus",
    });
  });

  it("refuses a body that is no JSON", async () => {
    const headers = { "x-amz-target": "AWSEvents.ListRules" };
    const response = await fetch(fixture.bridge.endpoint, { method: "POST", headers, body: "{" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: "SerializationException" });
  });
});
