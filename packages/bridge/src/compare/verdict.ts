import * as z from "zod";
import type { Outcome } from "../outcome.ts";
import { type Difference, differences } from "./differences.ts";
import type { CompareRules } from "./rules.ts";

/**
 * match: nothing that counts differs. mismatch: something does. ignored: the old side ended with an error that no plan
 * can foresee. old-only, new-only: the other side did not come within its time. late: it came after that.
 */
export const Verdict = z.enum(["match", "mismatch", "ignored", "old-only", "new-only", "late"]);
export type Verdict = z.infer<typeof Verdict>;

export interface Judgement {
  readonly verdict: Verdict;
  /** What differs, also where the verdict is `late` or `ignored`. */
  readonly differences: readonly Difference[];
}

/**
 * The service's refusal was not there to be planned with. The new side's own errors are never passed over: a plan asks
 * nobody, so that one which fails has failed by itself.
 */
const isUnforeseen = ({ unforeseen }: CompareRules, old: Outcome, other: Outcome): boolean =>
  old.Error !== undefined && unforeseen.has(old.Error.Code) && other.status !== "FAILED";

/**
 * The verdict on a request, whichever side ended first (X4); undefined while the other side may still come.
 * @param late true once the time to wait for both sides is over.
 */
export function judge(
  old: Outcome | undefined,
  other: Outcome | undefined,
  rules: CompareRules,
  { late }: { readonly late: boolean },
): Judgement | undefined {
  if (old === undefined || other === undefined) {
    if (!late || old === other) return undefined;
    return { verdict: old === undefined ? "new-only" : "old-only", differences: [] };
  }
  const found = differences(old, other, rules);
  if (late) return { verdict: "late", differences: found };
  if (found.length === 0) return { verdict: "match", differences: [] };
  return { verdict: isUnforeseen(rules, old, other) ? "ignored" : "mismatch", differences: found };
}
