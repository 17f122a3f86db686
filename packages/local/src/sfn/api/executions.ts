import * as z from "zod";
import { assertArn } from "../arns.ts";
import { page } from "../paging.ts";
import { describe } from "../store/description.ts";
import type { Execution } from "../store/execution.ts";
import { type Action, arn, defineAction, paging, seconds } from "./action.ts";

const status = z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]);

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
    { stateMachineArn: arn, statusFilter: status.optional(), ...paging },
    ({ stateMachineArn, statusFilter, ...request }, world) => {
      assertArn(stateMachineArn, "stateMachine");
      world.machines.get(stateMachineArn);
      const wanted = world.executions.of(stateMachineArn, statusFilter);
      const { items, nextToken } = page(wanted, ({ position }) => position, request);
      return { executions: items.map(summary), nextToken };
    },
  ),

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

function dates({ startDate, stopDate }: { readonly startDate: number; readonly stopDate: number | undefined }) {
  return { startDate: seconds(startDate), ...(stopDate !== undefined && { stopDate: seconds(stopDate) }) };
}

function summary(execution: Execution) {
  const { executionArn, stateMachineArn, name, status: now, redriveCount, ...rest } = describe(execution, false);
  return { executionArn, stateMachineArn, name, status: now, redriveCount, ...dates(rest) };
}
