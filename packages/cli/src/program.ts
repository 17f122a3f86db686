import { Command } from "commander";
import { approvalsCommand } from "./approvals.ts";
import { EXIT_CODES_HELP } from "./failure.ts";
import { orderCommand } from "./order.ts";
import { redriveCommand } from "./redrive.ts";
import { rolloutCommand, routesCommand } from "./rollout.ts";
import type { Terminal } from "./terminal.ts";

/** The operator's command. It throws where it fails; main.ts makes exit codes of that. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("crossfade")
    .description(
      "Looks after a migration: how far each route is moved, approvals, orders placed by hand, and orders run again.",
    )
    .configureOutput({ outputError: (text, write) => write(`${text.trim().replaceAll(/\s+/g, " ")} (see --help)\n`) })
    .addHelpText(
      "after",
      `
It reads the environment variables of the bridge's functions: LEDGER_TABLE, TRACKING_TABLE,
ORDER_STATE_MACHINE_ARN, TOKEN_KEY, and those of any AWS client.
${EXIT_CODES_HELP}`,
    )
    .exitOverride();
  for (const command of [
    ...[routesCommand(terminal), rolloutCommand(terminal)],
    ...[approvalsCommand(terminal), orderCommand(terminal), redriveCommand(terminal)],
  ]) {
    program.addCommand(inherit(program, command));
  }
  return program;
}

/** Settings reach commands that are added whole by this alone. */
function inherit(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const below of command.commands) inherit(command, below);
  return command;
}
