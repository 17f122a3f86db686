import type { RolloutChange, RouteSummary } from "@crossfade/bridge/console";
import type { Stage } from "./words.ts";

type Rollout = RouteSummary["rollout"];

/** What a person has set on the control and not yet applied. Lists as they type them: one customer on each line. */
export interface Draft {
  readonly stage: Stage;
  readonly percentage: string;
  readonly sample: string;
  readonly baseline: string;
  readonly include: string;
  readonly exclude: string;
}

export const draftOf = (rollout: Rollout): Draft => ({
  stage: rollout.stage,
  percentage: String(rollout.percentage),
  sample: String(rollout.sample),
  baseline: String(rollout.baseline),
  include: rollout.include.join("\n"),
  exclude: rollout.exclude.join("\n"),
});

/** Percentage of a stage that has no choice of its own. */
const FIXED: Readonly<Record<Stage, number | undefined>> = { legacy: 0, shadow: 0, split: undefined, order: 100 };

/** The text of a percentage as a number of 0 to 100 with at most two places; undefined for anything else. */
export function readPercentage(text: string): number | undefined {
  if (!/^\d{1,3}([.,]\d{1,2})?$/.test(text.trim())) return undefined;
  const value = Number(text.trim().replace(",", "."));
  return value <= 100 ? value : undefined;
}

const lines = (text: string): string[] => [
  ...new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
  ),
];

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, n) => one === b[n]);

/** Which field is wrong, and why. */
export interface DraftError {
  readonly field: "percentage" | "sample" | "baseline";
  readonly message: string;
}

const RULE = "a number from 0 to 100, with at most two places after the point";

/** What the draft changes, and nothing that it leaves as it is; undefined where it changes nothing. */
export function changeOf(
  draft: Draft,
  rollout: Rollout,
): { readonly change: RolloutChange | undefined } | { readonly error: DraftError } {
  const fixed = FIXED[draft.stage];
  const percentage = fixed ?? readPercentage(draft.percentage);
  if (percentage === undefined) return { error: { field: "percentage", message: RULE } };
  const isShadow = draft.stage === "shadow";
  const sample = isShadow ? readPercentage(draft.sample) : rollout.sample;
  if (sample === undefined) return { error: { field: "sample", message: RULE } };
  const baseline = isShadow ? readPercentage(draft.baseline) : rollout.baseline;
  if (baseline === undefined) return { error: { field: "baseline", message: RULE } };
  const [include, exclude] = [lines(draft.include), lines(draft.exclude)];
  const isMoved = draft.stage !== rollout.stage || (fixed === undefined && percentage !== rollout.percentage);
  const change = {
    ...(isMoved && { stage: draft.stage, percentage }),
    ...(sample !== rollout.sample && { sample }),
    ...(baseline !== rollout.baseline && { baseline }),
    ...(!isSame(include, rollout.include) && { include: include as RolloutChange["include"] }),
    ...(!isSame(exclude, rollout.exclude) && { exclude: exclude as RolloutChange["exclude"] }),
  };
  return { change: Object.keys(change).length === 0 ? undefined : change };
}

/** What the button says: where the change leads. */
export function deedOf(change: RolloutChange, rollout: Rollout, share: number): string {
  const { stage = rollout.stage, percentage = rollout.percentage, sample, baseline } = change;
  const isMoved = change.stage !== undefined || change.percentage !== undefined;
  if (!isMoved && sample !== undefined) return `Plan ${sample} % in shadow`;
  if (!isMoved) return baseline === undefined ? "Change the lists" : `Plan ${baseline} % twice`;
  if (stage === "legacy") return "Send everything to the old path";
  if (stage === "shadow") return share > 0 ? "Back to shadow" : "Go to shadow";
  if (stage === "order") return "Move everything to the new path";
  if (percentage === share) return `Split at ${percentage} %`;
  return percentage > share ? `Raise to ${percentage} %` : `Lower to ${percentage} %`;
}
