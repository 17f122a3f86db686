import type { Effect, Outcome, WholeItem } from "@crossfade/bridge";
import { ItemWork } from "./actions.ts";
import { commandOf, commandOfStep, effectOf, type ServiceCommand } from "./commands.ts";

/** The commands that an item's Action sends when nobody refuses; a set-up's reversal is none of them. */
function commandsFor(requestId: string, work: ItemWork): readonly ServiceCommand[] {
  if (work.action !== "SetUpDomain") return [commandOf(requestId, work)];
  return ["register", "set-up-dns"].map((step) => commandOfStep(requestId, work, step));
}

/** A command as it would be sent, in the words in which a row's result tells of one that was done. */
function plannedEffect({ service, command }: ServiceCommand): Effect {
  const { domain } = command;
  const kind = { service, command: command.command };
  if (command.command !== "update") return effectOf(kind, { ...command, domain });
  return effectOf(kind, { domain, records: command.records.length });
}

/**
 * What an item would do at the registry and the DNS service (X3). Pure.
 * @throws ZodError for an item that no Action of this migration takes.
 */
export function plan({ requestId, action, input }: Pick<WholeItem, "requestId" | "action" | "input">): Outcome {
  const work = ItemWork.parse({ action, input });
  return { status: "COMPLETED", effects: commandsFor(requestId, work).map(plannedEffect) };
}
