import { carryOut, type Direction, type Ended, PERSONS, prepare, StepName } from "@crossfade/bridge/attach";
import { composeOperator, type Operator } from "@crossfade/functions/compose-operator";
import { Command, InvalidArgumentError } from "commander";
import { planText, progressTeller } from "./attach-print.ts";
import { deploymentOption, namesOf, readDeployment, SST_OUTPUTS, sourceOption } from "./deployment-file.ts";
import { CliError, configured, EXIT, EXIT_CODES_HELP } from "./failure.ts";
import { expectIdentity, refuse } from "./identity.ts";
import { nameOf } from "./person.ts";
import type { Terminal } from "./terminal.ts";

/** Exit codes of these commands, beside those that all have. */
export const ATTACH_EXIT = {
  /** Something is not what the deployment says. */
  otherThanDeployed: 4,
  /** A person must do something. */
  person: 5,
  /** A route stands where it may not. */
  notAtLegacy: 6,
  /** It was asked, and not confirmed. */
  notConfirmed: 7,
  /** It still waits, and --wait-at-most is over. */
  stillWaiting: 8,
} as const;

const ATTACH_EXIT_HELP = `  4  something is not what the deployment says; nothing was changed
  5  a step is a person's: do it, and go on with --done
  6  a route is not at legacy; nothing was changed
  7  not confirmed; nothing was changed
  8  it still waits: run it again`;

interface Given {
  readonly plan?: boolean;
  readonly apply?: boolean;
  readonly deployment: string;
  readonly source?: readonly string[];
  readonly done?: StepName;
  readonly by?: string;
  readonly yes: boolean;
  readonly json: boolean;
  readonly waitAtMost?: number;
}

/** Everything is looked at before anything is changed. */
async function prepareAll({ deps, places }: Operator, names: readonly string[], direction: Direction, by: string) {
  const prepared = await Promise.all(
    names.map(async (name) => {
      const place = places.get(name);
      return place && { place, ...(await prepare(deps, place, { direction, by })) };
    }),
  );
  const found = prepared.filter((each) => each !== undefined);
  const mismatches = found.flatMap((each) => (each.kind === "refused" ? each.mismatches : []));
  if (mismatches.length > 0) refuse(ATTACH_EXIT.otherThanDeployed, mismatches);
  return found.filter((each) => each.kind !== "refused");
}
type Prepared = Awaited<ReturnType<typeof prepareAll>>[number];

/** Routes that a detach would take back from the order path. */
const movedRoutes = (prepared: readonly Prepared[]): readonly string[] =>
  prepared.flatMap((each) =>
    each.kind === "ready" && !each.plan.finished
      ? each.view.seen.rollouts.filter(({ stage }) => stage !== "legacy").map(({ route }) => route)
      : [],
  );

async function confirm(
  terminal: Terminal,
  prepared: readonly Prepared[],
  direction: Direction,
  given: Given,
): Promise<void> {
  if (given.yes) return;
  const moved = direction === "detach" ? movedRoutes(prepared) : [];
  if (terminal.ask === undefined) {
    if (moved.length === 0) return;
    const message = `${moved.join(", ")}: detach takes them back to legacy; say --yes if that is meant`;
    throw new CliError(ATTACH_EXIT.notAtLegacy, message);
  }
  if (!(await terminal.ask(`${direction} as planned? [y/N] `))) {
    throw new CliError(ATTACH_EXIT.notConfirmed, "not confirmed; nothing was changed");
  }
}

function exitOf(ended: Ended, source: string, direction: Direction, { deployment }: Given): CliError | undefined {
  switch (ended.kind) {
    case "finished":
      return undefined;
    case "person": {
      const file = deployment === SST_OUTPUTS ? "" : ` --deployment ${deployment}`;
      const again = `crossfade ${direction} --apply --source ${source} --done ${ended.step}${file}`;
      return new CliError(ATTACH_EXIT.person, `${source}: ${ended.says}. Then: ${again}`);
    }
    case "refused":
      return new CliError(ended.step === "hold" ? ATTACH_EXIT.notAtLegacy : EXIT.conflict, `${source}: ${ended.says}`);
    case "still-waiting":
      return new CliError(ATTACH_EXIT.stillWaiting, `${source}: it waits ${ended.why}; run it again`);
  }
}

