import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { BridgeError } from "@crossfade/bridge";

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

/** Messages of our own errors and of AWS's hold ids and codes; a parser's may quote what it parsed. */
const isSafeToLog = (error: Error): boolean => error instanceof BridgeError || "$metadata" in error;

/** Fields of a log line that say what went wrong, without anything of the message that it went wrong with. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: "Unknown" };
  const where = error.stack
    ?.split("\n")
    .find((line) => line.trimStart().startsWith("at "))
    ?.trim();
  if (!isSafeToLog(error)) return { error: error.name, where };
  return { error: error.name, code: "code" in error ? error.code : undefined, reason: error.message.slice(0, 300) };
}
