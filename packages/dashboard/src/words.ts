import type { ExecutionView, GuardPolicy, RouteDetail, RouteSummary, Verdict } from "@crossfade/bridge/console";

/** How loud a thing is said, beside the words that say it: a shape and a colour. */
export type Tone = "good" | "bad" | "warn" | "quiet" | "busy";

export interface Word {
  readonly text: string;
  readonly tone: Tone;
}

export type Stage = RouteSummary["rollout"]["stage"];

export const STAGES: Readonly<Record<Stage, { readonly name: string; readonly means: string }>> = {
  legacy: { name: "Legacy", means: "Every request takes the old path." },
  shadow: {
    name: "Shadow",
    means: "Every request takes the old path; a sample is planned on the new one and compared.",
  },
  split: { name: "Split", means: "The percentage decides, customer by customer." },
  order: { name: "Order", means: "Every request takes the new path, but for excluded customers." },
};

export const standingWord = (standing: RouteDetail["standing"]["errors"]): Word =>
  ({
    better: { text: "better", tone: "good" },
    same: { text: "the same", tone: "good" },
    worse: { text: "worse", tone: "bad" },
    unknown: { text: "not yet known", tone: "quiet" },
  })[standing] as Word;

export const VERDICTS: Readonly<Record<Verdict, { readonly word: Word; readonly means: string }>> = {
  match: { word: { text: "match", tone: "good" }, means: "Nothing that counts differs." },
  mismatch: { word: { text: "mismatch", tone: "bad" }, means: "Something that counts differs." },
  ignored: {
    word: { text: "ignored", tone: "quiet" },
    means: "The old path ended with an error that no plan can foresee.",
  },
  "old-only": { word: { text: "old only", tone: "warn" }, means: "The new path's end did not come in time." },
  "new-only": { word: { text: "new only", tone: "warn" }, means: "The old path's end did not come in time." },
  late: { word: { text: "late", tone: "warn" }, means: "The second end came after the time to wait for it." },
};

const GUARD: Readonly<Record<string, string>> = {
  held: "its source is being attached or detached",
  "changed-by-person": "a person changed the rollout since: it is theirs until the guard is set again",
  "off-ramp": "the route stands on no step of the ramp",
  breach: "a bound is broken",
  "last-step": "the ramp ends here",
  baking: "the step is not old enough yet",
  "too-few-samples": "too few requests yet",
  inconclusive: "not yet sure that every bound is kept",
  "all-clear": "every bound is kept",
};

/** Why the guard decided so, in words; a reason that is not known here stands for itself. */
export const guardReason = (why: string): string => GUARD[why] ?? why;

export const guardWord = (kind: "hold" | "promote" | "roll-back"): Word =>
  ({
    hold: { text: "holds", tone: "quiet" },
    promote: { text: "promoted", tone: "good" },
    "roll-back": { text: "rolled back", tone: "bad" },
  })[kind] as Word;

export const findingWord = (finding: "breach" | "clear" | "inconclusive"): Word =>
  ({
    breach: { text: "broken", tone: "bad" },
    clear: { text: "kept", tone: "good" },
    inconclusive: { text: "not yet known", tone: "quiet" },
  })[finding] as Word;

export const statusWord = (status: ExecutionView["status"]): Word =>
  ({
    RUNNING: { text: "running", tone: "busy" },
    SUCCEEDED: { text: "succeeded", tone: "good" },
    FAILED: { text: "failed", tone: "bad" },
    TIMED_OUT: { text: "timed out", tone: "bad" },
    ABORTED: { text: "stopped", tone: "warn" },
  })[status] as Word;

export type RampStep = GuardPolicy["ramp"][number];

/** "split 25 %", "shadow", "order". */
export const target = ({ stage, percentage }: { readonly stage: Stage; readonly percentage: number }): string =>
  stage === "split" ? `split ${percentage} %` : stage;

export const KINDS: Readonly<Record<"missing" | "extra" | "changed" | "type" | "order", string>> = {
  missing: "only the old path has it",
  extra: "only the new path has it",
  changed: "another value",
  type: "a value of another type",
  order: "the same elements in another order",
};
