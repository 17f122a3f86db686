import * as z from "zod";
import { sha256 } from "./hash.ts";
import { CohortKey, type RequestKey, RouteType, requestKeyText } from "./ids.ts";

/** Which system does the work. */
export const Path = z.enum(["legacy", "order"]);
export type Path = z.infer<typeof Path>;

/** Who does an item's work on the order path: a worker of its own, or the legacy service, asked by message (N4). */
export const Integration = z.enum(["activity", "delegate"]);
export type Integration = z.infer<typeof Integration>;

/** What a pin fixes: the legacy path, or the order path with one integration (P4). */
export const Lane = z.enum(["legacy", "order", "delegate"]);
export type Lane = z.infer<typeof Lane>;

export const pathOf = (lane: Lane): Path => (lane === "legacy" ? "legacy" : "order");

/** Where a route stands. */
export const Stage = z.enum(["legacy", "shadow", "split", "order"]);
export type Stage = z.infer<typeof Stage>;

/** Why a route may not leave legacy: its source is being attached or detached, is detached, or is a tap. */
export const Hold = z.strictObject({
  /** The source that holds it, by its name in the deployment. */
  source: z.string().min(1),
  /** Epoch milliseconds. */
  since: z.int().nonnegative(),
  /**
   * True while the old consumer may have had any message: each is taken for sent before the switch. False on the way
   * back, where a message may join the order in flight on its pin key, which is awaited.
   */
  forced: z.boolean(),
  /** The source is a tap: its routes stay held for as long as it is one, and may be in shadow meanwhile. */
  tap: z.literal(true).optional(),
});
export type Hold = z.infer<typeof Hold>;

/** 0 to 100, in steps of 0.01: a bucket is a hundredth of a per cent. */
const Percentage = z.number().min(0).max(100).multipleOf(0.01);

/** Where a paused rollout stood: `crossfade rollout resume` puts it back there. */
export const Paused = z.strictObject({ stage: Stage.exclude(["legacy"]), percentage: Percentage });
export type Paused = z.infer<typeof Paused>;

const RolloutFields = z.strictObject({
  route: RouteType,
  stage: Stage,
  percentage: Percentage,
  /** In shadow, the share of the messages whose order is planned. */
  sample: Percentage.default(100),
  /** Of those whose order is planned, the share that is planned a second time: the baseline, which measures noise. */
  baseline: Percentage.default(5),
  include: z.array(CohortKey).default([]),
  exclude: z.array(CohortKey).default([]),
  /** Moves the route's orders to that integration; the route's own unless given. */
  integration: Integration.optional(),
  /** Keeps the cohorts of two routes apart, or together, as wanted; must never change during a migration. */
  salt: z.string().min(1).max(100),
  version: z.int().nonnegative(),
  /** Epoch milliseconds of the switch: a message that was sent before it is always claimed legacy (D7). */
  legacyBefore: z.int().nonnegative().optional(),
  hold: Hold.optional(),
  /** While it is there everything new goes the legacy way: stage legacy, percentage 0. */
  paused: Paused.optional(),
});

const standsPaused = ({ stage, percentage, paused }: z.infer<typeof RolloutFields>): boolean =>
  paused === undefined || (stage === "legacy" && percentage === 0);

/** A held route does not leave legacy; that of a tap, whose messages the old consumer gets in any case, may be in shadow. */
const mayStand = ({ stage, hold }: z.infer<typeof RolloutFields>): boolean =>
  hold === undefined || stage === "legacy" || (stage === "shadow" && hold.tap === true);

/** How far a route has been moved. Changed only with its version (optimistic locking), every change audited. */
export const Rollout = RolloutFields.refine(mayStand, {
  path: ["stage"],
  message:
    "must be legacy while the route is held (or shadow, where a tap holds it): attach its source, or finish the attachment that stopped",
}).refine(standsPaused, { path: ["paused"], message: "must stand at legacy and 0 % while it is paused" });
export type Rollout = z.infer<typeof Rollout>;

/** A route of which nothing was ever said: everything stays where it is. */
export const initialRollout = (route: RouteType): Rollout => ({
  route,
  stage: "legacy",
  percentage: 0,
  sample: 100,
  baseline: 5,
  include: [],
  exclude: [],
  salt: route,
  version: 0,
});

