import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countsOf } from "../compare/counts.ts";
import { bucketOf } from "../compare/latency.ts";
import { STRICT } from "../compare/rules.ts";
import { tallied } from "../compare/tally.ts";
import { RouteType } from "../ids.ts";
import { decideGuard, type GuardState } from "./decide.ts";
import { type GuardNumbers, guardNumbers } from "./numbers.ts";
import { GuardPolicy } from "./policy.ts";
import { hourOf, NOTHING } from "./testing.ts";

const policy = GuardPolicy.parse({
  ramp: [
    { stage: "shadow", percentage: 0 },
    { stage: "split", percentage: 10 },
    { stage: "split", percentage: 50 },
    { stage: "order", percentage: 100 },
  ],
});
const SINCE = Date.UTC(2026, 2, 2);
const BAKED = SINCE + policy.bakeMs;
const at = (step: number, given: Partial<GuardState["rollout"]> = {}): GuardState => ({
  rollout: { stage: "legacy", percentage: 0, ...policy.ramp[step], version: 7, ...given },
  knownVersion: 7,
  since: SINCE,
});

const fast = (count: number) => ({ [bucketOf(100)]: count });
const equal = (count: number): GuardNumbers => ({
  ...NOTHING,
  strata: [hourOf([count / 50, count], [count / 50, count])],
  latency: { legacy: fast(count), order: fast(count) },
});
const GOOD = equal(10_000);
const FAILING: GuardNumbers = { ...GOOD, strata: [hourOf([200, 10_000], [400, 10_000])] };
const SLOW: GuardNumbers = { ...GOOD, latency: { legacy: fast(10_000), order: { [bucketOf(400)]: 10_000 } } };
const shadowed = (seen: number, baseline: number, of = 10_000): GuardNumbers => ({
  ...NOTHING,
  mismatches: { count: seen, of },
  baseline: { count: baseline, of },
});

describe("the guard (X10)", () => {
  const second = policy.ramp[2];

  it.each([
    ["all is clear", at(1), GOOD, BAKED, "promote", "all-clear", second],
    ["not baked yet", at(1), GOOD, BAKED - 1, "hold", "baking", undefined],
    ["few samples", at(1), equal(400), BAKED, "hold", "too-few-samples", undefined],
    ["samples, and nothing for sure", at(1), equal(500), BAKED, "hold", "inconclusive", undefined],
    ["nothing at all", at(1), NOTHING, BAKED, "hold", "too-few-samples", undefined],
    ["the last step", at(3), GOOD, BAKED, "hold", "last-step", undefined],
    ["more failures", at(1), FAILING, SINCE, "roll-back", "breach", { stage: "legacy", percentage: 0 }],
    ["slower", at(1), SLOW, SINCE, "roll-back", "breach", { stage: "legacy", percentage: 0 }],
    ["slower, at the last step", at(3), SLOW, BAKED, "roll-back", "breach", { stage: "legacy", percentage: 0 }],
    ["off the ramp", at(1, { percentage: 11 }), GOOD, BAKED, "hold", "off-ramp", undefined],
    ["not on it yet", at(1, { stage: "legacy", percentage: 0 }), GOOD, BAKED, "hold", "off-ramp", undefined],
    ["changed by a person", at(1, { version: 8 }), GOOD, BAKED, "hold", "changed-by-person", undefined],
    ["changed, and failing", at(1, { version: 8 }), FAILING, BAKED, "hold", "changed-by-person", undefined],
    [
      "held",
      at(1, { hold: { source: "domains", since: SINCE, forced: true } }),
      GOOD,
      BAKED,
      "hold",
      "held",
      undefined,
    ],
    ["in shadow, no more than noise", at(0), shadowed(100, 100), BAKED, "promote", "all-clear", policy.ramp[1]],
    ["in shadow, without a baseline", at(0), shadowed(0, 0), BAKED, "promote", "all-clear", policy.ramp[1]],
    [
      "in shadow, mismatches above noise",
      at(0),
      shadowed(400, 100),
      SINCE,
      "roll-back",
      "breach",
      { stage: "legacy", percentage: 0 },
    ],
    ["in shadow, a few above noise", at(0), shadowed(150, 100), BAKED, "hold", "inconclusive", undefined],
    [
      "in shadow, with plans that failed",
      at(0),
      { ...shadowed(0, 0), unplanned: 5_000 },
      BAKED,
      "hold",
      "inconclusive",
      undefined,
    ],
    [
      "in shadow, with a few that failed",
      at(0),
      { ...shadowed(0, 0), unplanned: 5 },
      BAKED,
      "promote",
      "all-clear",
      policy.ramp[1],
    ],
    ["in shadow, with what belongs to split alone", at(0), GOOD, BAKED, "hold", "too-few-samples", undefined],
    [
      "in split, mismatches above noise",
      at(1),
      { ...GOOD, ...shadowed(400, 100), strata: GOOD.strata },
      BAKED,
      "roll-back",
      "breach",
      { stage: "legacy", percentage: 0 },
    ],
  ] as const)("%s", (_, state, numbers, now, kind, why, to) => {
    const here = { stage: state.rollout.stage, percentage: state.rollout.percentage };
    expect(decideGuard(policy, state, numbers, now)).toMatchObject({ kind, why, to: to ?? here });
  });

  it("says which bound is broken, with the numbers it saw", () => {
    const { numbers } = decideGuard(policy, at(1), FAILING, BAKED);
    expect(numbers.errors).toMatchObject({ finding: "breach", standing: "worse", order: { count: 400, of: 10_000 } });
    expect(numbers.latency).toMatchObject({ finding: "clear", standing: "same" });
    expect(numbers.mismatches).toMatchObject({ finding: "inconclusive", seen: { count: 0, of: 0 } });
  });

  it("reads its numbers from the counts of each hour", () => {
    const route = RouteType.parse("REGISTER_DOMAIN");
    const ended = { kind: "ended", route, at: SINCE, ms: 100 } as const;
    const hours = [
      tallied(countsOf({ ...ended, path: "legacy", status: "COMPLETED" }, STRICT)),
      tallied([
        ...countsOf({ ...ended, path: "order", status: "FAILED" }, STRICT),
        ...countsOf({ kind: "judged", route, at: SINCE, against: "legacy", verdict: "mismatch" }, STRICT),
        ...countsOf({ kind: "judged", route, at: SINCE, against: "order", verdict: "match" }, STRICT),
        ...countsOf({ kind: "judged", route, at: SINCE, against: "legacy", verdict: "old-only" }, STRICT),
        ...countsOf({ kind: "judged", route, at: SINCE, against: "legacy", verdict: "new-only" }, STRICT),
        ...countsOf({ kind: "shadow-failed", route, at: SINCE }, STRICT),
      ]),
    ];
    expect(guardNumbers(hours)).toEqual({
      strata: [hourOf([0, 1], [0, 0]), hourOf([0, 0], [1, 1])],
      latency: { legacy: fast(1), order: fast(1) },
      mismatches: { count: 1, of: 1 },
      baseline: { count: 0, of: 1 },
      unplanned: 2,
    });
    // What came after all left the hour in which it was missed, which may be before the step.
    expect(guardNumbers([{ "verdict.old-only": -1 }])).toMatchObject({ unplanned: 0 });
  });
});

