import * as z from "zod";
import { assertArn } from "../arns.ts";
import { describe, pascalCase } from "../store/description.ts";
import type { Executions } from "../store/executions.ts";
import { defineIntegration, type Integration } from "./integration.ts";

/** aws-sdk:sfn:describeExecution: PascalCase, dates in ISO 8601, the payloads as text. */
export function describeExecution(executions: () => Executions): Integration {
  return defineIntegration({
    patterns: ["request"],
    parameters: z.strictObject({ ExecutionArn: z.string() }),
    errorPrefix: "Sfn",
    call: async ({ ExecutionArn }) => {
      assertArn(ExecutionArn, "execution");
      const { startDate, stopDate, redriveDate, ...rest } = describe(executions().get(ExecutionArn));
      const dates = {
        startDate: new Date(startDate),
        ...(stopDate !== undefined && { stopDate: new Date(stopDate) }),
        ...(redriveDate !== undefined && { redriveDate: new Date(redriveDate) }),
      };
      return pascalCase({ ...rest, ...dates });
    },
  });
}