interface StageRow {
  readonly lists: boolean;
  percentage(rollout: Rollout): number;
  /** Whether what stays on the legacy path is planned on the order path too. */
  readonly shadows: boolean;
}

/** The stage table: what a stage does with the lists, the percentage and the sample. Nothing else asks for the stage. */
const STAGES: Readonly<Record<Stage, StageRow>> = {
  legacy: { lists: false, percentage: () => 0, shadows: false },
  shadow: { lists: false, percentage: () => 0, shadows: true },
  split: { lists: true, percentage: (rollout) => rollout.percentage, shadows: false },
  order: { lists: true, percentage: () => 100, shadows: false },
};

/** How many of 100 new requests take the order path by the stage and the percentage alone; 0 to 100. */
export const shareOf = (rollout: Rollout): number => STAGES[rollout.stage].percentage(rollout);

export const BUCKETS = 10_000;

const bucketIn = (salt: string, key: string): number => sha256(`${salt}:${key}`).readUInt32BE(0) % BUCKETS;

/** 0 to 9999: the first 4 bytes of SHA-256(salt ":" cohortKey), unsigned, modulo 10,000. */
export const bucketOf = (salt: string, cohortKey: CohortKey): number => bucketIn(salt, cohortKey);

/** Buckets below a percentage; hundredths of a per cent are no whole numbers in binary. */
export const bucketsOf = (percentage: number): number => Math.round(percentage * 100);

/** Of its own, so that the sample has nothing to do with the cohorts: every customer is in it. */
const SAMPLE_SALT = "shadow-sample";

/** Whether a request is in a sample of that percentage: the same request always is, or never. A larger one only adds. */
export const isSampled = (sample: number, key: RequestKey): boolean =>
  bucketIn(SAMPLE_SALT, requestKeyText(key)) < bucketsOf(sample);

/** Of its own too: the baseline is a sample of the sample. */
const BASELINE_SALT = "baseline-sample";

/** Whether a request that is sampled is planned twice; otherwise as isSampled. */
export const isInBaseline = (baseline: number, key: RequestKey): boolean =>
  bucketIn(BASELINE_SALT, requestKeyText(key)) < bucketsOf(baseline);

/** What the flag says of one message, and why. */
export const PathChoice = z.strictObject({
  path: Path,
  reason: z.enum(["before-switch", "excluded", "included", "bucket"]),
  bucket: z
    .int()
    .min(0)
    .max(BUCKETS - 1),
  stage: Stage,
  rolloutVersion: z.int().nonnegative(),
  integration: Integration.optional(),
  /** Given in shadow alone: the percentage of the messages whose order is planned (see isSampled). */
  sample: Percentage.optional(),
  /** As `sample`: the percentage of those that are planned twice (see isInBaseline). */
  baseline: Percentage.optional(),
});
export type PathChoice = z.infer<typeof PathChoice>;

/**
 * The wanted path by the rollout alone: exclude list, include list, then bucket < percentage. Raising the percentage
 * only adds cohorts. A claim or a pin that exists outranks it (see claim-request.ts).
 * @param sentAt epoch milliseconds at which the queue accepted the message.
 */
export function choosePath(rollout: Rollout, cohortKey: CohortKey, sentAt: number): PathChoice {
  const stage = STAGES[rollout.stage];
  const bucket = bucketOf(rollout.salt, cohortKey);
  const say = (path: Path, reason: PathChoice["reason"]): PathChoice => ({
    path,
    reason,
    bucket,
    stage: rollout.stage,
    rolloutVersion: rollout.version,
    ...(rollout.integration && { integration: rollout.integration }),
    ...(stage.shadows && { sample: rollout.sample, baseline: rollout.baseline }),
  });
  const { hold, legacyBefore = 0 } = rollout;
  if (hold?.forced || sentAt < legacyBefore) return say("legacy", "before-switch");
  if (hold !== undefined) return say("legacy", "bucket");
  if (stage.lists && rollout.exclude.includes(cohortKey)) return say("legacy", "excluded");
  if (stage.lists && rollout.include.includes(cohortKey)) return say("order", "included");
  return say(bucket < bucketsOf(stage.percentage(rollout)) ? "order" : "legacy", "bucket");
}
