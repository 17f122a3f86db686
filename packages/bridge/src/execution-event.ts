import * as z from "zod";
import { ExecutionStatus } from "./fence.ts";
import type { ExecutionDescription, ExecutionReader } from "./ports.ts";

/** "Step Functions Execution Status Change", as EventBridge delivers it; only what the bridge reads. Times: epoch ms. */
export const StatusChangeEvent = z.object({
  source: z.literal("aws.states"),
  "detail-type": z.literal("Step Functions Execution Status Change"),
  detail: z.object({
    executionArn: z.string().min(1),
    status: z.string(),
    startDate: z.number(),
    stopDate: z.number().nullish(),
    input: z.string().nullish(),
    output: z.string().nullish(),
    error: z.string().nullish(),
    redriveCount: z.int().nonnegative().nullish(),
  }),
});
export type StatusChangeEvent = z.infer<typeof StatusChangeEvent>;

/**
 * The execution that an event tells of. Where the event lacks its input, its output or its redriveCount, all of it
 * comes from DescribeExecution: status and redriveCount must never be mixed from two sources (fence model).
 * Undefined for a status that writes nothing.
 */
export async function executionOf(
  reader: Pick<ExecutionReader, "describe">,
  event: StatusChangeEvent,
): Promise<ExecutionDescription | undefined> {
  const { detail } = event;
  const status = ExecutionStatus.safeParse(detail.status);
  if (!status.success) return undefined;
  const whole = detail.input != null && detail.redriveCount != null;
  if (!whole || (status.data === "SUCCEEDED" && detail.output == null)) return reader.describe(detail.executionArn);
  return {
    executionArn: detail.executionArn,
    status: status.data,
    redriveCount: detail.redriveCount ?? 0,
    startedAt: detail.startDate,
    stoppedAt: detail.stopDate ?? undefined,
    input: detail.input ?? "",
    output: detail.output ?? undefined,
    error: detail.error ?? undefined,
  };
}
