import type { Histogram } from "../compare/latency.ts";
import { type Counts, failures, latencies, merged, mismatches, verdicts } from "../compare/tally.ts";
import type { Path } from "../rollout.ts";
import type { Stratum } from "./evidence.ts";
import type { Rate } from "./rates.ts";

/** What the guard looks at: what was counted since the step of the ramp began. */
export interface GuardNumbers {
  /** Failures of what ended or was refused, hour by hour. */
  readonly strata: readonly Stratum[];
  readonly latency: Readonly<Record<Path, Histogram>>;
  /** Mismatches of what was compared: order against legacy, and order against order. */
  readonly mismatches: Rate;
  readonly baseline: Rate;
  /** Requests of which there is no plan: it failed, or did not come in time. What they would have been, nobody knows. */
  readonly unplanned: number;
}

/** What was counted since: a verdict that was replaced meanwhile leaves its counter below what it was, which is 0 then. */
export const countedSince = (before: Counts, now: Counts): Counts =>
  Object.fromEntries(
    Object.entries(now).map(([counter, count]) => [counter, Math.max(0, count - (before[counter] ?? 0))]),
  );

/** @param hours the counts of every hour since the step began; of its first hour, those since it began. */
export function guardNumbers(hours: readonly Counts[]): GuardNumbers {
  const all = merged(...hours);
  const rate = (of: "verdict" | "baseline"): Rate => {
    const { compared, mismatched } = mismatches(all, of);
    return { count: mismatched, of: compared };
  };
  return {
    strata: hours.map((hour) => ({ legacy: failures(hour, "legacy"), order: failures(hour, "order") })),
    latency: { legacy: latencies(all, "legacy"), order: latencies(all, "order") },
    mismatches: rate("verdict"),
    baseline: rate("baseline"),
    // A verdict that was replaced may leave less than nothing in the hours that are looked at.
    unplanned: Math.max(0, (all["shadow-failed"] ?? 0) + verdicts(all, "verdict")["old-only"]),
  };
}
