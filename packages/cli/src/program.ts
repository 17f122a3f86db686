import { Command } from "commander";
import { approvalsCommand } from "./approvals.ts";
import { attachCommand } from "./attach.ts";
import { auditCommand } from "./audit.ts";
import { compareCommand } from "./compare.ts";
import { deadLettersCommand } from "./dead-letters.ts";
import { deploymentOption, provideDeployment } from "./deployment-file.ts";
import { diffsCommand } from "./diffs.ts";
import { EXIT, EXIT_CODES_HELP } from "./failure.ts";
import { guardCommand } from "./guard.ts";
import { expectIdentity } from "./identity.ts";
import { orderCommand } from "./order.ts";
import { redriveCommand } from "./redrive.ts";
import { rolloutCommand, routesCommand } from "./rollout.ts";
import { statusCommand } from "./status.ts";
import type { Terminal } from "./terminal.ts";
import { traceCommand } from "./trace.ts";
import { watchCommand } from "./watch.ts";

/** These, and the commands below them, cannot do without the file, and ask for the identity themselves. */
const OF_A_FILE: ReadonlySet<string> = new Set(["attach", "detach", "status", "dead-letters"]);

/** The operator's command. It throws where it fails; main.ts makes exit codes of that. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("crossfade")
    .description(
      "Looks after a migration: attaches and detaches the bridge, moves and compares its routes, tells what happened to a\nrequest, sends dead letters back, answers approvals, places and redrives orders.",
    )
    .configureOutput({ outputError: (text, write) => write(`${text.trim().replaceAll(/\s+/g, " ")} (see --help)\n`) })
    .addHelpText(
      "after",
      `
Every command reads what was deployed from a file (--deployment, or CROSSFADE_DEPLOYMENT). attach, detach, status
and dead-letters cannot do without; for the others the variables of the bridge's functions will do: LEDGER_TABLE, TRACKING_TABLE,
ORDER_STATE_MACHINE_ARN. TOKEN_KEY is a secret, and stands in no file. All read the variables of any AWS client.
${EXIT_CODES_HELP}`,
    )
    .hook("preAction", async (_, command) => {
      const deployed = provideDeployment(command);
      if (deployed === undefined || OF_A_FILE.has(command.name()) || OF_A_FILE.has(command.parent?.name() ?? ""))
        return;
      await expectIdentity(EXIT.badInput, deployed);
    })
    .exitOverride();
  const commands = [
    ...[attachCommand(terminal, "attach"), attachCommand(terminal, "detach"), statusCommand(terminal)],
    ...[routesCommand(terminal), rolloutCommand(terminal), guardCommand(terminal), auditCommand(terminal)],
    ...[watchCommand(terminal), compareCommand(terminal), diffsCommand(terminal)],
    ...[traceCommand(terminal), deadLettersCommand(terminal)],
    ...[approvalsCommand(terminal), orderCommand(terminal), redriveCommand(terminal)],
  ];
  for (const command of commands) {
    program.addCommand(inherit(program, command));
  }
  return program;
}

/** Settings reach commands that are added whole by this alone; every command that acts may be told the deployment. */
function inherit(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  const acts = command.commands.length === 0;
  if (acts && !command.options.some(({ long }) => long === "--deployment")) command.addOption(deploymentOption());
  for (const below of command.commands) inherit(command, below);
  return command;
}
