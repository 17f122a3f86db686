import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CohortKey, RequestId } from "./ids.ts";
import { BUCKETS, bucketOf, choosePath, initialRollout, isInBaseline, isSampled, Rollout } from "./rollout.ts";
import { aKey, NOW, REGISTER } from "./testing.ts";

const rollout = (given: Partial<Rollout> = {}): Rollout => ({
  ...initialRollout(REGISTER),
  stage: "split",
  version: 4,
  ...given,
});
const cohort = (text: string) => CohortKey.parse(text);
const cohorts = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }).map(cohort);
const percentages = fc.integer({ min: 0, max: BUCKETS }).map((hundredths) => hundredths / 100);
const pathAt = (percentage: number, key: CohortKey, given: Partial<Rollout> = {}) =>
  choosePath(rollout({ percentage, ...given }), key, NOW).path;

/** A cohort of a given bucket, found by search: about one in ten thousand is. */
function cohortIn(bucket: number): CohortKey {
  for (let n = 0; n < 1_000_000; n++) {
    const key = cohort(`cust-${n}`);
    if (bucketOf(REGISTER, key) === bucket) return key;
  }
  throw new Error(`no cohort in bucket ${bucket}`);
}

describe("the bucket", () => {
  it("is the first 4 bytes of SHA-256(salt ':' cohort), unsigned, modulo 10,000 (property)", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 100 }), cohorts, (salt, key) => {
        const hex = createHash("sha256")
          .update(Buffer.from(`${salt}:${key}`))
          .digest("hex");
        const bucket = Number(BigInt(`0x${hex.slice(0, 8)}`) % 10_000n);
        expect(bucketOf(salt, key)).toBe(bucket);
      }),
    );
  });

  it("never changes: these cohorts stay where they were", () => {
    // Computed with: printf '%s' "REGISTER_DOMAIN:cust-1001" | sha256sum
    expect([1001, 1002, 1003].map((n) => bucketOf("REGISTER_DOMAIN", cohort(`cust-${n}`)))).toEqual([7208, 7850, 367]);
  });

  it("spreads cohorts evenly: of 10,000, half a per cent off at most", () => {
    const keys = Array.from({ length: 10_000 }, (_, n) => cohort(`cust-${n}`));
    const ordered = keys.filter((key) => pathAt(10, key) === "order").length;
    expect(ordered).toBeGreaterThan(950);
    expect(ordered).toBeLessThan(1050);
  });
});

describe("the percentage", () => {
  it("only adds cohorts when it is raised (property)", () => {
    fc.assert(
      fc.property(cohorts, percentages, percentages, (key, one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one];
        if (pathAt(low, key) === "order") expect(pathAt(high, key)).toBe("order");
      }),
      { numRuns: 500 },
    );
  });

  it("returns the same cohorts after a ramp down and up (property)", () => {
    fc.assert(
      fc.property(fc.array(cohorts, { minLength: 1 }), percentages, percentages, (keys, first, between) => {
        const of = (percentage: number, version: number) => keys.map((key) => pathAt(percentage, key, { version }));
        const before = of(first, 1);
        of(between, 2);
        expect(of(first, 3)).toEqual(before);
      }),
    );
  });

  it("counts in hundredths of a per cent: every bucket is on both sides of its own (each of 10,000)", () => {
    const key = cohort("cust-1");
    const bucket = bucketOf(REGISTER, key);
    for (let hundredths = 0; hundredths <= BUCKETS; hundredths++) {
      const { percentage } = Rollout.parse(rollout({ percentage: hundredths / 100 }));
      expect(pathAt(percentage, key)).toBe(bucket < hundredths ? "order" : "legacy");
    }
  });

  it("0 takes nobody, 0.01 the first bucket alone, 99.99 all but the last, 100 everybody", () => {
    const keys = [0, 1, BUCKETS - 2, BUCKETS - 1].map(cohortIn);
    const paths = (percentage: number) => keys.map((key) => pathAt(percentage, key) === "order");
    expect(paths(0)).toEqual([false, false, false, false]);
    expect(paths(0.01)).toEqual([true, false, false, false]);
    expect(paths(99.99)).toEqual([true, true, true, false]);
    expect(paths(100)).toEqual([true, true, true, true]);
  });

  // 0.29 * 100 is 28.999999999999996, and 0.07 * 100 is 7.000000000000001.
  it.each([0.07, 0.29, 0.55, 0.57])("%d per cent loses or gains no bucket by rounding", (percentage) => {
    const last = Math.round(percentage * 100) - 1;
    expect(pathAt(percentage, cohortIn(last))).toBe("order");
    expect(pathAt(percentage, cohortIn(last + 1))).toBe("legacy");
  });
});

