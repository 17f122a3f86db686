import * as z from "zod";
import { boundsOf, type Histogram, quantileOf, type Ranked, ranked } from "../compare/latency.ts";
import { Standing } from "./compare-rates.ts";
import { Interval } from "./rates.ts";
import { timeUniformZ } from "./time-uniform.ts";

/** Milliseconds: so few latencies that nothing bounds the quantile from above. A number that can be stored. */
export const NO_BOUND = Number.MAX_SAFE_INTEGER;

/**
 * A quantile of latencies with its interval, in milliseconds. Method: order statistics (Conover, Practical Nonparametric
 * Statistics, 3rd ed., 3.2): how many latencies lie below the true quantile is binomial, whatever their distribution, so
 * that two ranks bound it; by the normal approximation. The bounds are those of the ranks' buckets, so that the interval
 * is never too narrow by the buckets' width. Undefined where nothing was counted; the high bound may be NO_BOUND.
 * @param z half the width in standard errors: timeUniformZ for bounds that hold at every look.
 */
export function quantileInterval(latencies: Ranked, share: number, z: number): Interval | undefined {
  const { of } = latencies;
  const estimate = quantileOf(latencies, share);
  if (estimate === undefined) return undefined;
  const half = z * Math.sqrt(of * share * (1 - share));
  const low = Math.floor(of * share - half);
  const high = Math.ceil(of * share + half) + 1;
  const [first, last] = [latencies.bucketAt(low), latencies.bucketAt(high)];
  return {
    estimate,
    low: first === undefined ? 0 : boundsOf(first).low,
    high: last === undefined ? NO_BOUND : Math.min(NO_BOUND, boundsOf(last).high),
  };
}

export const LatencyComparison = z.strictObject({
  standing: Standing,
  isNotWorse: z.boolean(),
  /** In milliseconds; undefined where nothing ended on that path. */
  legacy: Interval.optional(),
  order: Interval.optional(),
});
export type LatencyComparison = z.infer<typeof LatencyComparison>;

/** How sure a comparison of latencies is. */
export interface LatencyCertainty {
  /** The smallest share of all that counts as slow ends here: 0.95 compares p95. */
  readonly quantile: number;
  /** How much slower the order path may be: 1.5 for half as slow again. At least 1. */
  readonly ratio: number;
  /** How often the order path may ever be taken for slower than that, where it is not. 0 to 1. */
  readonly falseAlarm: number;
  /** How often it may ever be taken for as fast, where it is not. 0 to 1. */
  readonly falseCalm: number;
}

/**
 * A sequential test of a quantile of two latencies, by intervals that hold at every look. worse: the order path is slower
 * than `ratio` allows; same: it is not, nor faster by as much. Coarse by design: the ratio should be at least two buckets
 * (1.42), or equal paths stay unknown. Assumes that requests are independent of each other.
 */
export function compareLatency(
  legacy: Histogram,
  order: Histogram,
  { quantile: share, ratio, falseAlarm, falseCalm }: LatencyCertainty,
): LatencyComparison {
  // Each side's bound may be wrong by chance, so each gets half.
  const both = [ranked(legacy), ranked(order)];
  const sides = (alpha: number) => both.map((side) => quantileInterval(side, share, timeUniformZ(side.of, alpha / 2)));
  const [oldWide, newWide] = sides(falseAlarm);
  const [old, other] = sides(falseCalm);
  if (!oldWide || !newWide || !old || !other)
    return { standing: "unknown", isNotWorse: false, legacy: old, order: other };
  const isWorse = newWide.low > oldWide.high * ratio;
  const isNotWorse = other.high <= old.low * ratio;
  const isBetter = newWide.high * ratio < oldWide.low;
  const isSame = isNotWorse && old.high <= other.low * ratio;
  const standing = isWorse ? "worse" : isBetter ? "better" : isSame ? "same" : "unknown";
  return { standing, isNotWorse, legacy: old, order: other };
}
