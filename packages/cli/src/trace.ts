import { explain, RequestId } from "@crossfade/bridge";
import { type RequestStories, requestStories } from "@crossfade/bridge/console";
import { composeStory } from "@crossfade/functions/compose-console";
import { Command } from "commander";
import { CliError, configured, EXIT, EXIT_CODES_HELP } from "./failure.ts";
import type { Terminal } from "./terminal.ts";
import { storyText } from "./trace-print.ts";

/** No route knows a request of that id. */
const UNKNOWN_REQUEST = 4;

interface Given {
  readonly personal: boolean;
  readonly json: boolean;
}

const textOf = (terminal: Terminal, { stories, at }: RequestStories): string =>
  stories.map((story) => storyText(terminal, story, at)).join("\n");

async function trace(terminal: Terminal, id: string, { personal, json }: Given): Promise<void> {
  const requestId = RequestId.safeParse(id);
  if (!requestId.success) throw new CliError(EXIT.badInput, `requestId: ${explain(requestId.error).rule}`);
  const told = await requestStories(configured(composeStory), requestId.data, personal ? "all" : "masked");
  terminal.write(json ? `${JSON.stringify(told)}\n` : textOf(terminal, told));
  if (told.stories.length > 0) return;
  const message = `no route has claimed a request ${id}: it has not arrived, or was refused (crossfade dead-letters list)`;
  throw new CliError(UNKNOWN_REQUEST, message);
}

/** `crossfade trace`: what happened to one request (L5). */
export function traceCommand(terminal: Terminal): Command {
  return new Command("trace")
    .description("Tells what happened to a request, on both paths: when, where it stands, what was done and charged.")
    .argument("<requestId>", "as the message and the old table have it")
    .option("--personal", "also the row, the outcomes and the customer: personal data", false)
    .option("--json", "print it as one JSON object", false)
    .addHelpText(
      "after",
      `\nTimes are UTC. Without --personal nothing is shown that could tell who it is about.\n\nExamples:\n  crossfade trace 0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11\n  crossfade trace 0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11 --personal --json\n${EXIT_CODES_HELP}\n  4  no route has claimed a request of that id`,
    )
    .action((id: string, given: Given) => trace(terminal, id, given));
}
