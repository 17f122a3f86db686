import type { Execution } from "./execution.ts";

/** The redrive fields that DescribeExecution and the status event share. Nothing is ever redriven here. */
export function redrive(execution: Execution) {
  const { status } = execution;
  const redrivable = status !== "RUNNING" && status !== "SUCCEEDED";
  return {
    redriveCount: 0,
    redriveDate: null,
    redriveStatus: redrivable ? "REDRIVABLE" : "NOT_REDRIVABLE",
    redriveStatusReason: redrivable ? null : `Execution is ${status} and cannot be redriven`,
  } as const;
}
