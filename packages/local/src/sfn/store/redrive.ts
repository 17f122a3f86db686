import type { Execution } from "./execution.ts";
import { HISTORY_LIMIT } from "./history.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const REDRIVABLE_MS = 14 * DAY_MS;
const LONGEST_EXECUTION_MS = 365 * DAY_MS;

/** The redrive event and at least one more must fit. */
const MOST_EVENTS = HISTORY_LIMIT - 2;

/** What decides on a redrive. Dates in epoch milliseconds. */
type Redrivable = Pick<Execution, "status" | "startDate" | "stopDate" | "machineIsDeleted"> & {
  readonly history: { readonly length: number };
};

/**
 * Why an execution cannot be redriven, or undefined when it can: the rules of the developer guide ("Redrive eligibility
 * for unsuccessful executions") in the words of the API reference (DescribeExecution, "redriveStatusReason").
 */
export function notRedrivable(execution: Redrivable, now: number): string | undefined {
  const { status, startDate, stopDate = now, history, machineIsDeleted } = execution;
  if (machineIsDeleted) return "State machine is in DELETING status";
  if (status === "RUNNING" || status === "SUCCEEDED") return `Execution is ${status} and cannot be redriven`;
  if (history.length > MOST_EVENTS) return "Execution history event limit exceeded";
  if (now - startDate > LONGEST_EXECUTION_MS) return "Execution has exceeded the max execution time";
  if (now - stopDate > REDRIVABLE_MS) return "Execution redrivable period exceeded";
  return undefined;
}

/** The redrive fields that DescribeExecution and the status event share. */
export function redriveFields(execution: Execution) {
  const reason = notRedrivable(execution, Date.now());
  return {
    redriveCount: execution.redriveCount,
    redriveDate: execution.redriveDate ?? null,
    redriveStatus: reason === undefined ? "REDRIVABLE" : "NOT_REDRIVABLE",
    redriveStatusReason: reason ?? null,
  } as const;
}
