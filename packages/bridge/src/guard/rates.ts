import * as z from "zod";

const count = z.int().nonnegative();

/** How often something happened, of how many times it could have: failures of requests that ended. */
export const Rate = z.strictObject({ count, of: count }).readonly();
export type Rate = z.infer<typeof Rate>;

/** An estimate with the bounds of its interval. */
export const Interval = z.strictObject({ estimate: z.number(), low: z.number(), high: z.number() }).readonly();
export type Interval = z.infer<typeof Interval>;

/** Two-sided 95 %: the 0.975 quantile of the standard normal distribution. */
export const Z_95 = 1.959963984540054;

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/**
 * The score interval of a binomial rate (Wilson, 1927, J. Am. Stat. Assoc. 22:209-212), without continuity correction.
 * Within 0 and 1, and never of no width, unlike the estimate plus and minus its standard error. Valid for one look at a
 * number of requests that was not chosen by the result; for repeated looks see timeUniformZ.
 * @param z half the width in standard errors; Z_95 for a confidence of 95 %.
 * @returns 0 to 1 for a rate of nothing, with an estimate of 0.
 */
export function wilson({ count, of }: Rate, z: number = Z_95): Interval {
  if (of === 0) return { estimate: 0, low: 0, high: 1 };
  const estimate = count / of;
  const scale = 1 / (1 + (z * z) / of);
  const centre = scale * (estimate + (z * z) / (2 * of));
  const half = scale * z * Math.sqrt((estimate * (1 - estimate)) / of + (z * z) / (4 * of * of));
  // At 0 and 1 the bound is the estimate itself, but for rounding.
  return {
    estimate,
    low: count === 0 ? 0 : Math.min(estimate, clamp(centre - half)),
    high: count === of ? 1 : Math.max(estimate, clamp(centre + half)),
  };
}

/**
 * How much greater the second rate is than the first: the hybrid score interval (Newcombe, 1998, Stat. Med. 17:873-890,
 * method 10), made of the two Wilson intervals. Within -1 and 1. Assumes that requests are independent of each other.
 */
export function rateDifference(first: Rate, second: Rate, z: number = Z_95): Interval {
  const [a, b] = [wilson(first, z), wilson(second, z)];
  const estimate = b.estimate - a.estimate;
  return {
    estimate,
    low: estimate - Math.hypot(b.estimate - b.low, a.high - a.estimate),
    high: estimate + Math.hypot(b.high - b.estimate, a.estimate - a.low),
  };
}
