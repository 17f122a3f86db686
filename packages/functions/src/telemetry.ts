import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** Structured logs and metrics of one function (R2). Never pass a message, a row or an outcome: ids and codes only. */
export interface Telemetry {
  readonly logger: Logger;
  count(name: string, value?: number): void;
  flush(): void;
}

export function telemetry(serviceName: string): Telemetry {
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ namespace: "Crossfade", serviceName });
  return {
    logger,
    count: (name, value = 1) => metrics.addMetric(name, MetricUnit.Count, value),
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}

/** Fields of a log line that say what went wrong, without the message that it went wrong with. */
export const errorFields = (error: unknown): Record<string, unknown> =>
  error instanceof Error
    ? { error: error.name, code: "code" in error ? error.code : undefined, reason: error.message.slice(0, 300) }
    : { error: "Unknown" };
