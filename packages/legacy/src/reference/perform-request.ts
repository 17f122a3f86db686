import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import {
  type Clock,
  type ExternalCommand,
  ItemOutcome,
  type Outcome,
  type Payment,
  type Payments,
  type RowImage,
} from "@crossfade/bridge";
import { softError } from "../commands.ts";
import type { LegacyMessage } from "../messages/index.ts";
import { toTracking } from "../outcomes.ts";
import { rowTime } from "../tracking.ts";

export interface RequestDeps {
  readonly documents: DynamoDBDocumentClient;
  readonly trackingTable: string;
  readonly payments: Pick<Payments, "capture" | "cancel">;
  readonly clock: Clock;
}

const ATTEMPTS = 6;
const PAUSE_MS = 50;

/** Sets what it knows of the row; where the shop's own write is late, this makes the row. */
async function updateRow(deps: RequestDeps, requestId: string, image: RowImage): Promise<void> {
  const entries = Object.entries(image);
  await deps.documents.send(
    new UpdateCommand({
      TableName: deps.trackingTable,
      Key: { requestId },
      UpdateExpression: `SET ${entries.map((_, i) => `#a${i} = :a${i}`).join(", ")}`,
      ExpressionAttributeNames: Object.fromEntries(entries.map(([name], i) => [`#a${i}`, name])),
      ExpressionAttributeValues: Object.fromEntries(entries.map(([, value], i) => [`:a${i}`, value])),
    }),
  );
}

/**
 * Sends the command until there is an answer. Where the answer was lost the service is asked for it; but the command's
 * id is new for every delivery, so a message that comes twice is worked twice.
 * @throws Error when neither the command nor the question got an answer.
 */
async function perform(requestId: string, command: ExternalCommand): Promise<Outcome> {
  const commandId = `legacy:${requestId}:${randomUUID()}`;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const sent = await command.send(commandId).catch(async (cause: unknown) => {
      const found = await command.find(commandId);
      if (found.kind === "unknown") throw cause;
      return found;
    });
    if (sent.kind === "ended") return sent.outcome;
    await pause(PAUSE_MS * attempt);
  }
  const error = softError("SERVICE_UNAVAILABLE", `the service was unavailable ${ATTEMPTS} times`);
  return { status: "FAILED", Error: error, effects: [] };
}

interface Charged {
  readonly outcome: Outcome;
  /** What was captured for it. */
  readonly charged?: Payment;
}

/** Captures the charge of what is done, cancels the charge of what is not. */
async function charge(deps: RequestDeps, message: LegacyMessage, outcome: Outcome): Promise<Charged> {
  if (!("payment" in message)) return { outcome };
  const { authorisationId, amount } = message.payment;
  if (outcome.status === "FAILED") {
    await deps.payments.cancel(authorisationId, message.requestId);
    return { outcome };
  }
  const { state, captured } = await deps.payments.capture(authorisationId, amount, message.requestId);
  if (state !== "captured") return { outcome: { ...outcome, status: "COMPLETED_UNPAID" } };
  return { outcome, charged: { authorisationId, amount: captured } };
}

/** One request from its row's PROCESSING to its end, as the old services do it. */
export async function performRequest(
  deps: RequestDeps,
  message: LegacyMessage,
  command: ExternalCommand,
): Promise<void> {
  const { requestId, type } = message;
  await updateRow(deps, requestId, { type, status: "PROCESSING", updatedAt: rowTime(deps.clock.now()) });
  const { outcome, charged } = await charge(deps, message, await perform(requestId, command));
  const item = ItemOutcome.parse({ itemId: requestId, route: type, requestId, ...outcome });
  await updateRow(deps, requestId, toTracking(item, deps.clock.now(), charged));
}
