import { RequestId, RouteType, type RowPhase, type TrackingContract } from "@crossfade/bridge";
import * as z from "zod";

/** How far a request is, in the words of the old table. */
export const RowStatus = z.enum(["RECEIVED", "PROCESSING", "COMPLETED", "FAILED"]);
export type RowStatus = z.infer<typeof RowStatus>;

/** One row of the request-tracking table; its partition key is `requestId`. Attributes unknown here are ignored. */
export const TrackingRow = z.object({
  requestId: RequestId,
  type: RouteType,
  customerId: z.string(),
  domain: z.string(),
  status: RowStatus,
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
  /** What the registry or the DNS service answered. */
  result: z.record(z.string(), z.json()).optional(),
  /** Times as ISO 8601 in UTC. */
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  crossfadeFence: z.int().nonnegative().optional(),
});
export type TrackingRow = z.infer<typeof TrackingRow>;

/** The code on a completed row whose charge was not captured; the old table has no status of its own for it. */
export const PAYMENT_NOT_CAPTURED = "PAYMENT_NOT_CAPTURED";

const PHASES: Readonly<Record<RowStatus, RowPhase>> = {
  RECEIVED: "received",
  PROCESSING: "working",
  COMPLETED: "completed",
  FAILED: "failed",
};

/** A row may be half there: a worker can write its status before the publisher wrote the rest. */
const Readable = TrackingRow.pick({ requestId: true, type: true, status: true });

/** What a directly placed item's input must hold, so that its row reads like any other. */
const Subject = z.object({ customerId: z.string(), domain: z.string() });

/** Epoch milliseconds as the old table writes times. */
export const rowTime = (at: number): string => new Date(at).toISOString();

/** The old table's contract. */
export const tracking: TrackingContract = {
  keyAttribute: "requestId",
  fenceAttribute: "crossfadeFence",
  routeAttribute: "type",
  endAttributes: ["errorCode", "errorMessage", "result"],
  read(row) {
    const parsed = Readable.safeParse(row);
    if (!parsed.success) return undefined;
    const { requestId, type, status } = parsed.data;
    return { key: { route: type, requestId }, phase: PHASES[status] };
  },
  received(item, at) {
    const { customerId, domain } = Subject.parse(item.input);
    const time = rowTime(at);
    return { type: item.route, customerId, domain, status: "RECEIVED", createdAt: time, updatedAt: time };
  },
  working: (at) => ({ status: "PROCESSING", updatedAt: rowTime(at) }),
};
