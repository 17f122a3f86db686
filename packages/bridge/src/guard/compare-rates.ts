import * as z from "zod";
import { evidenceOfFall, evidenceOfRise, type Stratum, total } from "./evidence.ts";
import { Interval } from "./rates.ts";
import { differenceAtAnyTime } from "./time-uniform.ts";

/** How the order path does against the legacy path; unknown: not yet known. */
export const Standing = z.enum(["better", "same", "worse", "unknown"]);
export type Standing = z.infer<typeof Standing>;

/** How sure a sequential test is. Shares of 0 to 1. */
export interface Certainty {
  /** The smallest difference that matters; anything smaller counts as the same. */
  readonly margin: number;
  /** How often two equal paths may ever be told apart, in each direction. */
  readonly falseAlarm: number;
  /** How often a difference of the margin may ever be taken for none, in each direction. */
  readonly falseCalm: number;
}

export const RateComparison = z.strictObject({
  standing: Standing,
  /** True once a rise of the margin or more can be ruled out. */
  isNotWorse: z.boolean(),
  /** Order minus legacy, with bounds that hold at every look. */
  difference: Interval,
  /** E-value of a rise; it speaks from 1 / falseAlarm. */
  evidence: z.number(),
});
export type RateComparison = z.infer<typeof RateComparison>;

/**
 * A sequential test of two rates, which may be looked at after every request and stopped at any time. worse and better by
 * e-values (see evidenceOfRise), exact for small numbers; same, where the difference is shown to be within the margin,
 * by bounds that hold at every look (see timeUniformZ), approximate. What is shown to be within the margin is the same,
 * also where it is shown not to be nothing.
 * @param strata counts by hour.
 */
export function compareRates(strata: readonly Stratum[], { margin, falseAlarm, falseCalm }: Certainty): RateComparison {
  const { legacy, order } = total(strata);
  const difference = differenceAtAnyTime(legacy, order, falseCalm);
  const evidence = evidenceOfRise(strata, margin);
  const isNotWorse = difference.high < margin;
  const isSame = isNotWorse && difference.low > -margin;
  const isBetter = () => difference.estimate < 0 && evidenceOfFall(strata, margin) >= 1 / falseAlarm;
  const standing = isSame ? "same" : evidence >= 1 / falseAlarm ? "worse" : isBetter() ? "better" : "unknown";
  return { standing, isNotWorse, difference, evidence };
}
