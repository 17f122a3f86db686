import * as z from "zod";
import type { QueueMappingOptions } from "../mappings/sqs.ts";
import type { StreamMappingOptions } from "../mappings/stream.ts";
import { invalid } from "./errors.ts";

/** What a request may say of a mapping, new or not. The literals are AWS's defaults of what is not done here. */
export const mappingInput = {
  FunctionName: z.string(),
  Enabled: z.boolean().optional(),
  BatchSize: z.int().min(1).max(10_000).optional(),
  MaximumBatchingWindowInSeconds: z.int().min(0).max(300).optional(),
  FilterCriteria: z
    .strictObject({
      Filters: z
        .array(z.strictObject({ Pattern: z.string() }))
        .max(5)
        .optional(),
    })
    .optional(),
  FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).max(1).optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.int().min(2).max(1000).optional() }).optional(),
  BisectBatchOnFunctionError: z.boolean().optional(),
  MaximumRetryAttempts: z.int().min(-1).max(10_000).optional(),
  ParallelizationFactor: z.int().min(1).max(10).optional(),
  MaximumRecordAgeInSeconds: z.literal(-1, "not supported by the local cloud: a maximum record age").optional(),
  TumblingWindowInSeconds: z.literal(0, "not supported by the local cloud: tumbling windows").optional(),
};
const MappingInput = z.object({ ...mappingInput, FunctionName: z.string().optional() });
export type MappingInput = z.infer<typeof MappingInput>;

const FOR_STREAMS = [
  "BisectBatchOnFunctionError",
  "MaximumRetryAttempts",
  "ParallelizationFactor",
  "MaximumRecordAgeInSeconds",
  "TumblingWindowInSeconds",
] as const;

/** The settings of a queue mapping after a request; what it does not mention stays. */
export function withQueueInput(options: QueueMappingOptions, input: MappingInput): QueueMappingOptions {
  for (const name of FOR_STREAMS) {
    if (input[name] !== undefined) throw invalid(`${name} is not a parameter of an SQS event source.`);
  }
  if (input.FilterCriteria !== undefined) throw invalid("not supported by the local cloud: FilterCriteria of a queue");
  const { maximumConcurrency: before, ...rest } = options;
  const { MaximumConcurrency: maximumConcurrency } = input.ScalingConfig ?? { MaximumConcurrency: before };
  return {
    ...rest,
    ...(maximumConcurrency !== undefined && { maximumConcurrency }),
    ...(input.BatchSize !== undefined && { batchSize: input.BatchSize }),
    ...(input.MaximumBatchingWindowInSeconds !== undefined && {
      maximumBatchingWindowSeconds: input.MaximumBatchingWindowInSeconds,
    }),
    ...reporting(input),
  };
}

/** The settings of a stream mapping after a request; what it does not mention stays. */
export function withStreamInput(options: StreamMappingOptions, input: MappingInput): StreamMappingOptions {
  if (input.ScalingConfig !== undefined) throw invalid("ScalingConfig is for SQS event sources only.");
  const { maximumRetryAttempts: before, filters: filtersBefore, ...rest } = options;
  const filters = input.FilterCriteria ? input.FilterCriteria.Filters?.map(({ Pattern }) => Pattern) : filtersBefore;
  const attempts = input.MaximumRetryAttempts ?? before;
  return {
    ...rest,
    ...(filters !== undefined && filters.length > 0 && { filters }),
    ...(input.MaximumBatchingWindowInSeconds !== undefined && {
      maximumBatchingWindowSeconds: input.MaximumBatchingWindowInSeconds,
    }),
    ...(attempts !== undefined && attempts !== -1 && { maximumRetryAttempts: attempts }),
    ...(input.BatchSize !== undefined && { batchSize: input.BatchSize }),
    ...(input.BisectBatchOnFunctionError !== undefined && {
      bisectBatchOnFunctionError: input.BisectBatchOnFunctionError,
    }),
    ...(input.ParallelizationFactor !== undefined && { parallelizationFactor: input.ParallelizationFactor }),
    ...reporting(input),
  };
}

function reporting({ FunctionResponseTypes: types }: MappingInput) {
  return types === undefined ? {} : { reportBatchItemFailures: types.length > 0 };
}
