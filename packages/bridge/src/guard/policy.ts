import * as z from "zod";

/** The stages in which the guard may leave a route, in the order of a ramp. */
export const RampStage = z.enum(["shadow", "split", "order"]);
export type RampStage = z.infer<typeof RampStage>;

/** One step of a ramp: what the rollout says while the route stands on it. */
export const RampStep = z.strictObject({
  stage: RampStage,
  percentage: z.number().min(0).max(100).multipleOf(0.01),
});
export type RampStep = z.infer<typeof RampStep>;

const rises = (steps: readonly RampStep[]): boolean =>
  steps.every((step, n) => {
    const before = steps[n - 1];
    if (before === undefined) return true;
    const stages = RampStage.options.indexOf(step.stage) - RampStage.options.indexOf(before.stage);
    return stages > 0 || (stages === 0 && step.percentage > before.percentage);
  });

const share = z.number().gt(0).lt(1);

/**
 * How the guard moves a route (X10). A person sets it; nothing but the ramp has to be given. All chances are those of
 * one step of the ramp, since every step begins its counts anew.
 */
export const GuardPolicy = z.strictObject({
  /** Where the route may be taken, step by step; the last one is the limit. */
  ramp: z.array(RampStep).min(1).refine(rises, "every step of a ramp goes further than the one before it"),
  /** Requests that must have ended on each path since the step began, or been compared, before it promotes. */
  minimumSamples: z.int().positive().default(500),
  /** Milliseconds for which a step lasts at least; a day, so that it saw every hour of one. */
  bakeMs: z
    .int()
    .nonnegative()
    .default(24 * 3600 * 1000),
  errors: z
    .strictObject({
      /** The smallest rise of the error rate that matters: 0.01 is one percentage point. */
      margin: share,
      /** How often it may roll back where the error rate did not rise. */
      falseAlarm: share.max(0.5),
    })
    .default({ margin: 0.01, falseAlarm: 0.003 }),
  latency: z
    .strictObject({
      /** 0.95 bounds p95. */
      quantile: share,
      /** How much slower the order path may be at that quantile. */
      ratio: z.number().min(1),
      falseAlarm: share.max(0.5),
    })
    .default({ quantile: 0.95, ratio: 1.5, falseAlarm: 0.001 }),
  mismatches: z
    .strictObject({
      /** The largest rate of mismatches above that of the baseline, order against order. */
      largest: share,
      falseAlarm: share.max(0.5),
    })
    .default({ largest: 0.005, falseAlarm: 0.001 }),
  /** How often a difference as large as a bound may be taken for none, so that a step is promoted. */
  falseCalm: share.max(0.5).default(0.05),
});
export type GuardPolicy = z.infer<typeof GuardPolicy>;
