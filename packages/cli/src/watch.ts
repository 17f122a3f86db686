import { setTimeout as pauseFor } from "node:timers/promises";
import { type Overview, overview, type RouteSummary } from "@crossfade/bridge/console";
import { composeComparison } from "@crossfade/functions/compose-console";
import { Command, Option } from "commander";
import { configured, EXIT_CODES_HELP, failureOf } from "./failure.ts";
import { isoTime, percentText, tookText } from "./figures.ts";
import { numberBetween, wholeBetween } from "./options.ts";
import { type Terminal, table } from "./terminal.ts";

interface Given {
  readonly every: number;
  readonly count?: number;
  readonly hours: number;
  readonly json: boolean;
}

const of = (share: { readonly of: number; readonly estimate: number }): string =>
  share.of === 0 ? "-" : percentText(share.estimate);

const HEADINGS = [
  "ROUTE",
  "STAGE",
  "%",
  "COMPARED",
  "DIFFER",
  "OLD ENDED",
  "OLD FAIL",
  "NEW ENDED",
  "NEW FAIL",
  "NEW P95",
  "IN FLIGHT",
  "GUARD",
];
function rowOf({
  route,
  rollout,
  share,
  parity,
  paths,
  conservation,
  guard,
}: RouteSummary): readonly (string | number)[] {
  const { legacy, order } = paths;
  const p95 = order.p95Ms === undefined ? "-" : tookText(order.p95Ms);
  return [
    ...[route, rollout.stage, share, parity.compared, of(parity.mismatches)],
    ...[legacy.ended, of(legacy.errors), order.ended, of(order.errors), p95],
    ...[conservation.inFlight.legacy + conservation.inFlight.order, guard?.kind ?? "-"],
  ];
}

function conservationText({ received, ended, rejected, inFlight, gap }: Overview["conservation"]): string {
  const open = inFlight.legacy + inFlight.order;
  const sum = `${received} received: ${ended} ended, ${rejected} refused, ${open} in flight`;
  return gap === undefined ? `${sum}\n` : `${sum}; ${gap === 0 ? "all accounted for" : `${gap} not accounted for`}\n`;
}

/** All routes, as they stand. */
const screenOf = ({ colours }: Terminal, seen: Overview): string =>
  [
    `${colours.bold(seen.migration)}  ${isoTime(seen.at)}, the last ${seen.hours} h\n\n`,
    table(HEADINGS, seen.routes.map(rowOf), colours),
    `\n${conservationText(seen.conservation)}`,
  ].join("");

/** Where nothing can be drawn over: one line for each look. */
function lineOf({ at, routes, conservation }: Overview): string {
  const moved = routes
    .filter(({ rollout, paths }) => rollout.stage !== "legacy" || paths.order.ended > 0)
    .map(({ route, rollout, share, parity, paths }) => {
      const stage = rollout.stage === "split" ? `split ${share} %` : rollout.stage;
      return `${route} ${stage} differ ${of(parity.mismatches)} old ${of(paths.legacy.errors)} new ${of(paths.order.errors)}`;
    });
  const all = moved.length === 0 ? "every route is at legacy" : moved.join("; ");
  return `${isoTime(at)}  ${all}; ${conservationText(conservation)}`;
}

/** ANSI: another screen, without a cursor; and back. */
const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
/** To the first place, and what is below is gone. */
const AGAIN = "\u001b[H\u001b[J";

/** Ends a wait early. */
const waitFor = (seconds: number, { signal }: AbortController): Promise<unknown> =>
  pauseFor(seconds * 1_000, undefined, { signal }).catch(() => undefined);

async function watch(
  terminal: Terminal,
  { every, count = Number.POSITIVE_INFINITY, hours, json }: Given,
): Promise<void> {
  const { write, note, live } = terminal;
  const deps = configured(composeComparison);
  const redraws = live !== undefined && !json;
  const stop = new AbortController();
  let last: string | undefined;

  async function look(): Promise<string | undefined> {
    try {
      const seen = await overview(deps, hours);
      return json ? `${JSON.stringify(seen)}\n` : redraws ? screenOf(terminal, seen) : lineOf(seen);
    } catch (error) {
      // It may pass; what never worked does not.
      if (last === undefined) throw error;
      note(`${failureOf(error).message ?? "a look failed"}\n`);
      return undefined;
    }
  }

  const forget = live?.onInterrupt(() => stop.abort());
  try {
    for (let tick = 1; tick <= count && !stop.signal.aborted; tick++) {
      const seen = await look();
      if (redraws && last === undefined) write(ENTER);
      last = seen ?? last;
      if (seen !== undefined) write(redraws ? `${AGAIN}${seen}` : seen);
      if (tick < count) await waitFor(every, stop);
    }
  } finally {
    forget?.();
    // The other screen is gone with what it showed: the last look stays.
    if (redraws && last !== undefined) write(`${LEAVE}${last}`);
  }
}

/** `crossfade watch`: all routes, live (L5). */
export function watchCommand(terminal: Terminal): Command {
  return new Command("watch")
    .description(
      "All routes, again and again, until Ctrl-C. On a terminal it draws over itself; elsewhere one line a look.",
    )
    .addOption(new Option("--every <seconds>", "between two looks").argParser(numberBetween(0.1, 3_600)).default(2))
    .option("--count <number>", "looks, after which it ends (default: until Ctrl-C)", wholeBetween(1, 999_999_999))
    .addOption(new Option("--hours <number>", "how far each looks back").argParser(wholeBetween(1, 720)).default(1))
    .option("--json", "print each look as one line of JSON", false)
    .addHelpText(
      "after",
      `\nIt reads counts: five reads for each route and look, whatever the size of the ledger.\n\nExamples:\n  crossfade watch\n  crossfade watch --every 10 --hours 24\n  crossfade watch --count 1 --json\n${EXIT_CODES_HELP}`,
    )
    .action((given: Given) => watch(terminal, given));
}
