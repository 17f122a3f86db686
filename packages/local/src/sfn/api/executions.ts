import * as z from "zod";
import { assertArn } from "../arns.ts";
import { SfnError } from "../errors.ts";
import { page } from "../paging.ts";
import { describe } from "../store/description.ts";
import type { Execution } from "../store/execution.ts";
import { type Action, arn, defineAction, paging, seconds } from "./action.ts";

const status = z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]);

const clientToken = z
  .string()
  .regex(/^[!-~]{1,64}$/)
  .optional();

export const executionActions: Readonly<Record<string, Action>> = {
  StartExecution: defineAction(
    {
      stateMachineArn: arn,
      name: z.string().optional(),
      input: z.string().optional(),
      traceHeader: z.string().max(256).optional(),
    },
    ({ stateMachineArn, name, input }, world) => {
      assertArn(stateMachineArn, "stateMachine");
      const execution = world.executions.start(stateMachineArn, name, input);
      return { executionArn: execution.arn, startDate: seconds(execution.startDate) };
    },
  ),

  DescribeExecution: defineAction(
    { executionArn: arn, includedData: z.enum(["ALL_DATA", "METADATA_ONLY"]).optional() },
    ({ executionArn, includedData }, world) => {
      assertArn(executionArn, "execution");
      const description = describe(world.executions.get(executionArn), includedData !== "METADATA_ONLY");
      return { ...description, ...dates(description) };
    },
  ),

  ListExecutions: defineAction(
    {
      stateMachineArn: arn,
      statusFilter: status.optional(),
      redriveFilter: z.enum(["REDRIVEN", "NOT_REDRIVEN"]).optional(),
      ...paging,
    },
    ({ stateMachineArn, statusFilter, redriveFilter, ...request }, world) => {
      assertArn(stateMachineArn, "stateMachine");
      // API reference, ListExecutions "redriveFilter": it is for the child executions of a map run.
      if (redriveFilter !== undefined) throw new SfnError("ValidationException", "redriveFilter needs a mapRunArn");
      world.machines.get(stateMachineArn);
      const wanted = world.executions.of(stateMachineArn, statusFilter);
      const { items, nextToken } = page(wanted, ({ position }) => position, request);
      return { executions: items.map(summary), nextToken };
    },
  ),

  RedriveExecution: defineAction({ executionArn: arn, clientToken }, ({ executionArn, clientToken: token }, world) => {
    assertArn(executionArn, "execution");
    return { redriveDate: seconds(world.executions.redrive(executionArn, token)) };
  }),

  StopExecution: defineAction(
    { executionArn: arn, error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() },
    ({ executionArn, error, cause }, world) => {
      assertArn(executionArn, "execution");
      const execution = world.executions.get(executionArn);
      execution.end({ status: "ABORTED", error, cause });
      return { stopDate: seconds(execution.stopDate ?? Date.now()) };
    },
  ),
};

interface Dates {
  readonly startDate: number;
  readonly stopDate?: number | undefined;
  readonly redriveDate?: number | undefined;
}

function dates({ startDate, stopDate, redriveDate }: Dates) {
  return {
    startDate: seconds(startDate),
    ...(stopDate !== undefined && { stopDate: seconds(stopDate) }),
    ...(redriveDate !== undefined && { redriveDate: seconds(redriveDate) }),
  };
}

function summary(execution: Execution) {
  const { executionArn, stateMachineArn, name, status: now, redriveCount, ...rest } = describe(execution, false);
  return { executionArn, stateMachineArn, name, status: now, redriveCount, ...dates(rest) };
}