async function run(terminal: Terminal, direction: Direction, given: Given): Promise<void> {
  if ((given.plan === true) === (given.apply === true)) {
    throw new CliError(EXIT.badInput, "say either --plan, which changes nothing, or --apply");
  }
  const by = nameOf(given);
  const deployed = readDeployment(given.deployment);
  const names = namesOf(deployed, given.source);
  if (given.done !== undefined && names.length !== 1) throw new CliError(EXIT.badInput, "--done needs one --source");
  const operator = configured(() => composeOperator(deployed));
  await expectIdentity(ATTACH_EXIT.otherThanDeployed, deployed);
  const prepared = await prepareAll(operator, names, direction, by);

  if (given.plan === true || terminal.ask !== undefined) {
    const plans = prepared.map((each) =>
      each.kind === "ready"
        ? { ...each.plan, warnings: each.warnings }
        : { source: each.place.name, direction, finished: true, steps: [], notes: [], warnings: [] },
    );
    if (given.json) terminal.write(given.plan === true ? `${JSON.stringify(plans)}\n` : "");
    else for (const { warnings, ...plan } of plans) terminal.write(planText(terminal, plan, warnings));
  }
  if (given.plan === true) return;

  const work = prepared.filter((each) => each.kind === "ready" && !each.plan.finished);
  if (work.length > 0) await confirm(terminal, prepared, direction, given);
  const ended = [];
  for (const { place, kind } of prepared) {
    if (kind === "nothing") {
      ended.push({ source: place.name, kind: "finished" as const, already: true });
      continue;
    }
    const onProgress = progressTeller(terminal, place.name, given.json);
    const order = { direction, by, done: given.done, waitAtMost: given.waitAtMost, onProgress };
    ended.push({ source: place.name, ...(await carryOut(operator.deps, place, order)) });
  }
  if (given.json) terminal.write(`${JSON.stringify(ended)}\n`);
  else for (const { source, kind } of ended) if (kind === "finished") terminal.write(`${source}  is ${direction}ed\n`);
  const [first, ...rest] = ended.flatMap((each) => exitOf(each, each.source, direction, given) ?? []);
  if (first === undefined) return;
  throw rest.length === 0
    ? first
    : new CliError(first.exitCode, [first, ...rest].map(({ message }) => message).join("\n"));
}

function personsStep(text: string): StepName {
  const step = StepName.safeParse(text);
  if (step.success && PERSONS.has(step.data)) return step.data;
  throw new InvalidArgumentError(`It must be one of ${[...PERSONS].join(", ")}.`);
}

function seconds(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be whole seconds.");
}

const DESCRIPTIONS: Readonly<Record<Direction, string>> = {
  attach:
    "Puts the bridge in the place of the old consumers, step by step; their routes stay at legacy.\n" +
    "After a crash run it again: it goes on where it stopped. crossfade detach is the way back from any step.",
  detach:
    "Gives the sources back to the old consumers, also from a half-done attach; no message is lost or done twice.\n" +
    "Routes that are not at legacy go back there, and every order in flight is awaited.",
};

/** `crossfade attach` and `crossfade detach` (model D). */
export function attachCommand(terminal: Terminal, direction: Direction): Command {
  const call = `crossfade ${direction}`;
  return new Command(direction)
    .description(DESCRIPTIONS[direction])
    .option("--plan", "print every call and wait from where it stands, and change nothing")
    .option("--apply", "do it")
    .addOption(deploymentOption())
    .addOption(sourceOption())
    .option("--done <step>", "a person's step that is done", personsStep)
    .option("--wait-at-most <seconds>", "for one step; without limit unless given", seconds)
    .option("--by <name>", "who does it; kept in the ledger (default: your user name here)")
    .option("--yes", "do not ask, and take routes back to legacy where detach must", false)
    .option("--json", "print the plans, or how each source ended, as JSON", false)
    .addHelpText(
      "after",
      `\nExamples:\n  ${call} --plan\n  ${call} --apply --source registrations\n  ${call} --apply --yes --wait-at-most 600 --json\n${EXIT_CODES_HELP}\n${ATTACH_EXIT_HELP}`,
    )
    .action((given: Given) => run(terminal, direction, given));
}
