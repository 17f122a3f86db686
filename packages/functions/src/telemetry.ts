import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { BridgeError } from "@crossfade/bridge";
import { composeTracker } from "./compose-tracker.ts";
import { Environment, readEnv } from "./env.ts";
import { Finding, framesOf } from "./error-facts.ts";
import { passes } from "./passing.ts";

/**
 * Structured logs, metrics and reports to the exception tracker of one function (R2, R3). Never pass a message, a row or
 * an outcome: ids and codes only.
 */
export interface Telemetry {
  readonly logger: Logger;
  count(name: string, value?: number): void;
  /** A time in milliseconds. */
  time(name: string, milliseconds: number): void;
  /**
   * An error, to the log; one that does not pass by itself also to the exception tracker. `fields` are the log line's.
   * `last`: it will not be tried again, so that nothing can pass any more.
   */
  tell(what: string, error: unknown, fields?: Readonly<Record<string, unknown>>, last?: boolean): void;
  /** To be awaited before a function returns. Takes a bounded time, and never throws. */
  flush(): Promise<void>;
}

export function telemetry(serviceName: string): Telemetry {
  const logger = new Logger({ serviceName });
  const { METRICS_NAMESPACE: namespace } = readEnv(Environment.pick({ METRICS_NAMESPACE: true }));
  const metrics = new Metrics({ namespace, serviceName });
  const count = (name: string, value = 1) => metrics.addMetric(name, MetricUnit.Count, value);
  const tracker = composeTracker(serviceName, () => {
    logger.warn("The exception tracker may lack a report");
  });
  return {
    logger,
    count,
    time: (name, milliseconds) => {
      metrics.addMetric(name, MetricUnit.Milliseconds, milliseconds);
    },
    tell(what, error, fields = {}, last = false) {
      const line = { ...fields, ...errorFields(error) };
      if (!last && passes(error)) {
        logger.warn(what, line);
        return;
      }
      logger.error(what, line);
      tracker.capture(error, { what, fields });
    },
    async flush() {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      await tracker.flush();
    },
  };
}

/** Messages of our own errors and of AWS's hold ids and codes; a parser's may quote what it parsed. */
const isSafeToLog = (error: Error): boolean =>
  error instanceof BridgeError || error instanceof Finding || "$metadata" in error;

/** Fields of a log line that say what went wrong, without anything of the message that it went wrong with. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: "Unknown" };
  if (isSafeToLog(error))
    return { error: error.name, code: "code" in error ? error.code : undefined, reason: error.message.slice(0, 300) };
  const [top] = framesOf(error);
  return { error: error.name, where: top && `${top.function ?? ""} ${top.file}:${top.line}`.trimStart() };
}
