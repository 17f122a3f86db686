import { describe, expect, it } from "vitest";
import { PaymentsEnvironment } from "./env.ts";

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
