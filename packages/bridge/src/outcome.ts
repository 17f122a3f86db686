import * as z from "zod";
import { ClaimCheck } from "./claim-check.ts";
import { RequestId, RouteType } from "./ids.ts";

/** A failure returned as data (N8). Names follow Step Functions' own Error and Cause, in a part of its own. */
export const SoftError = z.strictObject({
  Code: z.string().min(1).max(100),
  Message: z.string().max(1000),
  Retryable: z.boolean(),
});
export type SoftError = z.infer<typeof SoftError>;

/** One external command, performed or planned. `at` is epoch milliseconds. */
export const Effect = z.strictObject({
  service: z.string(),
  command: z.string(),
  target: z.string(),
  details: z.record(z.string(), z.json()).optional(),
  at: z.int().nonnegative().optional(),
});
export type Effect = z.infer<typeof Effect>;

/** How one item, or one request, ended on one path. COMPLETED_UNPAID is flagged and alarmed (P7). */
export const ItemStatus = z.enum(["COMPLETED", "FAILED", "COMPLETED_UNPAID"]);
export type ItemStatus = z.infer<typeof ItemStatus>;

/** False for an outcome that says its result twice. */
const hasOneResult = (outcome: { readonly result?: unknown; readonly resultCheck?: unknown }): boolean =>
  outcome.result === undefined || outcome.resultCheck === undefined;

const ONE_RESULT = "an outcome has a result or its check, not both";

/** The normalised end of a request on one path. */
export const Outcome = z
  .strictObject({
    status: ItemStatus,
    Error: SoftError.optional(),
    effects: z.array(Effect),
    result: z.record(z.string(), z.json()).optional(),
    /** In the place of a large result. */
    resultCheck: ClaimCheck.optional(),
  })
  .refine(hasOneResult, ONE_RESULT);
export type Outcome = z.infer<typeof Outcome>;

/** The outcome of one item of an order. */
export const ItemOutcome = z
  .strictObject({ itemId: z.string().min(1), route: RouteType, requestId: RequestId, ...Outcome.shape })
  .refine(hasOneResult, ONE_RESULT);
export type ItemOutcome = z.infer<typeof ItemOutcome>;