describe("precedence", () => {
  const key = cohort("cust-1");
  const everything = { percentage: 100, include: [key], exclude: [key], legacyBefore: NOW + 1 };

  it.each([
    ["before the switch, over all else", everything, "legacy", "before-switch"],
    ["at the switch no more", { ...everything, legacyBefore: NOW }, "legacy", "excluded"],
    [
      "the exclude list, over the include list",
      { percentage: 100, include: [key], exclude: [key] },
      "legacy",
      "excluded",
    ],
    ["the include list, over the bucket", { percentage: 0, include: [key] }, "order", "included"],
    ["the bucket", { percentage: 100 }, "order", "bucket"],
    ["the bucket, of others than the listed", { include: [cohort("cust-2")] }, "legacy", "bucket"],
  ] as const)("%s", (_, given, path, reason) => {
    const { include = [], exclude = [], ...rest } = { include: undefined, exclude: undefined, ...given };
    const choice = choosePath(rollout({ ...rest, include: [...include], exclude: [...exclude] }), key, NOW);
    expect(choice).toEqual({ path, reason, bucket: bucketOf(REGISTER, key), stage: "split", rolloutVersion: 4 });
  });

  it.each([
    [-1, "before-switch"],
    [0, "bucket"],
    [1, "bucket"],
  ])("a message sent %i ms after the switch: %s", (after, reason) => {
    const choice = choosePath(rollout({ percentage: 100, legacyBefore: NOW }), key, NOW + after);
    expect(choice).toMatchObject({ path: after < 0 ? "legacy" : "order", reason });
  });
});

describe("the stage table", () => {
  const keys = { listedIn: cohort("in"), listedOut: cohort("out"), other: cohort("cust-1") };
  const lists = { include: [keys.listedIn], exclude: [keys.listedOut] };

  it.each([
    ["legacy", 100, "legacy", "legacy", "legacy"],
    ["shadow", 100, "legacy", "legacy", "legacy"],
    ["split", 0, "order", "legacy", "legacy"],
    ["split", 100, "order", "legacy", "order"],
    ["order", 0, "order", "legacy", "order"],
  ] as const)("%s at %i per cent", (stage, percentage, listedIn, listedOut, other) => {
    const path = (key: CohortKey) => choosePath(rollout({ stage, percentage, ...lists }), key, NOW).path;
    expect([path(keys.listedIn), path(keys.listedOut), path(keys.other)]).toEqual([listedIn, listedOut, other]);
  });

  it.each([
    ["legacy", undefined],
    ["shadow", 12.5],
    ["split", undefined],
    ["order", undefined],
  ] as const)("%s says the sample to be planned: %s", (stage, sample) => {
    expect(choosePath(rollout({ stage, sample: 12.5 }), keys.other, NOW).sample).toBe(sample);
    expect(choosePath(rollout({ stage, sample: 12.5, legacyBefore: NOW + 1 }), keys.other, NOW).sample).toBe(sample);
  });

  it("the baseline is said with the sample; 5 % unless given", () => {
    const baselineOf = (given: Partial<Rollout>) => choosePath(rollout(given), keys.other, NOW).baseline;
    expect([baselineOf({ stage: "shadow" }), baselineOf({ stage: "shadow", baseline: 20 })]).toEqual([5, 20]);
    expect(baselineOf({ stage: "split", baseline: 20 })).toBeUndefined();
  });

  it("keeps everything on legacy for a route of which nothing was said (property)", () => {
    fc.assert(
      fc.property(cohorts, fc.nat(), (key, sentAt) => {
        expect(choosePath(initialRollout(REGISTER), key, sentAt).path).toBe("legacy");
      }),
    );
  });
});

describe("the schema", () => {
  it("takes the initial rollout, and lists and a sample that are left out", () => {
    const { include: _, exclude: __, sample: ___, baseline: ____, ...rest } = initialRollout(REGISTER);
    expect(Rollout.parse(rest)).toEqual(initialRollout(REGISTER));
  });

  it.each([
    ["percentage", -0.01],
    ["percentage", 100.01],
    ["percentage", 0.005],
    ["percentage", "10"],
    ["percentage", Number.NaN],
    ["sample", -0.01],
    ["baseline", 100.01],
    ["sample", 100.01],
    ["sample", 0.005],
    ["stage", "shadowy"],
    ["salt", ""],
    ["salt", "s".repeat(101)],
    ["version", -1],
    ["version", 1.5],
    ["legacyBefore", -1],
    ["include", [""]],
    ["exclude", "cust-1"],
    ["route", "register"],
  ])("refuses %s %j", (field, value) => {
    const { error } = Rollout.safeParse({ ...rollout(), [field]: value });
    expect(error?.issues[0]?.path[0]).toBe(field);
  });

  it("refuses a field that it does not know", () => {
    expect(Rollout.safeParse({ ...rollout(), percent: 10 }).success).toBe(false);
  });
});

