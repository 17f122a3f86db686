import * as z from "zod";
import { type Rollout, Stage } from "../rollout.ts";
import { type Finding, findingsOf, GuardFindings } from "./findings.ts";
import type { GuardNumbers } from "./numbers.ts";
import type { GuardPolicy, RampStage, RampStep } from "./policy.ts";

/** Where a route stands on its ramp. */
export interface GuardState {
  readonly rollout: Pick<Rollout, "percentage" | "version" | "hold"> & { readonly stage: Rollout["stage"] };
  /** The version that the person wrote with the ramp, or the guard since; any other is a person's change. */
  readonly knownVersion: number;
  /** When the step began, in epoch milliseconds. */
  readonly since: number;
}

/**
 * held: its source is being attached or detached. changed-by-person: somebody changed the rollout since, and it is theirs
 * until they set a ramp again. off-ramp: it stands on no step of the ramp, before the first one, or rolled back.
 */
export const GuardReason = z.enum([
  "held",
  "changed-by-person",
  "off-ramp",
  "breach",
  "last-step",
  "baking",
  "too-few-samples",
  "inconclusive",
  "all-clear",
]);
export type GuardReason = z.infer<typeof GuardReason>;

/** Where a route is to stand. */
export const GuardTarget = z.strictObject({ stage: Stage, percentage: z.number().min(0).max(100) });
export type GuardTarget = z.infer<typeof GuardTarget>;

export const GuardDecision = z.strictObject({
  kind: z.enum(["hold", "promote", "roll-back"]),
  /** Where it stands, for a hold. */
  to: GuardTarget,
  why: GuardReason,
  numbers: GuardFindings,
});
export type GuardDecision = z.infer<typeof GuardDecision>;

/** Rolled back at once and all the way: what was claimed keeps its path (P2), and nothing more goes there. */
const LEGACY: GuardTarget = { stage: "legacy", percentage: 0 };

type Measure = keyof GuardFindings;

/** What must be clear before a step of that stage is left. In shadow nothing ends on the order path. */
const MEASURES: Readonly<Record<RampStage, readonly Measure[]>> = {
  shadow: ["mismatches"],
  split: ["errors", "latency"],
  order: ["errors", "latency"],
};

const samplesOf = (measure: Measure, { errors, mismatches }: GuardFindings): number =>
  measure === "mismatches" ? mismatches.seen.of : Math.min(errors.legacy.of, errors.order.of);

/** What was measured besides: a clear one adds nothing, a breach is a breach in any stage. */
const allMeasures: readonly Measure[] = ["errors", "latency", "mismatches"];

function promotion(
  policy: GuardPolicy,
  step: RampStep,
  next: RampStep | undefined,
  bakedMs: number,
  numbers: GuardFindings,
): Pick<GuardDecision, "kind" | "why"> & { readonly to?: RampStep } {
  const measures = MEASURES[step.stage];
  const are = (finding: Finding) => measures.every((measure) => numbers[measure].finding === finding);
  const samples = Math.min(...measures.map((measure) => samplesOf(measure, numbers)));
  if (next === undefined) return { kind: "hold", why: "last-step" };
  if (bakedMs < policy.bakeMs) return { kind: "hold", why: "baking" };
  if (samples < policy.minimumSamples) return { kind: "hold", why: "too-few-samples" };
  return are("clear") ? { kind: "promote", why: "all-clear", to: next } : { kind: "hold", why: "inconclusive" };
}

/**
 * What to do about a route now (X10). It goes to the next step of the ramp that a person set, and no further, when the
 * step is baked, has its samples and keeps every bound for sure; it holds where that is not yet known; it goes back to
 * legacy at once on a breach, baked or not. It does nothing to a rollout that is held or that a person has changed
 * since; the findings say then whether a bound is broken. A step with everything on the order path has nothing to be
 * compared with.
 * @param now epoch milliseconds.
 */
export function decideGuard(policy: GuardPolicy, state: GuardState, numbers: GuardNumbers, now: number): GuardDecision {
  const { rollout } = state;
  const here: GuardTarget = { stage: rollout.stage, percentage: rollout.percentage };
  const findings = findingsOf(policy, numbers);
  const hold = (why: GuardReason): GuardDecision => ({ kind: "hold", to: here, why, numbers: findings });
  if (rollout.hold !== undefined) return hold("held");
  if (rollout.version !== state.knownVersion) return hold("changed-by-person");
  const at = policy.ramp.findIndex(({ stage, percentage }) => stage === here.stage && percentage === here.percentage);
  const step = policy.ramp[at];
  if (step === undefined) return hold("off-ramp");
  if (allMeasures.some((measure) => findings[measure].finding === "breach"))
    return { kind: "roll-back", to: LEGACY, why: "breach", numbers: findings };
  return { to: here, numbers: findings, ...promotion(policy, step, policy.ramp[at + 1], now - state.since, findings) };
}
