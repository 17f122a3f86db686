import { BUCKETS, Integration, type Rollout, type RolloutStore, Stage, shareOf } from "@crossfade/bridge";
import { expectVersion, nextRollout, RolloutChange } from "@crossfade/bridge/console";
import { wordsOfTarget } from "@crossfade/bridge/guard";
import { composeRollouts } from "@crossfade/functions/compose";
import { Command, Option } from "commander";
import { CliError, configured, EXIT, EXIT_CODES_HELP } from "./failure.ts";
import { addChangeOptions, type ChangeGiven, everyRoute, percent, ROUTE, routeNamed } from "./options.ts";
import { addTurns } from "./pause.ts";
import { checked, personOf } from "./person.ts";
import { standingOf } from "./rollout-print.ts";
import { type Terminal, table } from "./terminal.ts";

/** Every route of the migration, in the order in which the contract lists them. */
async function everyRollout(store: RolloutStore): Promise<Rollout[]> {
  return Promise.all(everyRoute().map((route) => store.read(route)));
}

const HEADINGS = ["ROUTE", "STAGE", "PERCENT", "PLANNED", "INCLUDED", "EXCLUDED", "VERSION"];
function rowOf(rollout: Rollout): (string | number)[] {
  const { route, stage, sample, include, exclude, version, paused } = rollout;
  const where = paused === undefined ? stage : `paused (${wordsOfTarget(paused)})`;
  const planned = stage === "shadow" ? sample : 0;
  return [route, where, shareOf(rollout), planned, include.length, exclude.length, version];
}

async function list({ write, colours }: Terminal, json: boolean): Promise<void> {
  const rollouts = await everyRollout(configured(composeRollouts));
  write(json ? `${JSON.stringify(rollouts)}\n` : table(HEADINGS, rollouts.map(rowOf), colours));
}

/** `crossfade routes`: how far every route has been moved. */
export const routesCommand = (terminal: Terminal): Command =>
  new Command("routes")
    .description("Every route, and how far it has been moved.")
    .option("--json", "print the rollouts as one JSON array", false)
    .addHelpText("after", `\nExamples:\n  crossfade routes\n  crossfade routes --json\n${EXIT_CODES_HELP}`)
    .action(({ json }: { json: boolean }) => list(terminal, json));

interface Given extends ChangeGiven {
  readonly stage?: Stage;
  readonly percentage?: number;
  readonly sample?: number;
  readonly baseline?: number;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly integration?: Integration;
  readonly salt?: string;
}

/** The next rollout. What is not given stays as it is. */
function changed(current: Rollout, given: Given): Rollout {
  const { stage, percentage, sample, baseline, include, exclude, integration, salt = current.salt } = given;
  const change = checked(RolloutChange, { stage, percentage, sample, baseline, include, exclude, integration });
  return nextRollout({ ...current, salt }, change);
}

async function setRollout({ write, colours }: Terminal, name: string, given: Given): Promise<void> {
  const route = routeNamed(name);
  const person = personOf(given);
  const store = configured(composeRollouts);
  const current = await store.read(route);
  if (given.version !== undefined) expectVersion(current, given.version);
  if (given.salt !== undefined && current.version > 0 && given.salt !== current.salt) {
    throw new CliError(
      EXIT.badInput,
      "--salt: is set with the first change of a route, and never after it: customers would change sides",
    );
  }
  const next = changed(current, given);
  await store.write(next, { ...person, at: Date.now() });
  if (given.json) {
    write(`${JSON.stringify(next)}\n`);
    return;
  }
  const [from, to] = [shareOf(current), shareOf(next)];
  const moved = `${Math.round(Math.abs(to - from) * (BUCKETS / 100))} of ${BUCKETS} buckets`;
  const what = to === from ? "the share stays" : to > from ? `${moved} go to order` : `${moved} go back to legacy`;
  const bold = colours.bold(standingOf(next));
  write(`${name} is at ${bold} (version ${next.version}): ${what}. Work in flight stays on its path.\n`);
}

/** `crossfade rollout set`, `pause` and `resume`: the flag of one route (B3). */
export function rolloutCommand(terminal: Terminal): Command {
  const rollout = new Command("rollout").description(
    "The feature flag of a route; every change is kept with its reason.",
  );
  const set = rollout
    .command("set")
    .description("Moves a route. What is not given stays as it is; a percentage alone gives the stage too.")
    .argument(...ROUTE)
    .addOption(new Option("--stage <stage>", "legacy, shadow, split or order").choices(Stage.options))
    .option("--percentage <number>", "0 to 100, in hundredths: how many cohorts take the order path", percent)
    .option("--sample <number>", "0 to 100, in hundredths: in shadow, how many messages are planned", percent)
    .option(
      "--baseline <number>",
      "0 to 100, in hundredths: how many of those are planned twice, to measure noise",
      percent,
    )
    .option("--include <cohort...>", "cohorts that take the order path whatever the percentage; replaces the list")
    .option("--exclude <cohort...>", "cohorts that stay on the legacy path; replaces the list")
    .addOption(new Option("--integration <kind>", "who does the work of orders").choices(Integration.options))
    .option("--salt <text>", "with the first change only: routes of one salt move a cohort together")
    .addHelpText(
      "after",
      `\nRaising a percentage only adds cohorts. ingest follows within ROLLOUT_MAX_AGE_MS (10 s).\n\nExamples:\n  crossfade rollout set RENEW_DOMAIN --stage shadow --sample 10 --reason "does it plan what is done?"\n  crossfade rollout set RENEW_DOMAIN --percentage 1 --reason "first step"\n  crossfade rollout set RENEW_DOMAIN --percentage 0 --reason "errors at the registry"\n  crossfade rollout set RENEW_DOMAIN --stage split --include cust-17 --reason "our own account"\n${EXIT_CODES_HELP}`,
    )
    .action((route: string, given: Given) => setRollout(terminal, route, given));
  addChangeOptions(set);
  addTurns(rollout, terminal);
  return rollout;
}
