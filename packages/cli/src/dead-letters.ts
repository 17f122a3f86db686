import {
  deadLetterPage,
  deadLetterQueues,
  MOST_LETTERS,
  MOVES_PER_SECOND,
  type MoveDeps,
  moveDeadLetters,
  placeNamed,
  type RedriveProgress,
} from "@crossfade/bridge/console";
import { deadLetterPlaces } from "@crossfade/bridge/deployment";
import { composeDeadLetterMoves } from "@crossfade/functions/compose-console";
import { provideEnv } from "@crossfade/functions/env";
import { Command, Option } from "commander";
import { letterText, queuesText, recordText } from "./dead-letters-print.ts";
import { deploymentOption, readDeployment } from "./deployment-file.ts";
import { CliError, configured, EXIT, EXIT_CODES_HELP } from "./failure.ts";
import { expectIdentity } from "./identity.ts";
import { numberBetween, wholeBetween } from "./options.ts";
import { personOf } from "./person.ts";
import type { Terminal } from "./terminal.ts";

/** Exit codes of these commands, beside those that all have. */
const DEAD_LETTERS_EXIT = {
  /** Some could not be moved, or are not there. */
  failed: 4,
  /** Some may have been sent, and perhaps were not: a person decides. */
  uncertain: 5,
  /** It was asked, and not confirmed. */
  notConfirmed: 7,
} as const;

const MOVE_EXIT_HELP = `  4  some were not moved: each is told with its reason
  5  some may have been sent before, and perhaps were not: look, then --again or discard
  7  not confirmed; nothing was changed`;

interface Deployment {
  readonly deployment: string;
}

/** Only the deployment's file says which queues there are; its ledger goes with them, whatever the variables say. */
async function compose({ deployment }: Deployment): Promise<MoveDeps> {
  const deployed = readDeployment(deployment);
  provideEnv(deployed.environment);
  await expectIdentity(EXIT.badInput, deployed);
  return configured(() => composeDeadLetterMoves(deadLetterPlaces(deployed)));
}

async function list(terminal: Terminal, given: Deployment & { readonly json: boolean }): Promise<void> {
  const told = await deadLetterQueues(await compose(given));
  terminal.write(given.json ? `${JSON.stringify(told)}\n` : queuesText(terminal, told));
}

interface Show extends Deployment {
  readonly limit: number;
  readonly personal: boolean;
  readonly json: boolean;
}

async function show(terminal: Terminal, queue: string, messageId: string | undefined, given: Show): Promise<void> {
  const deps = await compose(given);
  const most = messageId === undefined ? given.limit : MOST_LETTERS;
  const page = await deadLetterPage(deps, queue, most, given.personal ? "all" : "masked");
  const messages = page.messages.filter((message) => messageId === undefined || message.messageId === messageId);
  const record = messageId === undefined ? undefined : await deps.moves.read(queue, messageId);
  if (given.json) terminal.write(`${JSON.stringify({ ...page, messages, ...(record && { record }) })}\n`);
  else {
    terminal.write(messages.map((message) => letterText(terminal, message)).join("\n"));
    if (record !== undefined) terminal.write(recordText(terminal, record));
    if (messageId === undefined) terminal.write(`${messages.length} of about ${page.queue.visible} that wait.\n`);
  }
  if (messageId === undefined || messages.length > 0 || record !== undefined) return;
  const message = `${messageId} is not among the first ${MOST_LETTERS} of ${queue}, and nobody moved it`;
  throw new CliError(DEAD_LETTERS_EXIT.failed, message);
}

interface Move extends Deployment {
  readonly all: boolean;
  readonly again?: readonly string[];
  readonly perSecond: number;
  readonly reason: string;
  readonly by?: string;
  readonly yes: boolean;
  readonly json: boolean;
}
type Action = "redrive" | "discard";

async function confirm(terminal: Terminal, deps: MoveDeps, action: Action, queue: string, given: Move, n?: number) {
  if (given.yes) return;
  if (terminal.ask === undefined) {
    throw new CliError(DEAD_LETTERS_EXIT.notConfirmed, `${action} cannot be taken back: say --yes if that is meant`);
  }
  const place = placeNamed(deps, queue);
  const { visible } = await deps.letters.count(place);
  const what = n === undefined ? `all (about ${visible})` : `${n}`;
  const where = action === "discard" ? "for ever" : `to ${place.returnsTo?.queueArn ?? "where each came from"}`;
  if (await terminal.ask(`${action} ${what} of ${queue} ${where}? [y/N] `)) return;
  throw new CliError(DEAD_LETTERS_EXIT.notConfirmed, "not confirmed; nothing was changed");
}

/** Milliseconds between two lines of progress. */
const SAY_EVERY = 1_000;

function teller({ note }: Terminal): (progress: RedriveProgress) => void {
  let said = 0;
  return ({ moved, discarded, left }) => {
    if (left > 0 && Date.now() - said < SAY_EVERY) return;
    said = Date.now();
    note(`${moved + discarded} done, about ${left} left\n`);
  };
}

