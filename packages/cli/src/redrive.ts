import { OrderId, type RedriveRefusal, redriveOrder } from "@crossfade/bridge";
import { composeRedrive } from "@crossfade/functions/compose";
import { Command } from "commander";
import { CliError, configured, EXIT, EXIT_CODES_HELP } from "./failure.ts";
import { personOf } from "./person.ts";
import type { Terminal } from "./terminal.ts";

/** A refusal's exit code: nothing was changed. */
const REFUSED: Readonly<Record<RedriveRefusal, number>> = {
  UNKNOWN_ORDER: EXIT.badInput,
  NOT_REDRIVABLE: 4,
  REDRIVE_WINDOW_OVER: 5,
  CHARGE_DECIDED: 6,
  REDRIVEN_BY_HAND: 7,
  PIN_BUSY: 8,
};

const REFUSED_HELP = `  4  NOT_REDRIVABLE: it runs, has succeeded, or Step Functions refuses
  5  REDRIVE_WINDOW_OVER: it ended over 14 days ago
  6  CHARGE_DECIDED: captured or cancelled for ever; place a new order
  7  REDRIVEN_BY_HAND: run it again once the requests have ended in the ledger
  8  PIN_BUSY: another path works on one of its keys; run it again later`;

interface Given {
  readonly reason: string;
  readonly by?: string;
  readonly json: boolean;
}

async function redrive({ write, colours }: Terminal, id: string, given: Given): Promise<void> {
  const orderId = OrderId.safeParse(id);
  if (!orderId.success) throw new CliError(EXIT.badInput, "orderId: must be a UUID");
  const person = personOf(given);
  const result = await redriveOrder(configured(composeRedrive), orderId.data, person);
  if (result.kind === "refused") {
    const { code, message } = result;
    if (given.json) write(`${JSON.stringify({ orderId: id, code, message })}\n`);
    throw new CliError(REFUSED[code], `${code}: ${message}`);
  }
  const { generation, executionArn, note } = result;
  const at = new Date(note.at).toISOString();
  const { by, reason } = note;
  if (given.json) write(`${JSON.stringify({ orderId: id, generation, executionArn, by, reason, at })}\n`);
  else write(`order ${id} is ${colours.bold("redriven")} (${generation}) by ${by} at ${at}: ${reason}\n`);
}

/** `crossfade redrive`: runs again what an unsuccessful order did not do (model R). */
export function redriveCommand(terminal: Terminal): Command {
  return new Command("redrive")
    .description(
      "Runs again what an order that failed, timed out or was stopped did not do. Work that was done is not repeated.\n" +
        "The ledger is told first, so that the work may begin: never redrive an order by hand.",
    )
    .argument("<orderId>", "the order's id")
    .requiredOption("--reason <text>", "why; kept in the ledger")
    .option("--by <name>", "who (default: your user name here)")
    .option("--json", "print the outcome, also a refusal, as one JSON object", false)
    .addHelpText(
      "after",
      `\nRun it again whenever it did not say how it ended: it does what is missing.\n\nExamples:\n  crossfade redrive 0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11 --reason "the registry is back"\n${EXIT_CODES_HELP}\n${REFUSED_HELP}`,
    )
    .action((id: string, given: Given) => redrive(terminal, id, given));
}
