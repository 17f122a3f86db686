import type { SoftError } from "@crossfade/bridge";

/** What the carrier refuses for good, and the number that the table has for it. */
const REFUSALS = { TOO_HEAVY: 11, ADDRESS_UNKNOWN: 12, PICKUP_NOT_FOUND: 21, ALREADY_PICKED_UP: 22 } as const;
export type RefusalCode = keyof typeof REFUSALS;

/** On a row that is OK: the work is done, and its charge was not captured. */
export const UNPAID = 31;
/** Anything else that failed, with its code in the note. Ninety-one may be asked again. */
const FAILED_FOR_NOW = 91;
const FAILED_FOR_GOOD = 92;

/** A failure in the table's words. */
export function reasonOf({ Code, Message, Retryable }: SoftError): { reason: number; note: string } {
  const known = Object.entries(REFUSALS).find(([code]) => code === Code && !Retryable);
  if (known !== undefined) return { reason: known[1], note: Message };
  return { reason: Retryable ? FAILED_FOR_NOW : FAILED_FOR_GOOD, note: `${Code}: ${Message}` };
}

/** A failure as a row tells it; the old service may have left its words out. */
export function errorOf(reason: number | undefined, note = ""): SoftError {
  const known = Object.entries(REFUSALS).find(([, number]) => number === reason);
  if (known !== undefined) return { Code: known[0], Message: note.slice(0, 1000), Retryable: false };
  const [, code = "UNKNOWN", message = note] = /^([A-Z][A-Z0-9_]{0,99}): (.*)$/s.exec(note) ?? [];
  return { Code: code, Message: message.slice(0, 1000), Retryable: reason !== FAILED_FOR_GOOD };
}
