import * as z from "zod";
import { Sample, Verdict } from "../compare/index.ts";
import { ExecutionStatus } from "../fence.ts";
import { GuardPolicy, GuardTarget, Interval, Standing } from "../guard/index.ts";
import { CohortKey, ExecutionName, OrderId, RequestId, RouteType } from "../ids.ts";
import { ItemStatus, Outcome, SoftError } from "../outcome.ts";
import { AuditEntry, DifferenceGroup, GuardMove, GuardRecord, JudgedRequest } from "../ports.ts";
import { Integration, Path, Rollout, Stage } from "../rollout.ts";

/**
 * What a person sees of a migration: the same values on the pages, in the API and in `crossfade --json`. Times are epoch
 * milliseconds, latencies milliseconds, rates 0 to 1.
 */
/** Who looks: `all` is for operators; `masked` shows no body, no attribute and no text that may be of a person. */
export type See = "all" | "masked";

const Milliseconds = z.int().nonnegative();
const Count = z.int().nonnegative();

/** A share with its Wilson interval of 95 %; undefined bounds do not exist: of nothing it is 0 to 1. */
const Share = z.strictObject({ count: Count, of: Count, ...Interval.unwrap().shape });

/** How often the new path would have done what the old one did. */
export const ParityView = z.strictObject({
  /** Matches and mismatches: what decides. */
  compared: Count,
  matched: Count,
  mismatched: Count,
  ignored: Count,
  oldOnly: Count,
  newOnly: Count,
  late: Count,
  shadowFailed: Count,
  /** Mismatches of what was compared. */
  mismatches: Share,
  /** The same of one order against another: noise. */
  baseline: Share,
  /** How much greater the rate of mismatches is than the baseline's; -1 to 1. */
  aboveBaseline: Interval,
});
export type ParityView = z.infer<typeof ParityView>;

export const PathView = z.strictObject({
  claimed: Count,
  ended: Count,
  failed: Count,
  errors: Share,
  /** Failures by code; those that the route does not count by name stand together under `other`. */
  codes: z.record(z.string(), Count),
  /** Undefined where nothing has ended. */
  p50Ms: z.number().optional(),
  p95Ms: z.number().optional(),
});
export type PathView = z.infer<typeof PathView>;

export const PathsView = z.strictObject({ legacy: PathView, order: PathView });
export type PathsView = z.infer<typeof PathsView>;

/** Where every received message is (X5), since the first. `gap`: 0 while no claim was lost or counted twice. */
export const ConservationView = z.strictObject({
  received: Count,
  ended: Count,
  rejected: Count,
  inFlight: z.strictObject({ legacy: z.int(), order: z.int() }),
  /** The ledger's own index of claims in flight; undefined where there are too many to be counted at once. */
  open: z.strictObject({ legacy: Count, order: Count }).optional(),
  gap: Count.optional(),
});
export type ConservationView = z.infer<typeof ConservationView>;

export const GuardBrief = z.strictObject({
  why: z.string(),
  kind: z.enum(["hold", "promote", "roll-back"]),
  at: Milliseconds,
  /** How it moved the route last: a route that was rolled back is held from then on. */
  moved: GuardMove.optional(),
});

export const RouteSummary = z.strictObject({
  route: RouteType,
  rollout: Rollout,
  /** How many of 100 new requests take the order path by the percentage alone. */
  share: z.number().min(0).max(100),
  parity: ParityView,
  paths: PathsView,
  conservation: ConservationView,
  /** The newest decision; undefined for a route that the guard does not look after. */
  guard: GuardBrief.optional(),
});
export type RouteSummary = z.infer<typeof RouteSummary>;

/** The counts of the last hours, and conservation since the first. */
export const Overview = z.strictObject({
  at: Milliseconds,
  hours: z.int().positive(),
  migration: z.string(),
  routes: z.array(RouteSummary),
  /** Messages that were refused before their route was known are counted here alone. */
  conservation: ConservationView,
});
export type Overview = z.infer<typeof Overview>;

