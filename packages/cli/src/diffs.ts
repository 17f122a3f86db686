import { type DifferenceGroup, explain, type JudgedRequest, RequestId, type VerdictReader } from "@crossfade/bridge";
import { composeVerdicts } from "@crossfade/functions/compose-console";
import { Command, Option } from "commander";
import { CliError, configured, EXIT, EXIT_CODES_HELP } from "./failure.ts";
import { isoTime } from "./figures.ts";
import { routeNamed, wholeBetween } from "./options.ts";
import { type Terminal, table } from "./terminal.ts";

/** Nothing was judged of that request. */
const NOT_JUDGED = 4;

interface Given {
  readonly against: "legacy" | "order";
  readonly request?: string;
  readonly limit: number;
  readonly json: boolean;
}

const sameKind = (a: DifferenceGroup, b: DifferenceGroup): boolean => a.kind === b.kind && a.path === b.path;

/** Each kind of difference with the baseline's count of the same: what one order differs in from another is noise. */
async function groups({ write, colours }: Terminal, verdicts: VerdictReader, name: string, given: Given) {
  const route = routeNamed(name);
  const [found, noise] = await Promise.all([verdicts.groups(route, given.against), verdicts.groups(route, "order")]);
  const ranked = found.slice(0, given.limit).map((group) => ({
    ...group,
    baseline: noise.find((other) => sameKind(group, other))?.count ?? 0,
  }));
  if (given.json) return write(`${JSON.stringify({ route, against: given.against, groups: ranked })}\n`);
  if (ranked.length === 0) return write(`No difference was found in ${route}.\n`);
  const rows = ranked.map(({ count, baseline, kind, path, lastAt, examples }) => [
    ...[count, baseline, kind, path, isoTime(lastAt)],
    examples[0]?.requestId ?? "-",
  ]);
  write(table(["REQUESTS", "BASELINE", "KIND", "PATH", "LAST", "NEWEST REQUEST"], rows, colours));
  if (found.length > ranked.length) write(`${found.length - ranked.length} more kinds: --limit shows them.\n`);
}

/** One value in a table's cell. */
const cell = (value: unknown): string => (value === undefined ? "-" : JSON.stringify(value));

function judgedText({ colours }: Terminal, { against, verdict, at, sample }: JudgedRequest): string {
  const head = `${colours.bold(verdict)} against ${against === "legacy" ? "legacy" : "a second order"}, judged ${isoTime(at)}\n`;
  const rows = (sample?.differences ?? []).map(({ kind, path, old, new: other }) => [
    ...[kind, path, cell(old), cell(other)],
  ]);
  return rows.length === 0 ? head : `${head}${table(["KIND", "PATH", "OLD", "NEW"], rows, colours)}`;
}

async function ofRequest(terminal: Terminal, verdicts: VerdictReader, name: string, id: string, json: boolean) {
  const route = routeNamed(name);
  const requestId = RequestId.safeParse(id);
  if (!requestId.success) throw new CliError(EXIT.badInput, `--request: ${explain(requestId.error).rule}`);
  const judged = await verdicts.of({ route, requestId: requestId.data });
  if (json) terminal.write(`${JSON.stringify(judged)}\n`);
  else terminal.write(judged.map((each) => judgedText(terminal, each)).join("\n"));
  if (judged.length === 0) {
    throw new CliError(NOT_JUDGED, `nothing was judged of ${route} ${id}: see crossfade trace ${id}`);
  }
}

/** `crossfade diffs`: in what the paths differ (X4). */
export function diffsCommand(terminal: Terminal): Command {
  return new Command("diffs")
    .description("The kinds of difference that were found in a route, most frequent first; or those of one request.")
    .argument("<route>", "the message type, as crossfade routes lists it")
    .addOption(
      new Option("--against <side>", "legacy, or (the baseline) a second order of the same message")
        .choices(["legacy", "order"])
        .default("legacy"),
    )
    .option("--request <id>", "the differences of this request, old and new")
    .addOption(new Option("--limit <number>", "kinds that are shown").argParser(wholeBetween(1, 1_000)).default(20))
    .option("--json", "print it as JSON", false)
    .addHelpText(
      "after",
      `\nREQUESTS and BASELINE count requests: what one order differs in from another as often is noise. Values are kept\nwithout personal data.\n\nExamples:\n  crossfade diffs RENEW_DOMAIN\n  crossfade diffs RENEW_DOMAIN --against order\n  crossfade diffs RENEW_DOMAIN --request 0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11\n${EXIT_CODES_HELP}\n  4  nothing was judged of that request`,
    )
    .action(async (name: string, given: Given) => {
      const verdicts = configured(composeVerdicts);
      if (given.request === undefined) await groups(terminal, verdicts, name, given);
      else await ofRequest(terminal, verdicts, name, given.request, given.json);
    });
}
