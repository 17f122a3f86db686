import { describe, expect, it } from "vitest";
import { Environment, PaymentsEnvironment, Source } from "./env.ts";

const issueOf = (variables: object) => PaymentsEnvironment.safeParse(variables).error?.issues[0];

describe("charges are at one provider", () => {
  it.each([
    [{ PAYMENTS_TABLE: "payments" }, { kind: "table", table: "payments" }],
    [{ STRIPE_SECRET_KEY: "sk_x" }, { kind: "stripe", secretKey: "sk_x", apiUrl: undefined }],
    [
      { STRIPE_SECRET_KEY: "sk_x", STRIPE_API_URL: "http://127.0.0.1:9" },
      { kind: "stripe", secretKey: "sk_x", apiUrl: "http://127.0.0.1:9" },
    ],
  ])("%o", (variables, chosen) => {
    expect(PaymentsEnvironment.parse({ ...variables, PATH: "/bin" })).toEqual(chosen);
  });

  it.each([
    ["none is named", {}, "set PAYMENTS_TABLE"],
    ["two are", { PAYMENTS_TABLE: "payments", STRIPE_SECRET_KEY: "sk_x" }, "both are set: remove PAYMENTS_TABLE"],
  ])("and the error says what to do when %s", (_, variables, advice) => {
    const message = issueOf(variables)?.message;
    expect(message).toContain(advice);
    expect(message).toContain("or STRIPE_SECRET_KEY");
    expect(JSON.stringify(issueOf(variables))).not.toContain("sk_x");
  });

  it("and no other address than one of the web is taken for Stripe's", () => {
    expect(issueOf({ STRIPE_SECRET_KEY: "sk_x", STRIPE_API_URL: "stripe" })?.path).toEqual(["STRIPE_API_URL"]);
  });
});

describe("a source says how its legacy consumer gets its messages", () => {
  const functionArn = "arn:aws:lambda:eu-west-1:000000000000:function:consumer";
  const topicArns = ["arn:aws:sns:eu-west-1:000000000000:domains"];
  const sourceOf = (forward: object, topics: readonly string[]) => ({
    ...{ queueArn: "arn:aws:sqs:eu-west-1:000000000000:q", queueUrl: "https://queue/q", topicArns: topics, forward },
  });

  it.each([
    ["a function", { kind: "lambda", functionArn }, topicArns],
    ["its own subscription, beside the tap's", { kind: "tap" }, topicArns],
    ["its own subscription, the tap's raw", { kind: "tap" }, []],
  ])("%s", (_, forward, topics) => {
    expect(Source.parse(sourceOf(forward, topics))).toEqual(sourceOf(forward, topics));
  });

  it("and a function without topics is refused, since its messages would come raw", () => {
    const { error } = Source.safeParse(sourceOf({ kind: "lambda", functionArn }, []));
    expect(error?.issues[0]).toMatchObject({ path: ["topicArns"], message: expect.stringContaining("raw delivery") });
  });
});

describe("rows of a table without a stream are found", () => {
  const poll = (how: unknown) =>
    Environment.pick({ TRACKING_POLL: true }).safeParse({ TRACKING_POLL: JSON.stringify(how) });
  const byIndex = {
    ...{ by: "index", index: "by-status", partition: { attribute: "status", values: ["DONE"] } },
    ...{ sort: "updatedAt", sortKind: "iso" },
  };

  it.each([{ by: "claims" }, byIndex])("as %o says", (how) => {
    expect(poll(how).data).toEqual({ TRACKING_POLL: how });
  });

  it.each([
    ["an index without partition values", { ...byIndex, partition: { attribute: "status", values: [] } }, "values"],
    ["a sort attribute of another kind", { ...byIndex, sortKind: "seconds" }, "sortKind"],
    ["what it does not know", { by: "claims", index: "x" }, "TRACKING_POLL"],
  ])("and not by %s", (_, how, field) => {
    expect(poll(how).error?.issues[0]?.path).toContain(field);
  });
});