describe("the sample", () => {
  const requests = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }).map((id) => RequestId.parse(id));
  const sampledOf = (n: number, sample: number) =>
    Array.from({ length: n }, (_, i) => aKey(`request-${i}`)).filter((key) => isSampled(sample, key)).length;

  it("is the same for a request however often it is asked, and a larger one only adds (property)", () => {
    fc.assert(
      fc.property(requests, percentages, percentages, (requestId, one, other) => {
        const key = { route: REGISTER, requestId };
        const [low, high] = one < other ? [one, other] : [other, one];
        expect(isSampled(low, { ...key })).toBe(isSampled(low, key));
        if (isSampled(low, key)) expect(isSampled(high, key)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("0 takes nothing and 100 everything (property)", () => {
    fc.assert(
      fc.property(requests, (requestId) => {
        const key = { route: REGISTER, requestId };
        expect([isSampled(0, key), isSampled(100, key)]).toEqual([false, true]);
      }),
    );
  });

  it("is of the size that was asked for, within four standard deviations (property)", () => {
    const n = 10_000;
    fc.assert(
      fc.property(percentages, (sample) => {
        const p = sample / 100;
        const off = Math.abs(sampledOf(n, sample) - n * p);
        expect(off).toBeLessThanOrEqual(4 * Math.sqrt(n * p * (1 - p)) + 1);
      }),
      { numRuns: 40 },
    );
  });

  it("never changes: computed with printf '%s' \"shadow-sample:REGISTER_DOMAIN#request-1\" | sha256sum", () => {
    const bucket = 3652;
    expect([bucket, bucket + 1].map((sample) => isSampled(sample / 100, aKey("request-1")))).toEqual([false, true]);
  });

  it("is another one for the baseline, so that a sample of the sample is taken", () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => aKey(`request-${i}`));
    const both = keys.filter((key) => isSampled(50, key) && isInBaseline(50, key));
    expect(Math.abs(both.length - 2_500)).toBeLessThan(4 * Math.sqrt(10_000 * 0.25 * 0.75));
    // Computed with printf '%s' "baseline-sample:REGISTER_DOMAIN#request-1" | sha256sum.
    const bucket = 6651;
    expect([bucket, bucket + 1].map((each) => isInBaseline(each / 100, aKey("request-1")))).toEqual([false, true]);
  });

  it("has nothing to do with the cohorts: half of the requests of any half of the buckets", () => {
    const twice = Array.from({ length: 10_000 }, (_, i) => `id-${i}`).filter(
      (id) => bucketOf(REGISTER, cohort(id)) < BUCKETS / 2 && isSampled(50, aKey(id)),
    );
    expect(Math.abs(twice.length - 2_500)).toBeLessThan(4 * Math.sqrt(10_000 * 0.25 * 0.75));
  });
});

describe("a hold", () => {
  const hold = { source: "registrations", since: NOW, forced: true };

  it("claims everything legacy as if it was sent before the switch, lists included; on the way back without that", () => {
    const held = { ...rollout({ stage: "legacy", include: [cohort("cust-1")] }), hold };
    expect(choosePath(held, cohort("cust-1"), NOW + 1)).toMatchObject({ path: "legacy", reason: "before-switch" });
    const back = { ...held, hold: { ...hold, forced: false } };
    expect(choosePath(back, cohort("cust-1"), NOW + 1)).toMatchObject({ path: "legacy", reason: "bucket" });
    // Also a rollout that no store would have taken.
    expect(choosePath(rollout({ stage: "order", hold }), cohort("cust-1"), NOW + 1).path).toBe("legacy");
  });

  it.each(["split", "order"] as const)("goes with no stage but legacy: not with %s", (stage) => {
    expect(Rollout.safeParse(rollout({ stage, hold })).success).toBe(false);
    expect(Rollout.safeParse(rollout({ stage: "legacy", hold })).success).toBe(true);
    expect(Rollout.safeParse(rollout({ stage, hold: { ...hold, tap: true } })).success).toBe(false);
  });

  it("goes with shadow where it is a tap's, and not while anything else is on its way", () => {
    expect(Rollout.safeParse(rollout({ stage: "shadow", hold })).success).toBe(false);
    const tapped = rollout({ stage: "shadow", hold: { ...hold, tap: true } });
    expect(Rollout.safeParse(tapped).success).toBe(true);
    expect(choosePath(tapped, cohort("cust-1"), NOW)).toMatchObject({ path: "legacy", sample: 100 });
  });
});
