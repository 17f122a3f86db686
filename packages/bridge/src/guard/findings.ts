import * as z from "zod";
import { compareLatency, LatencyComparison } from "./compare-latency.ts";
import { compareRates, RateComparison } from "./compare-rates.ts";
import { total } from "./evidence.ts";
import type { GuardNumbers } from "./numbers.ts";
import type { GuardPolicy } from "./policy.ts";
import { Interval, Rate, wilson } from "./rates.ts";
import { differenceAtAnyTime, timeUniformZ } from "./time-uniform.ts";

/** What one bound of the policy says: broken, kept for sure, or not yet known. */
export const Finding = z.enum(["breach", "clear", "inconclusive"]);
export type Finding = z.infer<typeof Finding>;

/** The numbers that a decision saw; audited with it. */
export const GuardFindings = z.strictObject({
  errors: z.strictObject({ ...RateComparison.shape, finding: Finding, legacy: Rate, order: Rate }),
  latency: z.strictObject({ ...LatencyComparison.shape, finding: Finding }),
  /** `above`: how much greater the rate of mismatches is than the baseline's. `unplanned`: where there is no plan; 0 unless given. */
  mismatches: z.strictObject({
    finding: Finding,
    above: Interval,
    seen: Rate,
    baseline: Rate,
    unplanned: z.int().positive().optional(),
  }),
});
export type GuardFindings = z.infer<typeof GuardFindings>;

const findingOf = (isBroken: boolean, isKept: boolean): Finding =>
  isBroken ? "breach" : isKept ? "clear" : "inconclusive";

/** Without a baseline there is no noise to subtract: every mismatch counts. */
const aboveBaseline = ({ mismatches: seen, baseline }: GuardNumbers, alpha: number): Interval =>
  baseline.of === 0 ? wilson(seen, timeUniformZ(seen.of, alpha)) : differenceAtAnyTime(baseline, seen, alpha);

/** Every bound of the policy against the numbers. */
export function findingsOf(policy: GuardPolicy, numbers: GuardNumbers): GuardFindings {
  const { falseCalm } = policy;
  const { mismatches, unplanned } = numbers;
  const rates = compareRates(numbers.strata, { ...policy.errors, falseCalm });
  const latency = compareLatency(numbers.latency.legacy, numbers.latency.order, { ...policy.latency, falseCalm });
  const { largest, falseAlarm } = policy.mismatches;
  const above = aboveBaseline(numbers, falseCalm);
  // Nothing is clear that would not be, had each missing plan been a mismatch; by itself none of them is one.
  const atWorst = { count: mismatches.count + unplanned, of: mismatches.of + unplanned };
  const isKept = aboveBaseline({ ...numbers, mismatches: atWorst }, falseCalm).high < largest;
  const isTooMany = aboveBaseline(numbers, falseAlarm).low > largest;
  return {
    errors: {
      ...rates,
      ...total(numbers.strata),
      finding: findingOf(rates.standing === "worse", rates.isNotWorse),
    },
    latency: { ...latency, finding: findingOf(latency.standing === "worse", latency.isNotWorse) },
    mismatches: {
      finding: findingOf(isTooMany, isKept),
      above,
      seen: mismatches,
      baseline: numbers.baseline,
      ...(unplanned > 0 && { unplanned }),
    },
  };
}
