import * as z from "zod";
import { ExecutionStatus } from "../../fence.ts";
import { CohortKey, ExecutionName, OrderId, RequestId, RouteType } from "../../ids.ts";
import { ItemStatus, Outcome, SoftError } from "../../outcome.ts";
import { JudgedRequest } from "../../ports.ts";
import { Path, Stage } from "../../rollout.ts";
import { Count, Milliseconds } from "./common.ts";

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
