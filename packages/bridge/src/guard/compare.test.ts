import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketOf, ranked } from "../compare/latency.ts";
import { compareLatency, quantileInterval } from "./compare-latency.ts";
import { compareRates } from "./compare-rates.ts";
import { hourOf } from "./testing.ts";
import { timeUniformZ } from "./time-uniform.ts";

const certainty = { margin: 0.01, falseAlarm: 0.003, falseCalm: 0.05 };

describe("two rates", () => {
  it.each([
    ["unknown", [2, 100], [3, 100], false],
    ["unknown", [0, 0], [0, 0], false],
    ["worse", [100, 5000], [200, 5000], false],
    ["better", [200, 5000], [100, 5000], true],
    ["same", [200, 10_000], [200, 10_000], true],
    ["same", [2000, 100_000], [2300, 100_000], true],
    ["worse", [2000, 100_000], [3200, 100_000], false],
    ["unknown", [100, 5000], [110, 5000], false],
  ] as const)("%s: %j and %j", (standing, legacy, order, isNotWorse) => {
    expect(compareRates([hourOf(legacy, order)], certainty)).toMatchObject({ standing, isNotWorse });
  });

  it("with the roles exchanged, worse is better (property)", () => {
    const rate = fc.integer({ min: 1, max: 3000 }).chain((of) => fc.nat(of).map((count) => [count, of] as const));
    const turned = { worse: "better", better: "worse", same: "same", unknown: "unknown" } as const;
    fc.assert(
      fc.property(rate, rate, (a, b) => {
        const there = compareRates([hourOf(a, b)], certainty).standing;
        expect(compareRates([hourOf(b, a)], certainty).standing).toBe(turned[there]);
      }),
    );
  });
});

const all = (ms: number, count: number) => ({ [bucketOf(ms)]: count });
const spread = (slow: number, count: number) => ({ ...all(100, 0.9 * count), ...all(slow, 0.1 * count) });
const bounds = { quantile: 0.95, ratio: 1.5, falseAlarm: 0.001, falseCalm: 0.05 };

describe("two latencies, at p95", () => {
  it.each([
    ["unknown", {}, spread(1000, 1000)],
    ["unknown", spread(1000, 50), spread(1000, 50)],
    ["same", spread(1000, 5000), spread(1000, 5000)],
    ["same", spread(1000, 5000), spread(1150, 5000)],
    ["worse", spread(1000, 5000), spread(2000, 5000)],
    ["better", spread(2000, 5000), spread(1000, 5000)],
    ["unknown", all(100, 200), all(1000, 200)],
    ["worse", all(100, 600), all(1000, 600)],
  ])("%s", (standing, legacy, order) => {
    expect(compareLatency(legacy, order, bounds).standing).toBe(standing);
  });

  it("have an interval that holds the estimate, and is no narrower than a bucket (property)", () => {
    const histogram = fc.dictionary(fc.nat(124).map(String), fc.integer({ min: 1, max: 500 }), { minKeys: 1 });
    fc.assert(
      fc.property(histogram, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (counts, share) => {
        const latencies = ranked(counts);
        const interval = quantileInterval(latencies, share, timeUniformZ(latencies.of, 0.05));
        expect(interval?.low).toBeLessThanOrEqual(interval?.estimate ?? Number.NaN);
        expect(interval?.high).toBeGreaterThanOrEqual(interval?.estimate ?? Number.NaN);
      }),
    );
  });
});