describe("for any numbers (property)", () => {
  const rate = fc.nat(20_000).chain((of) => fc.nat(Math.min(of, 600)).map((count) => ({ count, of })));
  const histogram = fc.dictionary(fc.integer({ min: 20, max: 40 }).map(String), fc.nat(5000));
  const numbers: fc.Arbitrary<GuardNumbers> = fc.oneof(
    fc.constantFrom(GOOD, FAILING, SLOW),
    fc.record({
      strata: fc.array(fc.record({ legacy: rate, order: rate }), { maxLength: 3 }),
      latency: fc.record({ legacy: histogram, order: histogram }),
      mismatches: rate,
      baseline: rate,
      unplanned: fc.nat(600),
    }),
  );
  const state = fc
    .record({
      stage: fc.constantFrom("legacy" as const, "shadow" as const, "split" as const, "order" as const),
      percentage: fc.constantFrom(0, 10, 11, 50, 100),
      version: fc.constantFrom(7, 8),
      held: fc.boolean(),
    })
    .map(({ held, ...rollout }): GuardState => {
      const hold = held ? { hold: { source: "domains", since: 0, forced: false } } : {};
      return { rollout: { ...rollout, ...hold }, knownVersion: 7, since: SINCE };
    });
  const now = fc.integer({ min: SINCE, max: BAKED + policy.bakeMs });

  it("it promotes to the next step alone, baked and clear, and moves nothing that is not its own", () => {
    fc.assert(
      fc.property(state, numbers, now, (given, seen, when) => {
        const { rollout } = given;
        const { kind, to, numbers: found } = decideGuard(policy, given, seen, when);
        // What is audited can be stored.
        expect(JSON.parse(JSON.stringify(found))).toEqual(found);
        const step = policy.ramp.findIndex((s) => s.stage === rollout.stage && s.percentage === rollout.percentage);
        if (kind !== "hold") {
          expect(rollout).toMatchObject({ version: 7 });
          expect(rollout.hold).toBeUndefined();
          expect(step).toBeGreaterThanOrEqual(0);
        }
        if (kind === "hold") expect(to).toEqual({ stage: rollout.stage, percentage: rollout.percentage });
        if (kind === "roll-back") {
          expect(to).toEqual({ stage: "legacy", percentage: 0 });
          expect(Object.values(found).some(({ finding }) => finding === "breach")).toBe(true);
        }
        if (kind === "promote") {
          expect(to).toEqual(policy.ramp[step + 1]);
          expect(when).toBeGreaterThanOrEqual(BAKED);
          const measured = rollout.stage === "shadow" ? [found.mismatches] : [found.errors, found.latency];
          expect(measured.map(({ finding }) => finding)).not.toContain("inconclusive");
          expect(Object.values(found).map(({ finding }) => finding)).not.toContain("breach");
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("a policy", () => {
  it.each([
    ["without a step", []],
    [
      "that falls",
      [
        { stage: "split", percentage: 50 },
        { stage: "split", percentage: 10 },
      ],
    ],
    [
      "that stands still",
      [
        { stage: "split", percentage: 50 },
        { stage: "split", percentage: 50 },
      ],
    ],
    [
      "that goes back to shadow",
      [
        { stage: "split", percentage: 1 },
        { stage: "shadow", percentage: 0 },
      ],
    ],
    ["beyond everything", [{ stage: "split", percentage: 101 }]],
    ["finer than a bucket", [{ stage: "split", percentage: 0.001 }]],
    ["of legacy", [{ stage: "legacy", percentage: 0 }]],
  ])("has no ramp %s", (_, ramp) => {
    expect(GuardPolicy.safeParse({ ramp }).success).toBe(false);
  });

  it("says nothing that the guard does not know", () => {
    expect(GuardPolicy.safeParse({ ramp: policy.ramp, bakeHours: 1 }).success).toBe(false);
  });
});
