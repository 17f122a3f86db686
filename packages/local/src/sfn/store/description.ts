import type { Execution } from "./execution.ts";
import { redriveFields } from "./redrive.ts";

/** DescribeExecution's answer, with dates in epoch milliseconds: each reader has its own format for them. */
export function describe(execution: Execution, includeData = true) {
  const { ending } = execution;
  const output = ending?.status === "SUCCEEDED" ? ending.output : undefined;
  const failed = ending !== undefined && ending.status !== "SUCCEEDED" ? ending : undefined;
  const { redriveCount, redriveDate, redriveStatus, redriveStatusReason } = redriveFields(execution);
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: execution.startDate,
    stopDate: execution.stopDate,
    ...(includeData && { input: execution.input, inputDetails: { included: true } }),
    ...(includeData && output !== undefined && { output, outputDetails: { included: true } }),
    ...(failed?.error !== undefined && { error: failed.error }),
    ...(failed?.cause !== undefined && { cause: failed.cause }),
    redriveCount,
    ...(redriveDate !== null && { redriveDate }),
    redriveStatus,
    ...(redriveStatusReason !== null && { redriveStatusReason }),
  };
}

/** The same for a state's data, where AWS writes field names in PascalCase. */
export function pascalCase(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const renamed = Object.entries(fields).map(([key, value]) => {
    const inner = typeof value === "object" && value !== null && !(value instanceof Date) ? { ...value } : undefined;
    return [key.charAt(0).toUpperCase() + key.slice(1), inner === undefined ? value : pascalCase(inner)];
  });
  return Object.fromEntries(renamed);
}
