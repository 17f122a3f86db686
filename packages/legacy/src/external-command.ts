import type { CommandResult, ExternalCommand, FindResult, Outcome } from "@crossfade/bridge";
import { type CommandKind, effectsOf, softError } from "./commands.ts";
import { type Ended, type Found, type Sent, type ServiceClient, ServiceError } from "./service-client.ts";

type Result = NonNullable<Outcome["result"]>;

/** How a service's answer ends a request; the same words on both paths. */
export function outcomeOf(kind: CommandKind, answer: Ended<Result>): Outcome {
  if (answer.status === "refused") {
    return { status: "FAILED", Error: softError(answer.code, answer.message), effects: [] };
  }
  return { status: "COMPLETED", effects: effectsOf(kind, answer.result), result: answer.result };
}

const sent = (kind: CommandKind, answer: Sent<Result>): CommandResult =>
  answer.status === "unavailable"
    ? { kind: "not-done", reason: answer.message }
    : { kind: "ended", outcome: outcomeOf(kind, answer) };

const found = (kind: CommandKind, answer: Found<Result>): FindResult =>
  answer.status === "unknown" ? { kind: "never-received" } : { kind: "ended", outcome: outcomeOf(kind, answer) };

/** Asks a service about a command by its id. A service error leaves it open what happened. */
export async function findCommand<Command>(
  kind: CommandKind,
  client: ServiceClient<Command, Result>,
  commandId: string,
): Promise<FindResult> {
  try {
    return found(kind, await client.find(commandId));
  } catch (error) {
    if (error instanceof ServiceError) return { kind: "unknown" };
    throw error;
  }
}

/** A command to a service, in the form in which the bridge sends it at most once. */
export const externalCommand = <Command>(
  kind: CommandKind,
  client: ServiceClient<Command, Result>,
  command: Command,
): ExternalCommand => ({
  send: async (commandId) => sent(kind, await client.send(commandId, command)),
  find: (commandId) => findCommand(kind, client, commandId),
});
