import { Path, RequestId, RouteType } from "@crossfade/bridge";
import { Verdict } from "@crossfade/bridge/console";
import * as z from "zod";

/** What endpoints are asked with. */
export const RouteParams = z.object({ route: RouteType });

/** Two weeks: a view reads one record for each hour. */
const MAX_HOURS = 24 * 14;
export const HoursQuery = z.object({ hours: z.coerce.number().int().min(1).max(MAX_HOURS).default(24) });

const Limit = z.coerce.number().int().min(1).max(100).default(25);
/** Where the last page ended, as it said; it means nothing to anybody else. */
const After = z.string().min(1).max(2_000).optional();

export const PageQuery = z.object({ limit: Limit, after: After });
export const VerdictQuery = z.object({ verdict: Verdict.default("mismatch"), limit: Limit, after: After });
export const LimitQuery = z.object({ limit: Limit });

export const DifferenceParams = z.object({ route: RouteType, against: Path, id: z.string().min(1).max(2_000) });
export const RequestParams = z.object({ requestId: RequestId });
export const RequestQuery = z.object({ id: RequestId });
export const QueueParams = z.object({ queue: z.string().min(1).max(100) });

export const Reason = z.string().trim().min(1, "say why: it is kept").max(1_000);
export const ReasonBody = z.strictObject({ reason: Reason });
/** `version`: that of the rollout that its author saw; without it, whatever it is. */
export const StopBody = z.strictObject({ reason: Reason, version: z.int().nonnegative().optional() });
/** So many as can be moved, at their rate, before the request's time is over. */
export const MoveBody = z.strictObject({
  reason: Reason,
  messageIds: z.array(z.string().min(1).max(100)).min(1).max(100),
});