function refuse({ uncertain, failed, done, left }: RedriveProgress, action: Action): void {
  const told = failed.map(({ messageId, reason }) => `\n  ${messageId}: ${reason}`).join("");
  if (uncertain.length > 0 && action === "redrive") {
    const ids = uncertain.map((id) => `\n  ${id}`).join("");
    const advice = "Look whether the consumer has them; then --again sends them, or discard takes them away";
    throw new CliError(
      DEAD_LETTERS_EXIT.uncertain,
      `nobody knows whether these were sent:${ids}\n${advice}${told === "" ? "" : `\nnot moved:${told}`}`,
    );
  }
  if (failed.length > 0) throw new CliError(DEAD_LETTERS_EXIT.failed, `not moved:${told}`);
  if (!done) throw new CliError(EXIT.failed, `it stopped, and about ${left} are left: run it again`);
}

async function move(terminal: Terminal, action: Action, queue: string, ids: readonly string[], given: Move) {
  if (ids.length > 0 === given.all) {
    throw new CliError(EXIT.badInput, "name the messages, or say --all");
  }
  const person = personOf(given);
  const deps = await compose(given);
  placeNamed(deps, queue);
  const messageIds = given.all ? undefined : [...new Set(ids)];
  await confirm(terminal, deps, action, queue, given, messageIds?.length);
  const { again, perSecond } = given;
  const request = { ...{ queue, action, again, perSecond, messageIds }, ...person };
  const progress = await moveDeadLetters(deps, request, teller(terminal));
  const { moved, discarded, left } = progress;
  if (given.json) terminal.write(`${JSON.stringify(progress)}\n`);
  else terminal.write(`${queue}: ${moved} redriven, ${discarded} discarded, about ${left} left\n`);
  refuse(progress, action);
}

function moving(action: Action, description: string, more: string, examples: string): Command {
  return new Command(action)
    .description(description)
    .argument("<queue>", "what it holds, as dead-letters list shows it")
    .argument("[messageId...]", "as dead-letters show tells them")
    .addOption(deploymentOption())
    .option("--all", "all that lie there when it begins", false)
    .addOption(
      new Option("--per-second <number>", "at most so many messages a second")
        .argParser(numberBetween(0.1, 300))
        .default(MOVES_PER_SECOND),
    )
    .requiredOption("--reason <text>", "why; kept in the ledger for ever")
    .option("--by <name>", "who (default: your user name here)")
    .option("--yes", "do not ask", false)
    .option("--json", "print how far it came as one JSON object", false)
    .addHelpText("after", `\n${more}\n\nExamples:\n${examples}\n${EXIT_CODES_HELP}\n${MOVE_EXIT_HELP}`);
}

/** `crossfade dead-letters`: what nobody could handle, and what people do about it. */
export function deadLettersCommand(terminal: Terminal): Command {
  const command = new Command("dead-letters").description("What nobody could handle: look, send back, or throw away.");
  command
    .command("list")
    .description("The queues of dead letters, and where their messages go back to.")
    .addOption(deploymentOption())
    .option("--json", "print them as one JSON object", false)
    .addHelpText(
      "after",
      `\nExamples:\n  crossfade dead-letters list\n  crossfade dead-letters list --json\n${EXIT_CODES_HELP}`,
    )
    .action((given: Deployment & { readonly json: boolean }) => list(terminal, given));
  command
    .command("show")
    .description("The first messages that a queue gives out; or one of them, and what was done with it.")
    .argument("<queue>", "what it holds, as dead-letters list shows it")
    .argument("[messageId]", "one message")
    .addOption(deploymentOption())
    .addOption(
      new Option("--limit <number>", "messages that are shown").argParser(wholeBetween(1, MOST_LETTERS)).default(10),
    )
    .option("--personal", "also bodies and attributes: personal data", false)
    .option("--json", "print them as one JSON object", false)
    .addHelpText(
      "after",
      `\nTo look is to receive: RECEIVES rises by one, and the messages are hidden from others for as long as it takes.\n\nExamples:\n  crossfade dead-letters show quarantine\n  crossfade dead-letters show quarantine 5fea7756-0ea4-451a-a703-a558b933e274 --personal\n${EXIT_CODES_HELP}\n  4  no such message`,
    )
    .action((queue: string, id: string | undefined, given: Show) => show(terminal, queue, id, given));
  const redrive = moving(
    "redrive",
    "Sends messages back to where they came from, byte for byte, each once.",
    "Interrupt it whenever you like, and run it again: what was sent is not sent again. What may have been sent when it was\ninterrupted is told, and left.",
    `  crossfade dead-letters redrive quarantine 5fea7756-0ea4-451a-a703-a558b933e274 --reason "the schema knows the field now"\n  crossfade dead-letters redrive registrations-forward --all --per-second 2 --reason "the registry is back" --yes`,
  ).option("--again <messageId...>", "send these although they may have been sent before");
  const discard = moving(
    "discard",
    "Throws messages away, for ever. The ledger keeps who did it, when and why, and a hash of the body.",
    "There is no way back.",
    `  crossfade dead-letters discard quarantine 5fea7756-0ea4-451a-a703-a558b933e274 --reason "a test of the publisher"`,
  );
  redrive.action((queue: string, ids: readonly string[], given: Move) => move(terminal, "redrive", queue, ids, given));
  discard.action((queue: string, ids: readonly string[], given: Move) => move(terminal, "discard", queue, ids, given));
  command.addCommand(redrive);
  command.addCommand(discard);
  return command;
}
