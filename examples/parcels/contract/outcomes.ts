import {
  captureEffect,
  type Effect,
  type ItemOutcome,
  type Outcome,
  type Payment,
  type RowImage,
} from "@crossfade/bridge";
import * as z from "zod";
import { errorOf, reasonOf, UNPAID } from "./reasons.ts";
import { JobRow, rowTime } from "./tracking.ts";

/** What the carrier can be told to do. */
export type Command = "book" | "cancel-pickup";

type Answer = NonNullable<Outcome["result"]>;

/** What was done, as the carrier's answer tells it: it names the parcel, and a row keeps no commands. */
export function effectsOf(command: Command, answer: Answer | undefined): Effect[] {
  const done = z.object({ parcel: z.string() }).safeParse(answer);
  return done.success ? [{ service: "carrier", command, target: done.data.parcel }] : [];
}

/** The end of a job in the table's words. `at` is epoch milliseconds; `charged`: what was captured for it. */
export function toTracking(item: ItemOutcome, at: number, charged?: Payment): RowImage {
  const common = { event: item.route, changed: rowTime(at) };
  if (item.status === "FAILED") return { ...common, state: "KO", ...(item.Error && reasonOf(item.Error)) };
  return {
    ...common,
    state: "OK",
    ...(item.result && { answer: item.result }),
    ...(charged && { paid: { authorisation: charged.authorisationId, cents: charged.amount } }),
    // Done, but the answer cannot be had: a reader who misses it finds out why.
    ...(item.Error && reasonOf(item.Error)),
    ...(item.status === "COMPLETED_UNPAID" && { reason: UNPAID }),
  };
}

/** Words that cannot be read count as left out: the job has ended all the same. */
const Ended = z.object({
  state: z.enum(["OK", "KO"]),
  reason: JobRow.shape.reason.catch(undefined),
  note: JobRow.shape.note.catch(undefined),
  answer: JobRow.shape.answer.catch(undefined),
  paid: JobRow.shape.paid.catch(undefined),
});

const chargeOf = (paid: JobRow["paid"]): Effect[] =>
  paid === undefined ? [] : [captureEffect({ authorisationId: paid.authorisation, amount: paid.cents })];

/** What a row says of the end of its job; undefined before it. */
export const legacyOutcome =
  (command: Command) =>
  (row: unknown): Outcome | undefined => {
    const parsed = Ended.safeParse(row);
    if (!parsed.success) return undefined;
    const { state, reason, note, answer, paid } = parsed.data;
    if (state === "KO") return { status: "FAILED", Error: errorOf(reason, note), effects: [] };
    return {
      status: reason === UNPAID ? "COMPLETED_UNPAID" : "COMPLETED",
      effects: [...effectsOf(command, answer), ...chargeOf(paid)],
      ...(answer && { result: answer }),
    };
  };