export const HourView = z.strictObject({
  hour: z.string(),
  parity: ParityView,
  paths: PathsView,
});
export type HourView = z.infer<typeof HourView>;

/** How the order path does against the legacy path, by a test that may be looked at at any time. */
export const StandingView = z.strictObject({
  errors: Standing,
  latency: Standing,
  /** Order minus legacy, with bounds that hold at every look. */
  errorDifference: Interval,
  method: z.string(),
});
export type StandingView = z.infer<typeof StandingView>;

export const RouteDetail = z.strictObject({
  at: Milliseconds,
  hours: z.int().positive(),
  summary: RouteSummary,
  series: z.array(HourView),
  standing: StandingView,
  differences: z.array(DifferenceGroup),
  /** Differences of one order against another: what is noise. */
  noise: z.array(DifferenceGroup),
  guard: GuardRecord.optional(),
});
export type RouteDetail = z.infer<typeof RouteDetail>;

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

/** What happened to a request, in the order in which it happened. */
export const StoryEvent = z.strictObject({
  at: Milliseconds,
  /** Where: a path, the bridge itself, or the shadow's plan. */
  lane: z.enum(["bridge", "legacy", "order", "shadow"]),
  what: z.string(),
  detail: z.string().optional(),
});
export type StoryEvent = z.infer<typeof StoryEvent>;

/** One event of an execution's history, without its payload. */
export const HistoryView = z.strictObject({
  id: z.int(),
  at: Milliseconds,
  type: z.string(),
  state: z.string().optional(),
  error: z.string().optional(),
});

/** An Order and, below it, the Actions of its items. */
export interface ExecutionView {
  readonly name: string;
  readonly arn: string;
  readonly machine: string;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly stoppedAt?: number | undefined;
  readonly redriveCount: number;
  readonly error?: string | undefined;
  /** The newest events, oldest first. */
  readonly history: readonly z.infer<typeof HistoryView>[];
  readonly children: readonly ExecutionView[];
}
export const ExecutionView: z.ZodType<ExecutionView> = z.strictObject({
  name: z.string(),
  arn: z.string(),
  machine: z.string(),
  status: ExecutionStatus,
  startedAt: Milliseconds,
  stoppedAt: Milliseconds.optional(),
  redriveCount: Count,
  error: z.string().optional(),
  history: z.array(HistoryView).readonly(),
  get children() {
    return z.array(ExecutionView).readonly();
  },
});

export const EffectView = z.strictObject({
  n: z.int(),
  generation: Count,
  role: z.string(),
  begunAt: Milliseconds,
  sentAt: Milliseconds.optional(),
  status: ItemStatus.optional(),
  error: SoftError.optional(),
});

export const ChargeView = z.strictObject({
  orderId: OrderId,
  decision: z.string().optional(),
  decidedAt: Milliseconds.optional(),
  carriedOut: z.boolean(),
  openEffects: z.array(z.string()),
  mismatch: z.string().optional(),
});

/** A request's claim, as far as anyone may see it. */
export const ClaimView = z.strictObject({
  path: Path,
  integration: z.string().optional(),
  origin: z.enum(["message", "direct"]),
  stage: Stage,
  rolloutVersion: Count,
  bucket: Count,
  generation: Count,
  decidedAt: Milliseconds,
  startedAt: Milliseconds.optional(),
  forwardedAt: Milliseconds.optional(),
  endedAt: Milliseconds.optional(),
  /** How it ended, without an error's message: that may speak of a person. */
  end: z.strictObject({ status: ItemStatus, code: z.string().optional() }).optional(),
  orderId: OrderId.optional(),
  executionName: ExecutionName.optional(),
});

