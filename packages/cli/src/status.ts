import { type QueueSight, type SourceStatus, type Status, statusOf } from "@crossfade/bridge/attach";
import { composeOperator } from "@crossfade/functions/compose-operator";
import { Command } from "commander";
import { ATTACH_EXIT } from "./attach.ts";
import { deploymentOption, namesOf, readDeployment, sourceOption } from "./deployment-file.ts";
import { CliError, configured, EXIT_CODES_HELP } from "./failure.ts";
import { expectIdentity } from "./identity.ts";
import { type Terminal, table } from "./terminal.ts";

interface Given {
  readonly deployment: string;
  readonly source?: readonly string[];
  readonly json: boolean;
}

const stateText = ({ state }: SourceStatus): string =>
  "step" in state ? `${state.kind} at ${state.step} (${state.by})` : state.kind;

/** Visible, in flight, delayed. */
const depthText = (queue: QueueSight | undefined): string =>
  queue === undefined ? "-" : `${queue.visible}/${queue.inFlight}/${queue.delayed}`;

const SOURCES = ["SOURCE", "STATE", "INGEST", "OLD", "FORWARD", "QUEUE", "FORWARD QUEUE", "ORDERS", "OLDEST s"];
const sourceRow = (status: SourceStatus): readonly (string | number)[] => {
  const { source, mappings, intake, forward, ordersInFlight, oldestSeconds = "-" } = status;
  const { ingest = "-", old = "-", forward: forwardMapping = "-" } = mappings;
  const queues = [depthText(intake), depthText(forward)];
  return [source, stateText(status), ingest, old, forwardMapping, ...queues, ordersInFlight, oldestSeconds];
};

const ROUTES = ["ROUTE", "SOURCE", "STAGE", "%", "HELD BY", "LEGACY BEFORE"];
const routeRows = ({ source, rollouts }: SourceStatus) =>
  rollouts.map(({ route, stage, percentage, hold, legacyBefore }) => [
    ...[route, source, stage, percentage, hold?.source ?? "-"],
    legacyBefore === undefined ? "-" : new Date(legacyBefore).toISOString(),
  ]);

function statusText({ colours }: Terminal, { sources, deadLetters, needs }: Status): string {
  return [
    table(SOURCES, sources.map(sourceRow), colours),
    table(ROUTES, sources.flatMap(routeRows), colours),
    table(
      ["DEAD LETTERS OF", "MESSAGES"],
      Object.entries(deadLetters).map(([of, n]) => [of, n ?? "gone"]),
      colours,
    ),
    needs.length === 0
      ? "Nothing needs a person.\n"
      : `Needs a person:\n${needs.map((need) => `  ${need}\n`).join("")}`,
  ].join("\n");
}

async function status(terminal: Terminal, given: Given): Promise<void> {
  const deployed = readDeployment(given.deployment);
  const names = namesOf(deployed, given.source);
  const { deps, places } = configured(() => composeOperator(deployed));
  await expectIdentity(ATTACH_EXIT.otherThanDeployed, deployed);
  const told = await statusOf(
    deps,
    [...places.values()].filter(({ name }) => names.includes(name)),
    deployed,
  );
  terminal.write(given.json ? `${JSON.stringify(told)}\n` : statusText(terminal, told));
  if (told.needs.length > 0) {
    const n = told.needs.length;
    throw new CliError(ATTACH_EXIT.person, `${n} ${n === 1 ? "thing needs" : "things need"} a person`);
  }
}

/** `crossfade status`: how every source is, and what needs a person. */
export function statusCommand(terminal: Terminal): Command {
  return new Command("status")
    .description("Tells how far each source is attached, its mappings and queues, its routes, and dead letters.")
    .addOption(deploymentOption())
    .addOption(sourceOption())
    .option("--json", "print it as one JSON object", false)
    .addHelpText(
      "after",
      `\nQueues are told as visible/in flight/delayed messages. OLDEST is the age of the oldest request that has not ended.\n\nExamples:\n  crossfade status\n  crossfade status --source registrations --json\n${EXIT_CODES_HELP}\n  4  these are not the account and the region that were deployed to\n  5  something needs a person: it is printed`,
    )
    .action((given: Given) => status(terminal, given));
}
