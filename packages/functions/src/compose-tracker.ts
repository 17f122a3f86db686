import { Environment, readEnv } from "./env.ts";
import { type ExceptionTracker, exceptionTracker, noTracker } from "./exception-tracker.ts";

/** The exception tracker that the environment names; without SENTRY_DSN none, and nothing of it is loaded. */
export function composeTracker(service: string, onLost: () => void): ExceptionTracker {
  const env = readEnv(
    Environment.pick({ SENTRY_DSN: true, SENTRY_ENVIRONMENT: true, SENTRY_RELEASE: true, TRACKER_FLUSH_MS: true }),
  );
  const { SENTRY_DSN: dsn, TRACKER_FLUSH_MS: flushMs } = env;
  if (dsn === "") return noTracker;
  return exceptionTracker({
    service,
    flushMs,
    onLost,
    now: () => Date.now(),
    load: async () => {
      const { sentrySender } = await import("./sentry-tracker.ts");
      const named = { environment: env.SENTRY_ENVIRONMENT, release: env.SENTRY_RELEASE };
      return sentrySender({ dsn, ...named, timeoutMs: flushMs, onLost });
    },
  });
}
