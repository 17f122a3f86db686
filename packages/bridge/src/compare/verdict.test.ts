import { describe, expect, it } from "vitest";
import { compareRules } from "./rules.ts";
import { failed, registered } from "./testing.ts";
import { judge } from "./verdict.ts";

const rules = compareRules({ unforeseen: ["DOMAIN_TAKEN"], ignore: ["effects.*.at"] });
const other = registered({ price: 1 });

describe("the verdict on a request (X4)", () => {
  it.each([
    ["both agree", registered(), registered(), "match"],
    ["both fail alike", failed("DOMAIN_TAKEN"), failed("DOMAIN_TAKEN"), "match"],
    ["they differ", registered(), other, "mismatch"],
    ["only the old failed, as no plan can foresee", failed("DOMAIN_TAKEN"), registered(), "ignored"],
    ["only the old failed, as a plan can foresee", failed("BAD_NAME"), registered(), "mismatch"],
    ["only the new failed, with that very code", registered(), failed("DOMAIN_TAKEN"), "mismatch"],
    ["the plan failed by itself", failed("DOMAIN_TAKEN"), failed("INVALID_ORDER"), "mismatch"],
  ])("%s: %s", (_, old, candidate, verdict) => {
    const judged = judge(old, candidate, rules, { late: false });
    expect(judged?.verdict).toBe(verdict);
    expect(judged?.differences.length === 0).toBe(verdict === "match");
  });

  it("waits for the other side, and says which one did not come", () => {
    expect(judge(registered(), undefined, rules, { late: false })).toBeUndefined();
    expect(judge(undefined, registered(), rules, { late: false })).toBeUndefined();
    expect(judge(undefined, undefined, rules, { late: true })).toBeUndefined();
    expect(judge(registered(), undefined, rules, { late: true })?.verdict).toBe("old-only");
    expect(judge(undefined, registered(), rules, { late: true })?.verdict).toBe("new-only");
  });

  it("what came too late is late, whatever it says, and still tells its differences", () => {
    expect(judge(registered(), registered(), rules, { late: true })).toEqual({ verdict: "late", differences: [] });
    expect(judge(registered(), other, rules, { late: true })).toMatchObject({ verdict: "late", differences: [{}] });
  });

  it("an ignored field is not counted: the two match", () => {
    const [effect] = registered().effects;
    const later = { ...registered(), effects: effect ? [{ ...effect, at: 1 }] : [] };
    expect(judge(registered(), later, rules, { late: false })?.verdict).toBe("match");
  });

  it("is given on what the route's clean made of both; a clean that throws changes nothing", () => {
    const shouted = registered({ expiresAt: "2027-03-02".toUpperCase() });
    const upper = { ...shouted, effects: shouted.effects.map((effect) => ({ ...effect, target: "EXAMPLE.FI" })) };
    const lower = compareRules({
      clean: (outcome) => ({
        ...outcome,
        effects: outcome.effects.map((effect) => ({ ...effect, target: effect.target.toLowerCase() })),
      }),
    });
    const broken = compareRules({
      clean: () => {
        throw new Error("no");
      },
    });
    expect(judge(registered(), upper, lower, { late: false })?.verdict).toBe("match");
    expect(judge(registered(), upper, broken, { late: false })?.verdict).toBe("mismatch");
    expect(judge(registered(), registered(), broken, { late: false })?.verdict).toBe("match");
  });
});
