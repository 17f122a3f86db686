import * as z from "zod";

/** The statuses of a Standard execution, as status-change events and DescribeExecution name them. */
export const ExecutionStatus = z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]);
export type ExecutionStatus = z.infer<typeof ExecutionStatus>;

const RANK: Readonly<Record<ExecutionStatus, number>> = {
  RUNNING: 1,
  SUCCEEDED: 7,
  FAILED: 7,
  TIMED_OUT: 7,
  ABORTED: 7,
};

/**
 * The number that orders mirror writes of one execution: redriveCount * 8 + rank (design, section 4). Status and
 * redriveCount must come from the same source. Undefined for a status that writes nothing (PENDING_REDRIVE, unknown).
 */
export function fenceOf(status: string, redriveCount: number): number | undefined {
  const known = ExecutionStatus.safeParse(status);
  return known.success ? redriveCount * 8 + RANK[known.data] : undefined;
}

/** Strictly greater wins; an equal fence is the same event again (P5). */
export const fenceWins = (fence: number, current: number | undefined): boolean =>
  current === undefined || fence > current;
