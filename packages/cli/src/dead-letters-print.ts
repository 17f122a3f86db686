import type { MoveRecord } from "@crossfade/bridge";
import type { DeadLetter, DeadLetterQueues } from "@crossfade/bridge/console";
import { isoTime } from "./figures.ts";
import { type Terminal, table } from "./terminal.ts";

export const queuesText = ({ colours }: Terminal, { queues }: DeadLetterQueues): string =>
  table(
    ["DEAD LETTERS OF", "WAIT", "IN HAND", "GO BACK TO"],
    queues.map(({ name, visible, inFlight, returnsTo }) => [
      ...[name, visible, inFlight],
      returnsTo?.split(":").at(-1) ?? "where each came from",
    ]),
    colours,
  );

/** One message; of a refused one the reason first. */
export function letterText({ colours }: Terminal, letter: DeadLetter): string {
  const { messageId, sentAt, receives, bytes, code, field, reason, source, body, attributes } = letter;
  const attributeLines = Object.entries(attributes ?? {}).map(([name, value]) => `  ${name}: ${value}\n`);
  return [
    `${colours.bold(messageId)}  sent ${isoTime(sentAt)}, received ${receives} times, ${bytes} bytes\n`,
    code === undefined
      ? ""
      : `  ${code}${field === undefined ? "" : ` at ${field}`}${reason === undefined ? "" : `: ${reason}`}\n`,
    code === undefined && reason !== undefined ? `  ${reason}\n` : "",
    source === undefined ? "" : `  from ${source}\n`,
    ...attributeLines,
    body === undefined ? "" : `${body}\n`,
  ].join("");
}

const STATES: Readonly<Record<MoveRecord["state"], string>> = {
  intended: "may have been sent",
  refused: "was refused",
  sent: "was sent",
  discarded: "was discarded",
};

/** What a person had done with a message. */
export function recordText({ colours }: Terminal, record: MoveRecord): string {
  const { messageId, state, to, by, reason, at, attempt, bodyHash, bytes } = record;
  const where = to === undefined ? "" : ` to ${to}`;
  const often = attempt === 1 ? "" : `, attempt ${attempt}`;
  return `${colours.bold(messageId)} ${STATES[state]}${where} by ${by} at ${isoTime(at)}${often}: ${reason}\n  ${bytes} bytes, SHA-256 ${bodyHash}\n`;
}
