import { type RouteDetail, routeDetail } from "@crossfade/bridge/console";
import { composeComparison } from "@crossfade/functions/compose-console";
import { Command, Option } from "commander";
import { CliError, configured, EXIT_CODES_HELP } from "./failure.ts";
import { isoTime, percentText, shareOf, tookText } from "./figures.ts";
import { everyRoute, numberBetween, routeNamed, wholeBetween } from "./options.ts";
import { type Terminal, table } from "./terminal.ts";

/** Exit codes of this command, beside those that all have. */
const COMPARE_EXIT = {
  /** More differs than --max-mismatch allows. */
  above: 4,
  /** Less was compared than --min-compared asks for, or too many plans failed to tell. */
  tooFew: 5,
} as const;

interface Given {
  readonly hours: number;
  readonly maxMismatch?: number;
  readonly minCompared: number;
  readonly json: boolean;
}

const PARITY = ["ROUTE", "STAGE", "COMPARED", "MISMATCHED", "OF COMPARED", "BASELINE", "IGNORED", "LATE", "UNPLANNED"];
const parityRow = ({ summary: { route, rollout, parity } }: RouteDetail): readonly (string | number)[] => [
  ...[route, rollout.stage, parity.compared, parity.mismatched, shareOf(parity.mismatches), shareOf(parity.baseline)],
  ...[parity.ignored, parity.late, parity.shadowFailed + parity.oldOnly],
];

const PATHS = ["ROUTE", "PATH", "CLAIMED", "ENDED", "FAILED", "ERROR RATE", "P50", "P95"];
const pathRows = ({ summary: { route, paths } }: RouteDetail): readonly (readonly (string | number)[])[] =>
  (["legacy", "order"] as const).map((path) => {
    const { claimed, ended, failed, errors, p50Ms, p95Ms } = paths[path];
    const times = [p50Ms, p95Ms].map((ms) => (ms === undefined ? "-" : tookText(ms)));
    return [route, path, claimed, ended, failed, shareOf(errors), ...times];
  });

const WORDS = { better: "better", same: "the same", worse: "worse", unknown: "not yet known" } as const;
const STANDING = ["ROUTE", "ERRORS OF ORDER", "LATENCY OF ORDER", "DIFFERENCE OF ERROR RATES"];
const standingRow = ({ summary: { route }, standing }: RouteDetail): readonly string[] => {
  const { errors, latency, errorDifference } = standing;
  // An interval as wide as the scale says nothing.
  const known = errorDifference.high - errorDifference.low < 2;
  const points = (share: number) => `${(share * 100).toFixed(2)}`;
  const { estimate, low, high } = errorDifference;
  const difference = known ? `${points(estimate)} points (${points(low)} to ${points(high)})` : "-";
  return [route, WORDS[errors], WORDS[latency], difference];
};

function compareText({ colours }: Terminal, details: readonly RouteDetail[], { hours }: Given): string {
  const at = isoTime(details[0]?.at ?? 0);
  return [
    `The last ${hours} h, as of ${at}. Intervals of 95 % (Wilson).\n`,
    table(PARITY, details.map(parityRow), colours),
    table(PATHS, details.flatMap(pathRows), colours),
    table(STANDING, details.map(standingRow), colours),
  ].join("\n");
}

/** How much may differ at worst: what a plan would have been that failed, or did not come in time, nobody knows. */
function refuseUnplanned({ route, parity }: RouteDetail["summary"], maxMismatch: number): void {
  const { compared, mismatched, shadowFailed, oldOnly } = parity;
  const unplanned = shadowFailed + oldOnly;
  const atWorst = unplanned === 0 ? 0 : (mismatched + unplanned) / (compared + unplanned);
  if (atWorst * 100 <= maxMismatch) return;
  const [have, them] = unplanned === 1 ? ["has", "it"] : ["have", "them"];
  const message = `${route}: ${unplanned} ${have} no plan: with ${them} ${percentText(atWorst)} may differ, over ${maxMismatch} %: see UNPLANNED`;
  throw new CliError(COMPARE_EXIT.tooFew, message);
}

/** A gate for scripts: the first reason not to go on. */
function refuse(details: readonly RouteDetail[], { maxMismatch, minCompared }: Given): void {
  if (maxMismatch === undefined) return;
  for (const { summary } of details) {
    const { compared, mismatches } = summary.parity;
    if (compared < minCompared) {
      const message = `${summary.route}: ${compared} compared, and ${minCompared} are wanted: it is too early to say`;
      throw new CliError(COMPARE_EXIT.tooFew, message);
    }
    if (mismatches.estimate * 100 > maxMismatch) {
      const message = `${summary.route}: ${percentText(mismatches.estimate)} differ, over ${maxMismatch} %: see crossfade diffs ${summary.route}`;
      throw new CliError(COMPARE_EXIT.above, message);
    }
    refuseUnplanned(summary, maxMismatch);
  }
}

async function compare(terminal: Terminal, name: string | undefined, given: Given): Promise<void> {
  const routes = name === undefined ? everyRoute() : [routeNamed(name)];
  const deps = configured(composeComparison);
  const details = await Promise.all(routes.map((route) => routeDetail(deps, route, given.hours)));
  if (given.json) terminal.write(`${JSON.stringify(name === undefined ? details : details[0])}\n`);
  else terminal.write(compareText(terminal, details, given));
  refuse(details, given);
}

/** `crossfade compare`: would the new path have done the same, and does it do as well (X4)? */
export function compareCommand(terminal: Terminal): Command {
  return new Command("compare")
    .description(
      "Tells how often the order path would have done what the legacy path did, and how both do: error rates, latency.",
    )
    .argument("[route]", "the message type (default: all of them)")
    .addOption(new Option("--hours <number>", "how far to look back").argParser(wholeBetween(1, 720)).default(24))
    .option("--max-mismatch <percent>", "exit with 4 when more of what was compared differs", numberBetween(0, 100))
    .addOption(
      new Option("--min-compared <number>", "with --max-mismatch: exit with 5 when less was compared")
        .argParser(wholeBetween(0, 999_999_999))
        .default(1),
    )
    .option("--json", "print a route's detail as one JSON object; without a route, an array of them", false)
    .addHelpText(
      "after",
      `\nBASELINE: how often one order differs from another of the same message, which is noise. UNPLANNED: requests whose plan failed,\nor did not come in time.\n\nExamples:\n  crossfade compare\n  crossfade compare RENEW_DOMAIN --hours 72\n  crossfade compare RENEW_DOMAIN --max-mismatch 0.5 --min-compared 200 && crossfade rollout set RENEW_DOMAIN --percentage 1 --reason "it plans what is done"\n${EXIT_CODES_HELP}\n  4  more differs than --max-mismatch allows\n  5  too little was compared, or too many plans failed, to say`,
    )
    .action((name: string | undefined, given: Given) => compare(terminal, name, given));
}