/** The whole story of one request (L5): both paths, executions, rows, charge. */
export const RequestStory = z.strictObject({
  at: Milliseconds,
  route: RouteType,
  requestId: RequestId,
  claim: ClaimView,
  timeline: z.array(StoryEvent),
  execution: ExecutionView.optional(),
  shadow: ExecutionView.optional(),
  effects: z.array(EffectView),
  charge: ChargeView.optional(),
  verdicts: z.array(JudgedRequest),
  /** For operators alone: they hold customers' data. */
  personal: z
    .strictObject({
      cohortKey: CohortKey,
      pinKey: z.string().optional(),
      row: z.record(z.string(), z.json()).optional(),
      legacyOutcome: Outcome.optional(),
      orderOutcome: Outcome.optional(),
      shadowOutcome: Outcome.optional(),
    })
    .optional(),
});
export type RequestStory = z.infer<typeof RequestStory>;

/** All requests of one id: two routes may use the same. */
export const RequestStories = z.strictObject({
  at: Milliseconds,
  requestId: RequestId,
  stories: z.array(RequestStory),
});
export type RequestStories = z.infer<typeof RequestStories>;

/** A request's verdict with what differs; personal data is masked in what is kept. */
export const DifferenceView = z.strictObject({
  at: Milliseconds,
  group: DifferenceGroup,
  requests: z.array(JudgedRequest),
});
export type DifferenceView = z.infer<typeof DifferenceView>;

export const VerdictPage = z.strictObject({
  at: Milliseconds,
  route: RouteType,
  verdict: Verdict,
  requests: z.array(JudgedRequest),
  next: z.string().optional(),
});
export type VerdictPage = z.infer<typeof VerdictPage>;

export const AuditPage = z.strictObject({
  at: Milliseconds,
  route: RouteType,
  entries: z.array(AuditEntry),
  next: z.string().optional(),
});
export type AuditPage = z.infer<typeof AuditPage>;

/** A queue of messages that nobody could handle. */
export const DeadLetterQueue = z.strictObject({
  /** What it holds: the name by which a person asks for it. */
  name: z.string(),
  queueArn: z.string(),
  visible: Count,
  inFlight: Count,
  /** ARN of the queue to which a message goes when it is redriven; undefined where there is no single one. */
  returnsTo: z.string().optional(),
});
export type DeadLetterQueue = z.infer<typeof DeadLetterQueue>;

export const DeadLetterQueues = z.strictObject({ at: Milliseconds, queues: z.array(DeadLetterQueue) });
export type DeadLetterQueues = z.infer<typeof DeadLetterQueues>;

export const DeadLetter = z.strictObject({
  messageId: z.string(),
  sentAt: Milliseconds,
  receives: Count,
  bytes: Count,
  /** Why it was refused, where the bridge refused it. */
  code: z.string().optional(),
  field: z.string().optional(),
  reason: z.string().optional(),
  source: z.string().optional(),
  /** For operators alone. */
  body: z.string().optional(),
  attributes: z.record(z.string(), z.string()).optional(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** The first of them that the queue gives out; SQS has no order of its own. */
export const DeadLetterPage = z.strictObject({
  at: Milliseconds,
  queue: DeadLetterQueue,
  messages: z.array(DeadLetter),
});
export type DeadLetterPage = z.infer<typeof DeadLetterPage>;

/** How far a redrive has come. */
export const RedriveProgress = z.strictObject({
  queue: z.string(),
  moved: Count,
  discarded: Count,
  /** Sent once before, and perhaps for nothing: a person decides. */
  uncertain: z.array(z.string()),
  failed: z.array(z.strictObject({ messageId: z.string(), reason: z.string() })),
  left: Count,
  done: z.boolean(),
});
export type RedriveProgress = z.infer<typeof RedriveProgress>;

export const GuardRequest = z.strictObject({
  policy: GuardPolicy,
  version: z.int().nonnegative(),
  reason: z.string().trim().min(1, "say why: it is kept with the policy").max(1000),
});
export type GuardRequest = z.infer<typeof GuardRequest>;

export { AuditEntry, DifferenceGroup, GuardPolicy, GuardRecord, GuardTarget, JudgedRequest, Sample, Verdict };
