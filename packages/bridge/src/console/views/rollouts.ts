import * as z from "zod";
import { GuardPolicy } from "../../guard/index.ts";
import { CohortKey } from "../../ids.ts";
import { Integration, Path, Rollout, Stage } from "../../rollout.ts";
import { Count, Milliseconds } from "./common.ts";

/** What a person may say of a rollout; what is not given stays. */
export const RolloutChange = z.strictObject({
  stage: Stage.optional(),
  percentage: z.number().min(0).max(100).multipleOf(0.01).optional(),
  sample: z.number().min(0).max(100).multipleOf(0.01).optional(),
  baseline: z.number().min(0).max(100).multipleOf(0.01).optional(),
  include: z.array(CohortKey).optional(),
  exclude: z.array(CohortKey).optional(),
  integration: Integration.optional(),
});
export type RolloutChange = z.infer<typeof RolloutChange>;

/** A change, the version that its author saw, and why. */
export const RolloutRequest = z.strictObject({
  change: RolloutChange,
  version: z.int().nonnegative(),
  reason: z.string().trim().min(1, "say why: it is kept with the change").max(1000),
});
export type RolloutRequest = z.infer<typeof RolloutRequest>;

/** What a change would do. Cohorts are those of requests that are in flight now. */
export const RolloutPreview = z.strictObject({
  at: Milliseconds,
  next: Rollout,
  /** Of 10,000. */
  buckets: z.strictObject({ toOrder: Count, toLegacy: Count }),
  cohorts: z.strictObject({
    seen: Count,
    toOrder: Count,
    toLegacy: Count,
    /** Some of them, for operators alone: they may be names of customers. */
    examples: z.array(z.strictObject({ cohortKey: CohortKey, to: Path })).optional(),
  }),
});
export type RolloutPreview = z.infer<typeof RolloutPreview>;

export const GuardRequest = z.strictObject({
  policy: GuardPolicy,
  version: z.int().nonnegative(),
  reason: z.string().trim().min(1, "say why: it is kept with the policy").max(1000),
});
export type GuardRequest = z.infer<typeof GuardRequest>;
