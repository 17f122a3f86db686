import { RequestId, RouteType, type RowPhase, type TrackingContract } from "@crossfade/bridge";
import * as z from "zod";

/** How far a job is, in the words of the table. */
const State = z.enum(["NEW", "BUSY", "OK", "KO"]);

/** One row of the table of jobs; its partition key is `ref`. Times are epoch seconds. */
export const JobRow = z.object({
  ref: RequestId,
  event: RouteType,
  merchant: z.string(),
  parcel: z.string(),
  state: State,
  /** Why a job failed, or what else there is to say of its end: see reasons.ts. */
  reason: z.int().min(1).max(99).optional(),
  note: z.string().optional(),
  /** What the carrier answered. */
  answer: z.record(z.string(), z.json()).optional(),
  /** What was taken from the merchant's card. */
  paid: z.object({ authorisation: z.string(), cents: z.int().positive() }).optional(),
  since: z.int().positive(),
  changed: z.int().positive(),
});

export type JobRow = z.infer<typeof JobRow>;

const PHASES: Readonly<Record<z.infer<typeof State>, RowPhase>> = {
  NEW: "received",
  BUSY: "working",
  OK: "completed",
  KO: "failed",
};

/** A row may be half there: the old service can write its state before the shop wrote the rest. */
const Readable = JobRow.pick({ ref: true, event: true, state: true });

/** Epoch milliseconds as the table writes times. */
export const rowTime = (at: number): number => Math.floor(at / 1000);

export const tracking: TrackingContract = {
  keyAttribute: "ref",
  fenceAttribute: "crossing",
  routeAttribute: "event",
  endAttributes: ["reason", "note", "answer", "paid"],
  read(row) {
    const parsed = Readable.safeParse(row);
    if (!parsed.success) return undefined;
    const { ref, event, state } = parsed.data;
    return { key: { route: event, requestId: ref }, phase: PHASES[state] };
  },
  received({ route, input }, at) {
    const { merchant, parcel } = JobRow.pick({ merchant: true, parcel: true }).parse(input);
    return { event: route, merchant, parcel, state: "NEW", since: rowTime(at), changed: rowTime(at) };
  },
  working: (at) => ({ state: "BUSY", changed: rowTime(at) }),
};
