import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundsOf, bucketOf, type Histogram, LAST_BUCKET, LATENCY_ERROR, quantile } from "./latency.ts";

const histogramOf = (latencies: readonly number[]): Histogram => {
  const counts: Record<number, number> = {};
  for (const ms of latencies) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
  return counts;
};

describe("a latency", () => {
  it("falls into the one bucket whose bounds hold it (property)", () => {
    const exact = fc.nat(LAST_BUCKET).map((bucket) => 2 ** (bucket / 4));
    fc.assert(
      fc.property(fc.oneof(exact, fc.double({ min: 1e-9, max: 2 ** 31, noNaN: true }), fc.nat()), (ms) => {
        const { low, high } = boundsOf(bucketOf(ms));
        expect(ms > low || ms === 0).toBe(true);
        expect(ms).toBeLessThanOrEqual(high);
      }),
    );
  });

  it.each([
    [-5, 0],
    [0, 0],
    [1, 0],
    [1.001, 1],
    [2, 4],
    [2.001, 5],
    [2 ** 31, 124],
    [2 ** 31 + 1, LAST_BUCKET],
    [Infinity, LAST_BUCKET],
    [Number.NaN, 0],
  ])("of %d ms is in bucket %d", (ms, bucket) => {
    expect(bucketOf(ms)).toBe(bucket);
  });
});

describe("a quantile", () => {
  it("is off by no more than the stated error (property)", () => {
    const latency = fc.double({ min: 1.001, max: 2 ** 31, noNaN: true });
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const sorted = [...all].sort((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(share * all.length)) - 1] ?? Number.NaN;
        const read = quantile(histogramOf(all), share) ?? Number.NaN;
        expect(Math.max(read / exact, exact / read)).toBeLessThanOrEqual(1 + LATENCY_ERROR + 1e-12);
      }),
    );
  });

  it("of nothing is unknown", () => {
    expect(quantile({}, 0.95)).toBeUndefined();
  });
});
