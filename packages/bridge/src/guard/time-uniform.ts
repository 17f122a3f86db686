import { type Interval, type Rate, rateDifference } from "./rates.ts";

/** Bounds are narrowest, next to those of a single look, around ten times so many requests. */
const TUNED_FOR = 100;

/**
 * Half the width of an interval, in standard errors, that holds at every look at once: the chance that one of its
 * bounds is ever crossed, however often and for however long one looks, is at most `alpha`.
 *
 * Method: Robbins' one-sided normal mixture (Ann. Math. Stat. 41:1397-1409, 1970) in the closed form of Howard, Ramdas,
 * McAuliffe and Sekhon (Ann. Stat. 49:1055-1080, 2021). Assumes that the standardised sum behaves like a Brownian motion,
 * so that it is approximate for few requests (Waudby-Smith et al., Ann. Stat. 52:2613-2640, 2024).
 * @param of independent requests behind the estimate.
 * @param alpha 0 to 0.5, for one bound.
 */
export const timeUniformZ = (of: number, alpha: number): number =>
  of <= 0
    ? Infinity
    : Math.sqrt(2 * (1 + TUNED_FOR / of) * Math.log(1 + Math.sqrt((of + TUNED_FOR) / TUNED_FOR) / (2 * alpha)));

/** The requests behind a difference of two rates: half of each, where both have as many. */
const behind = (first: Rate, second: Rate): number =>
  first.of === 0 || second.of === 0 ? 0 : 1 / (1 / first.of + 1 / second.of);

/** How much greater the second rate is, at every look at once: rateDifference with the bounds of timeUniformZ. */
export function differenceAtAnyTime(first: Rate, second: Rate, alpha: number): Interval {
  const of = behind(first, second);
  if (of === 0) return { estimate: 0, low: -1, high: 1 };
  return rateDifference(first, second, timeUniformZ(of, alpha));
}
