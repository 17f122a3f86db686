import { type GuardRecord, removeGuard, runGuard, setGuard } from "@crossfade/bridge";
import { expectVersion } from "@crossfade/bridge/console";
import { composeGuard } from "@crossfade/functions/compose-guard";
import { Command } from "commander";
import { CliError, configured, EXIT, EXIT_CODES_HELP } from "./failure.ts";
import { addPolicyOptions, type PolicyGiven, policyOf } from "./guard-policy.ts";
import { decisionText, guardText, LIST_HEADINGS, listRow } from "./guard-print.ts";
import { addChangeOptions, type ChangeGiven, ROUTE, routeNamed } from "./options.ts";
import { personOf } from "./person.ts";
import { type Terminal, table } from "./terminal.ts";

const UNKNOWN = (name: string) =>
  new CliError(EXIT.conflict, `the guard does not look after ${name}: see crossfade guard set --help`);

async function list({ write, colours }: Terminal, json: boolean): Promise<void> {
  const { deps, routes } = configured(composeGuard);
  const found = await Promise.all(
    routes.map(async (route) => ({ record: await deps.guard.read(route), rollout: await deps.rollouts.read(route) })),
  );
  const guarded = found.flatMap(({ record, rollout }) => (record === undefined ? [] : [{ record, rollout }]));
  if (json) write(`${JSON.stringify(guarded.map(({ record }) => record))}\n`);
  else if (guarded.length === 0) write("The guard looks after no route: see crossfade guard set --help\n");
  else
    write(
      table(
        LIST_HEADINGS,
        guarded.map(({ record, rollout }) => listRow(record, rollout)),
        colours,
      ),
    );
}

async function show({ write, colours }: Terminal, name: string, json: boolean): Promise<void> {
  const route = routeNamed(name);
  const { deps } = configured(composeGuard);
  const record = await deps.guard.read(route);
  if (record === undefined) throw UNKNOWN(name);
  write(json ? `${JSON.stringify(record)}\n` : guardText(record, await deps.rollouts.read(route), colours));
}

type SetGiven = PolicyGiven & ChangeGiven;

async function set({ write, colours }: Terminal, name: string, given: SetGiven): Promise<void> {
  const route = routeNamed(name);
  const { by, reason } = personOf(given);
  const policy = policyOf(given);
  const { deps } = configured(composeGuard);
  const rollout = await deps.rollouts.read(route);
  const { version = rollout.version } = given;
  expectVersion(rollout, version);
  const record: GuardRecord = await setGuard(deps, route, { policy, version, reason }, by);
  write(given.json ? `${JSON.stringify(record)}\n` : guardText(record, rollout, colours));
}

type RemoveGiven = Omit<ChangeGiven, "version">;

async function remove({ write }: Terminal, name: string, given: RemoveGiven): Promise<void> {
  const route = routeNamed(name);
  const person = personOf(given);
  const { deps } = configured(composeGuard);
  await removeGuard(deps, route, person);
  const rollout = await deps.rollouts.read(route);
  write(
    given.json
      ? `${JSON.stringify({ route, removed: true })}\n`
      : `${name} stays where it is (version ${rollout.version}): nobody promotes it or rolls it back any more.\n`,
  );
}

async function run({ write, colours }: Terminal, name: string, json: boolean): Promise<void> {
  const route = routeNamed(name);
  const { deps } = configured(composeGuard);
  const [record, entry] = [await deps.guard.read(route), await runGuard(deps, route)];
  if (record === undefined || entry === undefined) throw UNKNOWN(name);
  write(json ? `${JSON.stringify(entry)}\n` : `${decisionText(entry, record.policy, colours)}\n`);
}

interface Json {
  readonly json: boolean;
}

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  crossfade guard ${line}\n`).join("")}${EXIT_CODES_HELP}`;

/** `crossfade guard`: who is looked after, how far it may go, and what was decided (X10). */
export function guardCommand(terminal: Terminal): Command {
  const guard = new Command("guard").description(
    "Promotes a route along a ramp that you set, holds it, or rolls it back when the numbers turn; looks each minute.",
  );
  guard
    .command("list")
    .description("Every route that is looked after, and what was decided last.")
    .option("--json", "print the records as one JSON array", false)
    .addHelpText("after", examples("list", "list --json"))
    .action(({ json }: Json) => list(terminal, json));
  guard
    .command("show")
    .description("What is asked for one route, how far it has come, and the last decision with the numbers it saw.")
    .argument(...ROUTE)
    .option("--json", "print the record as one JSON object", false)
    .addHelpText("after", examples("show RENEW_DOMAIN", "show RENEW_DOMAIN --json"))
    .action((route: string, { json }: Json) => show(terminal, route, json));
  const setting = guard
    .command("set")
    .description(
      "Looks after a route from now on, from the step on which its rollout stands. Replaces what was asked before.",
    )
    .argument(...ROUTE)
    .addHelpText(
      "after",
      `\nShares are of 0 to 1. Counts begin anew with each step. A rollout that somebody changes afterwards is left alone until\nthe guard is set again.\n${examples('set RENEW_DOMAIN --ramp split:1,split:10,split:50 --bake 24h --reason "as planned"', 'set RENEW_DOMAIN --ramp shadow,split:5 --minimum-samples 2000 --version 7 --reason "shadow is clean"', 'set RENEW_DOMAIN --policy renew-domain.json --reason "reviewed"')}`,
    )
    .action((route: string, given: SetGiven) => set(terminal, route, given));
  addChangeOptions(addPolicyOptions(setting), "the record");
  guard
    .command("remove")
    .description("Leaves a route alone from now on; it stays where it is.")
    .argument(...ROUTE)
    .requiredOption("--reason <text>", "why; kept in the audit")
    .option("--by <name>", "who (default: your user name here)")
    .option("--json", "print it as one JSON object", false)
    .addHelpText("after", examples('remove RENEW_DOMAIN --reason "it is at its limit"'))
    .action((route: string, given: RemoveGiven) => remove(terminal, route, given));
  guard
    .command("run")
    .description("Looks now, as it does each minute, and acts.")
    .argument(...ROUTE)
    .option("--json", "print the decision as one JSON object", false)
    .addHelpText("after", examples("run RENEW_DOMAIN", "run RENEW_DOMAIN --json"))
    .action((route: string, { json }: Json) => run(terminal, route, json));
  return guard;
}
