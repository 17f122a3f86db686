import { readFileSync } from "node:fs";
import { GuardPolicy, type RampStep } from "@crossfade/bridge/guard";
import { type Command, InvalidArgumentError } from "commander";
import { CliError, EXIT } from "./failure.ts";
import { duration, durationText, numberBetween, wholeBetween } from "./options.ts";
import { checked } from "./person.ts";

const share = numberBetween(0, 1);

const DEFAULTS = GuardPolicy.parse({ ramp: [{ stage: "shadow", percentage: 0 }] });

/** What a policy is made of: its ramp with what else is given, or a file. */
export interface PolicyGiven {
  readonly ramp?: readonly RampStep[];
  readonly policy?: string;
  readonly bake?: number;
  readonly minimumSamples?: number;
  readonly errorMargin?: number;
  readonly errorFalseAlarm?: number;
  readonly latencyQuantile?: number;
  readonly latencyRatio?: number;
  readonly latencyFalseAlarm?: number;
  readonly largestMismatch?: number;
  readonly mismatchFalseAlarm?: number;
  readonly falseCalm?: number;
}

const PARTS = [
  ...(["ramp", "bake", "minimumSamples", "errorMargin", "errorFalseAlarm", "latencyQuantile"] as const),
  ...(["latencyRatio", "latencyFalseAlarm", "largestMismatch", "mismatchFalseAlarm", "falseCalm"] as const),
] satisfies readonly (keyof PolicyGiven)[];

const SPLIT = /^split:(\d+(?:\.\d+)?)$/;

/** `shadow,split:5,split:25,order`. */
function ramp(text: string): RampStep[] {
  return text.split(",").map((part): RampStep => {
    const word = part.trim();
    if (word === "shadow") return { stage: "shadow", percentage: 0 };
    if (word === "order") return { stage: "order", percentage: 100 };
    const percentage = SPLIT.exec(word)?.[1];
    if (percentage !== undefined) return { stage: "split", percentage: Number(percentage) };
    throw new InvalidArgumentError(
      `"${word}" is no step: use shadow, split:<percentage> or order, with commas between`,
    );
  });
}

export const addPolicyOptions = (command: Command): Command =>
  command
    .option("--ramp <steps>", "where it may go, the last step is the limit: shadow,split:5,split:25,order", ramp)
    .option("--policy <file>", "a JSON file that holds the whole policy, in the place of all these")
    .option("--bake <duration>", `how long a step lasts at least (default: ${durationText(DEFAULTS.bakeMs)})`, duration)
    .option(
      "--minimum-samples <number>",
      `ends on each path, or comparisons, before it promotes (default: ${DEFAULTS.minimumSamples})`,
      wholeBetween(1, 999_999_999),
    )
    .option(
      "--error-margin <share>",
      `the smallest rise of the error rate that matters (default: ${DEFAULTS.errors.margin}, one point)`,
      share,
    )
    .option(
      "--error-false-alarm <share>",
      `how often noise in it may roll back (default: ${DEFAULTS.errors.falseAlarm})`,
      share,
    )
    .option(
      "--latency-quantile <share>",
      `which latency is bounded (default: ${DEFAULTS.latency.quantile}, p95)`,
      share,
    )
    .option(
      "--latency-ratio <number>",
      `how many times the legacy path's it may be (default: ${DEFAULTS.latency.ratio})`,
      numberBetween(1, 100),
    )
    .option(
      "--latency-false-alarm <share>",
      `how often noise in it may roll back (default: ${DEFAULTS.latency.falseAlarm})`,
      share,
    )
    .option(
      "--largest-mismatch <share>",
      `the largest rate of mismatches above the baseline (default: ${DEFAULTS.mismatches.largest})`,
      share,
    )
    .option(
      "--mismatch-false-alarm <share>",
      `how often noise in it may roll back (default: ${DEFAULTS.mismatches.falseAlarm})`,
      share,
    )
    .option(
      "--false-calm <share>",
      `how often a broken bound may be taken for kept (default: ${DEFAULTS.falseCalm})`,
      share,
    );

/** @throws CliError for a file that cannot be read, is not JSON, or holds no policy, and for options that make none. */
export function policyOf({ policy, ...given }: PolicyGiven): GuardPolicy {
  if (policy !== undefined && PARTS.some((part) => given[part] !== undefined)) {
    throw new CliError(EXIT.badInput, "--policy: is the whole policy: leave --ramp and the other bounds out");
  }
  if (policy !== undefined) return checked(GuardPolicy, fileOf(policy), policy);
  if (given.ramp === undefined) throw new CliError(EXIT.badInput, "--ramp: say how far it may go, or name a --policy");
  const { errors, latency, mismatches } = DEFAULTS;
  const options = {
    ramp: given.ramp,
    bakeMs: given.bake ?? DEFAULTS.bakeMs,
    minimumSamples: given.minimumSamples ?? DEFAULTS.minimumSamples,
    errors: {
      margin: given.errorMargin ?? errors.margin,
      falseAlarm: given.errorFalseAlarm ?? errors.falseAlarm,
    },
    latency: {
      quantile: given.latencyQuantile ?? latency.quantile,
      ratio: given.latencyRatio ?? latency.ratio,
      falseAlarm: given.latencyFalseAlarm ?? latency.falseAlarm,
    },
    mismatches: {
      largest: given.largestMismatch ?? mismatches.largest,
      falseAlarm: given.mismatchFalseAlarm ?? mismatches.falseAlarm,
    },
    falseCalm: given.falseCalm ?? DEFAULTS.falseCalm,
  };
  return checked(GuardPolicy, options, "the policy");
}

function fileOf(name: string): unknown {
  try {
    return JSON.parse(readFileSync(name, "utf8"));
  } catch (error) {
    const what = error instanceof SyntaxError ? "is not JSON" : "cannot be read";
    throw new CliError(EXIT.badInput, `${name} ${what}`);
  }
}
