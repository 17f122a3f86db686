import { pauseRollout, resumeRollout } from "@crossfade/bridge/console";
import { wordsOfTarget } from "@crossfade/bridge/guard";
import { composeRollouts } from "@crossfade/functions/compose";
import type { Command } from "commander";
import { configured, EXIT_CODES_HELP } from "./failure.ts";
import { addChangeOptions, type ChangeGiven, ROUTE, routeNamed } from "./options.ts";
import { personOf } from "./person.ts";
import { standingOf } from "./rollout-print.ts";
import type { Terminal } from "./terminal.ts";

/** What became of a rollout that was paused or resumed. */
async function turn(terminal: Terminal, name: string, given: ChangeGiven, to: typeof pauseRollout): Promise<void> {
  const route = routeNamed(name);
  const request = { ...personOf(given), version: given.version };
  const next = await to({ rollouts: configured(composeRollouts), clock: { now: () => Date.now() } }, route, request);
  if (given.json) {
    terminal.write(`${JSON.stringify(next)}\n`);
    return;
  }
  const { paused, version } = next;
  const where = terminal.colours.bold(paused === undefined ? standingOf(next) : "legacy 0 %");
  const what =
    paused === undefined ? "" : `, paused: crossfade rollout resume puts it back to ${wordsOfTarget(paused)}`;
  terminal.write(`${name} is at ${where} (version ${version})${what}. Work in flight stays on its path.\n`);
}

/** `crossfade rollout pause` and `resume`. */
export function addTurns(rollout: Command, terminal: Terminal): void {
  const pause = rollout
    .command("pause")
    .description(
      "Sends everything new the legacy way, and remembers where the route stood. Setting it anew ends the pause.",
    )
    .argument(...ROUTE)
    .addHelpText(
      "after",
      `\nThe guard leaves a route alone that was paused, also when it is resumed, until the guard is set again.\n\nExamples:\n  crossfade rollout pause RENEW_DOMAIN --reason "the registry is down"\n  crossfade rollout pause RENEW_DOMAIN --version 7 --reason "the registry is down" --json\n${EXIT_CODES_HELP}`,
    )
    .action((route: string, given: ChangeGiven) => turn(terminal, route, given, pauseRollout));
  const resume = rollout
    .command("resume")
    .description("Puts a paused route back where it stood.")
    .argument(...ROUTE)
    .addHelpText(
      "after",
      `\nExamples:\n  crossfade rollout resume RENEW_DOMAIN --reason "the registry is back"\n${EXIT_CODES_HELP}`,
    )
    .action((route: string, given: ChangeGiven) => turn(terminal, route, given, resumeRollout));
  for (const command of [pause, resume]) addChangeOptions(command);
}
