import { NO_BOUND } from "./compare-latency.ts";
import type { GuardDecision, GuardTarget } from "./decide.ts";
import type { GuardFindings } from "./findings.ts";
import type { GuardPolicy } from "./policy.ts";
import type { Interval, Rate } from "./rates.ts";

/** Two figures after the point at most, none where there is nothing behind it. */
const short = (value: number): string => String(Number(value.toFixed(2)));
const percent = (share: number): string => `${short(100 * share)} %`;
const rate = ({ count, of }: Rate): string => `${count} of ${of}${of === 0 ? "" : ` (${percent(count / of)})`}`;
const points = ({ estimate, low, high }: Interval): string =>
  `${short(100 * estimate)} points (${short(100 * low)} to ${short(100 * high)})`;

function milliseconds(interval: Interval | undefined): string {
  if (interval === undefined) return "nothing ended";
  const { estimate, low, high } = interval;
  const most = high >= NO_BOUND ? "no bound yet" : `${Math.round(high)}`;
  return `${Math.round(estimate)} ms (${Math.round(low)} to ${most})`;
}

/** The numbers that a decision saw, measure by measure; intervals hold at every look. */
export function wordsOfNumbers(
  { errors, latency, mismatches }: GuardFindings,
  { latency: { quantile } }: Pick<GuardPolicy, "latency">,
): readonly string[] {
  const { seen, baseline, above, unplanned } = mismatches;
  const without = unplanned === undefined ? "" : `, without a plan ${unplanned}`;
  return [
    `errors ${errors.finding}: order ${rate(errors.order)}, legacy ${rate(errors.legacy)}, difference ${points(errors.difference)}`,
    `latency ${latency.finding}: p${short(100 * quantile)} of order ${milliseconds(latency.order)}, of legacy ${milliseconds(latency.legacy)}`,
    `mismatches ${mismatches.finding}: ${rate(seen)}, baseline ${rate(baseline)}, above it ${points(above)}${without}`,
  ];
}

export const wordsOfTarget = ({ stage, percentage }: GuardTarget): string =>
  stage === "split" ? `split ${percentage} %` : stage;

/** Why each of the reasons leads to what it leads to. */
export const WHY: Readonly<Record<GuardDecision["why"], string>> = {
  held: "the route is held by its source",
  "changed-by-person": "somebody changed the rollout since the guard was set: it is theirs until they set it again",
  "off-ramp": "the route stands on no step of its ramp",
  breach: "a bound is broken",
  "last-step": "this is the last step of its ramp",
  baking: "the step has not lasted long enough yet",
  "too-few-samples": "too few requests have ended yet",
  inconclusive: "the numbers do not tell yet",
  "all-clear": "every bound is kept",
};

/** A decision with its numbers in one line: the reason that is kept with a rollout which the guard changes. */
export const wordsOf = ({ why, numbers }: GuardDecision, policy: GuardPolicy): string =>
  [WHY[why], ...wordsOfNumbers(numbers, policy)].join("; ");
