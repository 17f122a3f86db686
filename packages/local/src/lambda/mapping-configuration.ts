import { ACCOUNT_ID } from "../contract.ts";
import type { ManagedMapping, MappingSettings } from "../mappings/managed.ts";
import { sourceArnOf } from "../mappings/registry.ts";
import type { World } from "./world.ts";

/** The shape EventSourceMappingConfiguration of the API. */
export function mappingConfiguration(world: World, mapping: ManagedMapping) {
  const { uuid, settings, state, reason, modifiedAt } = mapping;
  return {
    UUID: uuid,
    EventSourceArn: sourceArnOf(settings),
    EventSourceMappingArn: `arn:aws:lambda:${world.region}:${ACCOUNT_ID}:event-source-mapping:${uuid}`,
    FunctionArn: world.functions.find(settings.options.functionName)?.arn,
    State: state,
    StateTransitionReason: reason,
    // Seconds since the epoch.
    LastModified: modifiedAt.getTime() / 1000,
    FunctionResponseTypes: settings.options.reportBatchItemFailures ? ["ReportBatchItemFailures"] : [],
    ...settingsOf(settings),
  };
}

function settingsOf({ kind, options }: MappingSettings) {
  if (kind === "queue") {
    const { batchSize = 10, maximumBatchingWindowSeconds = 0, maximumConcurrency } = options;
    return {
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: maximumBatchingWindowSeconds,
      ScalingConfig: maximumConcurrency === undefined ? undefined : { MaximumConcurrency: maximumConcurrency },
    };
  }
  return {
    BatchSize: options.batchSize ?? 100,
    MaximumBatchingWindowInSeconds: options.maximumBatchingWindowSeconds ?? 0,
    FilterCriteria: options.filters && { Filters: options.filters.map((Pattern) => ({ Pattern })) },
    StartingPosition: options.startingPosition,
    BisectBatchOnFunctionError: options.bisectBatchOnFunctionError ?? false,
    MaximumRetryAttempts: options.maximumRetryAttempts ?? -1,
    ParallelizationFactor: options.parallelizationFactor ?? 1,
    MaximumRecordAgeInSeconds: -1,
    TumblingWindowInSeconds: 0,
  };
}
