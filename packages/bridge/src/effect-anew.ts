import type { EffectRecord, EffectRole } from "./ports.ts";

/** Who would begin an effect that is there. */
export interface Beginner {
  readonly n: number;
  readonly role: EffectRole;
  readonly lane: "order" | "delegate";
  readonly generation: number;
}

/** Failed in an earlier generation, in a way that trying again may help. */
export const hasFailedBefore = ({ generation, outcome }: EffectRecord, beginner: Beginner): boolean =>
  outcome?.status === "FAILED" && outcome.Error?.Retryable === true && generation < beginner.generation;

/**
 * Whether a redriven item's effect begins anew. What ended well, or failed for good, answers as recorded. So does what
 * was reversed, or was about to be: a later command of the item would build on what is taken back. The legacy service is
 * asked once (N4).
 */
export function mayBeginAnew(effects: readonly EffectRecord[], beginner: Beginner): boolean {
  const mine = effects.find(({ n }) => n === beginner.n);
  if (mine === undefined || !hasFailedBefore(mine, beginner) || beginner.lane === "delegate") return false;
  return beginner.role === "reversal" || !effects.some(({ role }) => role === "reversal");
}
