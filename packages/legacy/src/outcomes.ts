import { captureEffect, type Effect, type ItemOutcome, type Outcome, Payment, type RowImage } from "@crossfade/bridge";
import * as z from "zod";
import type { WebcatAction } from "./actions.ts";
import { COMMANDS, effectsOf, softError } from "./commands.ts";
import { PAYMENT_NOT_CAPTURED, rowTime, TrackingRow } from "./tracking.ts";

/** The end of an item in the old table's words (B4). `at` is epoch milliseconds; `charged`: what was captured for it. */
export function toTracking(item: ItemOutcome, at: number, charged?: Payment): RowImage {
  const common = { type: item.route, updatedAt: rowTime(at) };
  if (item.status === "FAILED") {
    const { Code, Message } = item.Error ?? softError("UNKNOWN", "the failure was not explained");
    return { ...common, status: "FAILED", errorCode: Code, errorMessage: Message };
  }
  return {
    ...common,
    status: "COMPLETED",
    ...((item.result ?? charged) && { result: { ...item.result, ...(charged && { charged }) } }),
    // Done, but its result cannot be had: a reader who misses it finds the reason.
    ...(item.Error && { errorCode: item.Error.Code, errorMessage: item.Error.Message }),
    ...(item.status === "COMPLETED_UNPAID" && {
      errorCode: PAYMENT_NOT_CAPTURED,
      errorMessage: "the work is done, but its charge was not captured",
    }),
  };
}

const Ended = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("COMPLETED"),
    errorCode: TrackingRow.shape.errorCode.catch(undefined),
    result: TrackingRow.shape.result.catch(undefined),
  }),
  z.object({
    status: z.literal("FAILED"),
    errorCode: z.string().min(1).catch("UNKNOWN"),
    errorMessage: z.string().catch(""),
  }),
]);

const Charged = z.object({ charged: Payment });

/** The charge that was captured, as the row tells of it. */
function chargeOf(result: unknown): Effect[] {
  const told = Charged.safeParse(result);
  return told.success ? [captureEffect(told.data.charged)] : [];
}

/**
 * What a row says of the end of its request; undefined before it. A completed row may still carry the error of an
 * earlier attempt: only the code of the missing capture counts there.
 */
export const legacyOutcome =
  (action: WebcatAction) =>
  (row: unknown): Outcome | undefined => {
    const parsed = Ended.safeParse(row);
    if (!parsed.success) return undefined;
    const ended = parsed.data;
    if (ended.status === "FAILED") {
      return { status: "FAILED", Error: softError(ended.errorCode, ended.errorMessage), effects: [] };
    }
    return {
      status: ended.errorCode === PAYMENT_NOT_CAPTURED ? "COMPLETED_UNPAID" : "COMPLETED",
      effects: [...effectsOf(COMMANDS[action], ended.result), ...chargeOf(ended.result)],
      ...(ended.result && { result: ended.result }),
    };
  };
