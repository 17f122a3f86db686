import type { GuardEntry, GuardRecord, Rollout } from "@crossfade/bridge";
import { type GuardPolicy, WHY, wordsOfNumbers, wordsOfTarget } from "@crossfade/bridge/guard";
import { isoTime } from "./figures.ts";
import { durationText } from "./options.ts";
import type { Terminal } from "./terminal.ts";

type Colours = Terminal["colours"];

const standsOn =
  ({ stage, percentage }: Rollout) =>
  (step: GuardPolicy["ramp"][number]): boolean =>
    step.stage === stage && step.percentage === percentage;

/** The steps, with the one on which the route stands in brackets. */
const rampText = ({ ramp }: GuardPolicy, rollout: Rollout): string =>
  ramp.map((step) => (standsOn(rollout)(step) ? `[${wordsOfTarget(step)}]` : wordsOfTarget(step))).join(", ");

const percent = (share: number): string => `${Number((100 * share).toFixed(3))} %`;

function boundsText({ errors, latency, mismatches }: GuardPolicy): string {
  const rise = `errors at most ${percent(errors.margin)} above legacy`;
  const slower = `p${Number((100 * latency.quantile).toFixed(2))} at most ${latency.ratio} times legacy's`;
  return `${rise}; ${slower}; mismatches at most ${percent(mismatches.largest)} above the baseline`;
}

const coloured = (kind: GuardEntry["kind"], colours: Colours): string =>
  ({ hold: colours.bold, promote: colours.green, "roll-back": colours.red })[kind](kind);

/** A decision, with the numbers that it saw on lines of their own. */
export function decisionText(
  { kind, why, from, to, at, lastAt, looks, numbers }: GuardEntry,
  policy: GuardPolicy,
  colours: Colours,
): string {
  const where = kind === "hold" ? `at ${wordsOfTarget(from)}` : `from ${wordsOfTarget(from)} to ${wordsOfTarget(to)}`;
  const when = looks === 1 ? isoTime(at) : `${isoTime(at)}, the same in ${looks} looks until ${isoTime(lastAt)}`;
  return [
    `${coloured(kind, colours)} ${where}, ${why}: ${WHY[why]} (${when})`,
    ...wordsOfNumbers(numbers, policy).map((line) => `  ${line}`),
  ].join("\n");
}

/** What the guard is to do with a route, how far it has come, and what it decided last. */
export function guardText(record: GuardRecord, rollout: Rollout, colours: Colours): string {
  const { route, policy, by, reason, at, since, last } = record;
  const { bakeMs, minimumSamples } = policy;
  return [
    `${colours.bold(route)} is at ${wordsOfTarget(rollout)} (version ${rollout.version})`,
    `ramp: ${rampText(policy, rollout)}; each step lasts ${durationText(bakeMs)} and ${minimumSamples} samples at least`,
    `bounds: ${boundsText(policy)}`,
    `asked for by ${by} at ${isoTime(at)}: ${reason}; the step began at ${isoTime(since)}`,
    ...needOf(record, rollout),
    last === undefined ? "It has not looked yet." : decisionText(last, policy, colours),
    "",
  ].join("\n");
}

/** What a person must do before the guard can do anything at all. */
function needOf({ policy, knownVersion, route }: GuardRecord, rollout: Rollout): readonly string[] {
  if (rollout.version !== knownVersion) {
    return [
      `The rollout was changed since, at version ${knownVersion}: it is left alone until crossfade guard set ${route}.`,
    ];
  }
  if (policy.ramp.some(standsOn(rollout))) return [];
  return [`It stands on no step of its ramp: set the rollout to one, then the guard anew.`];
}

export const LIST_HEADINGS = ["ROUTE", "AT", "RAMP", "DECISION", "WHY", "LOOKS", "LAST LOOK"];

export const listRow = ({ route, policy, last }: GuardRecord, rollout: Rollout): readonly (string | number)[] => [
  ...[route, wordsOfTarget(rollout), rampText(policy, rollout)],
  ...(last === undefined ? ["-", "not looked yet", 0, "-"] : [last.kind, last.why, last.looks, isoTime(last.lastAt)]),
];
