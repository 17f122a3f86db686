import * as z from "zod";
import { Claim } from "../claim.ts";
import type { Outcome } from "../outcome.ts";
import { Path } from "../rollout.ts";
import type { Transition } from "./counts.ts";
import type { CompareRules } from "./rules.ts";
import { fittedSample, Sample, sampleOf } from "./sample.ts";
import { judge, Verdict } from "./verdict.ts";

const Judged = z.strictObject({
  verdict: Verdict,
  /** Epoch milliseconds. */
  at: z.int().nonnegative(),
  /** Kept where the verdict is not a match. */
  sample: Sample.optional(),
});

/** What has been counted of a request so far: enough to tell what of a later image has not. */
export const Counted = z.strictObject({
  /** That of the first image: it stays for ever (P2), also where a message is taken from a tap. */
  path: Path,
  /** The newest generation of which anything was counted. */
  generation: z.int().nonnegative(),
  /** Whether the end of that generation was. */
  ended: z.boolean(),
  shadowFailed: z.literal(true).optional(),
  /** By what the plan was compared with. */
  judged: z.strictObject({ legacy: Judged.optional(), order: Judged.optional() }),
});
export type Counted = z.infer<typeof Counted>;

/** What counting must know of a claim. */
export const ClaimImage = z.object(
  Claim.pick({
    ...{ route: true, requestId: true, path: true, generation: true, decidedAt: true, endedAt: true },
    ...{ legacyOutcome: true, orderOutcome: true, shadow: true },
  }).shape,
);
export type ClaimImage = z.infer<typeof ClaimImage>;

/** A claim as it was seen. Times are epoch milliseconds. */
export interface Sighting {
  readonly claim: ClaimImage;
  /** When the image came to be. */
  readonly at: number;
  /** Given once the time to wait for the other side is over: when that was found. */
  readonly overdueAt?: number;
}

/** What a sighting adds to what was counted before. */
export interface Counting {
  readonly next: Counted;
  /** None for what was counted already. */
  readonly transitions: readonly Transition[];
}

/** False for a change of a claim that cannot be one of what is counted: that it was started, say, or forwarded. */
export const maySayMore = (before: ClaimImage, now: ClaimImage): boolean =>
  before.generation !== now.generation ||
  before.endedAt !== now.endedAt ||
  before.shadow?.endedAt !== now.shadow?.endedAt ||
  before.shadow?.twin?.endedAt !== now.shadow?.twin?.endedAt;

const outcomeOf = ({ path, legacyOutcome, orderOutcome }: ClaimImage): Outcome | undefined =>
  path === "legacy" ? legacyOutcome : orderOutcome;

/** The claim, and every end and redrive that lies between what was counted and the image; its newest state wins. */
function livesOf(before: Counted | undefined, { claim, at }: Sighting): Counting {
  const { route, generation, decidedAt, endedAt } = claim;
  const transitions: Transition[] = [];
  const { path, ...counted } = before ?? { path: claim.path, generation: 0, ended: false, judged: {} };
  if (before === undefined) transitions.push({ kind: "claimed", route, path, at: decidedAt });
  let { generation: reached, ended } = counted;
  for (; reached < generation; reached++) {
    // Only what failed is redriven. Its image was never seen: neither its code is known, nor how long it took.
    if (!ended) transitions.push({ kind: "ended", route, path, at, status: "FAILED" });
    transitions.push({ kind: "reopened", route, path, at });
    ended = false;
  }
  if (!ended && reached === generation && endedAt !== undefined) {
    const { status = "FAILED", Error: error } = outcomeOf(claim) ?? {};
    const code = error && { code: error.Code };
    // What was redriven waited for a person: how long that took says nothing of the path.
    const ms = generation === 0 && { ms: endedAt - decidedAt };
    transitions.push({ kind: "ended", route, path, at: endedAt, status, ...code, ...ms });
    ended = true;
  }
  return { next: { ...counted, path, generation: reached, ended }, transitions };
}

const sampled = (...given: Parameters<typeof sampleOf>): { readonly sample?: Sample } =>
  given[2].verdict === "match" ? {} : { sample: fittedSample(sampleOf(...given)) };

const isOneSided = (verdict: Verdict): boolean => verdict === "old-only" || verdict === "new-only";

/** The plan against what the legacy system did. A verdict stands, unless one side was missing that comes after all. */
function againstLegacy(counted: Counted, { claim, overdueAt }: Sighting, rules: CompareRules): Counting {
  const { route, shadow, legacyOutcome: old, endedAt = 0 } = claim;
  const before = counted.judged.legacy;
  const nothing = { next: counted, transitions: [] };
  if (shadow === undefined || shadow.failure !== undefined) return nothing;
  if (before !== undefined && !isOneSided(before.verdict)) return nothing;
  const plan = shadow.outcome;
  const both = old !== undefined && plan !== undefined;
  if (!both && before !== undefined) return nothing;
  const judgement = judge(old, plan, rules, { late: both ? before !== undefined : overdueAt !== undefined });
  if (judgement === undefined) return nothing;
  const { verdict } = judgement;
  const at = both ? Math.max(endedAt, shadow.endedAt ?? 0) : (overdueAt ?? 0);
  const sample = sampled(old, plan, judgement, rules);
  const instead = before && { instead: { verdict: before.verdict, at: before.at } };
  return {
    next: { ...counted, judged: { ...counted.judged, legacy: { verdict, at, ...sample } } },
    transitions: [{ kind: "judged", route, at, against: "legacy", verdict, ...instead }],
  };
}

/** The plan against its twin: what differs between them is noise. Nobody waits for a twin, and no verdict is late. */
function againstOrder(counted: Counted, { claim: { route, shadow } }: Sighting, rules: CompareRules): Counting {
  const nothing = { next: counted, transitions: [] };
  const { outcome: old, twin } = shadow ?? {};
  const judgement = judge(old, twin?.outcome, rules, { late: false });
  if (judgement === undefined || counted.judged.order !== undefined) return nothing;
  const { verdict } = judgement;
  const at = Math.max(shadow?.endedAt ?? 0, twin?.endedAt ?? 0);
  const sample = sampled(old, twin?.outcome, judgement, rules);
  return {
    next: { ...counted, judged: { ...counted.judged, order: { verdict, at, ...sample } } },
    transitions: [{ kind: "judged", route, at, against: "order", verdict }],
  };
}

/** A plan that failed is counted once, and gives no verdict: there is nothing to compare. */
function failedPlan(counted: Counted, { claim: { route, shadow } }: Sighting): Counting {
  if (shadow?.failure === undefined || counted.shadowFailed) return { next: counted, transitions: [] };
  return {
    next: { ...counted, shadowFailed: true },
    transitions: [{ kind: "shadow-failed", route, at: shadow.endedAt ?? 0 }],
  };
}

/**
 * What an image of a claim adds to the counts. An image that comes again, late, or after others were lost, leads to the same
 * counts of claims, ends and verdicts as if each had come once (P9): what it says is compared with what was counted.
 * @param before undefined where nothing was counted of the request yet.
 */
export function countClaim(before: Counted | undefined, sighting: Sighting, rules: CompareRules): Counting {
  const lives = livesOf(before, sighting);
  const failed = failedPlan(lives.next, sighting);
  const legacy = againstLegacy(failed.next, sighting, rules);
  const order = againstOrder(legacy.next, sighting, rules);
  const transitions = [lives, failed, legacy, order].flatMap((each) => each.transitions);
  return { next: order.next, transitions };
}
