import * as z from "zod";

/**
 * What an event source mapping on a queue is made with, in the words of Lambda's API, so that a copy is the very same.
 * What is not given is Lambda's default.
 */
export const MappingSettings = z.object({
  BatchSize: z.int().positive().optional(),
  MaximumBatchingWindowInSeconds: z.int().nonnegative().optional(),
  ScalingConfig: z.object({ MaximumConcurrency: z.int().optional() }).optional(),
  FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).optional(),
  FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string().optional() })).optional() }).optional(),
  KMSKeyArn: z.string().optional(),
  MetricsConfig: z.object({ Metrics: z.array(z.literal("EventCount")).optional() }).optional(),
  ProvisionedPollerConfig: z
    .object({ MinimumPollers: z.int().optional(), MaximumPollers: z.int().optional() })
    .optional(),
});
export type MappingSettings = z.infer<typeof MappingSettings>;

/** In Lambda's words. */
export type MappingState = "Creating" | "Enabling" | "Enabled" | "Disabling" | "Disabled" | "Updating" | "Deleting";

/** An event source mapping as Lambda has it. */
export interface Mapping {
  readonly id: string;
  readonly functionArn: string;
  readonly queueArn: string;
  readonly state: MappingState;
  /** Epoch milliseconds, by Lambda's clock: when it was changed, or its state was. */
  readonly changedAt: number;
  readonly settings: MappingSettings;
}

/** Lambda's limit for FIFO queues (Lambda guide, "Creating and configuring an Amazon SQS event source mapping"). */
const MOST_OF_FIFO = 10;

/** The settings for the forward queue: the same, as far as a FIFO queue takes them. */
export function settingsFor(settings: MappingSettings, forward: "fifo" | "standard"): MappingSettings {
  if (forward === "standard") return settings;
  const { MaximumBatchingWindowInSeconds: _, BatchSize, ...rest } = settings;
  return { ...rest, ...(BatchSize !== undefined && { BatchSize: Math.min(BatchSize, MOST_OF_FIFO) }) };
}

/** What a FIFO forward queue does not take of the old mapping's settings; empty where they are the same. */
export function settingsLost(settings: MappingSettings, forward: "fifo" | "standard"): readonly string[] {
  if (forward === "standard") return [];
  const { MaximumBatchingWindowInSeconds: window = 0, BatchSize: size = MOST_OF_FIFO } = settings;
  return [
    ...(window > 0 ? [`its window of ${window} s is left out: FIFO queues have none`] : []),
    ...(size > MOST_OF_FIFO ? [`its batch size of ${size} becomes ${MOST_OF_FIFO}: FIFO queues take no more`] : []),
  ];
}
