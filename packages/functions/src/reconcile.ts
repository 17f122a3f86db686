import { type ReconcileReport, reconcile } from "@crossfade/bridge";
import { composeSettle } from "./compose.ts";
import { Environment, readEnv } from "./env.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, flush } = telemetry("reconcile");
const deps = composeSettle();
const env = readEnv(Environment.pick({ RECONCILE_AFTER_MS: true, RECONCILE_LIMIT: true }));

/** On a schedule: repairs what lost status events and lost stream records left behind (P6). */
export async function handler(): Promise<ReconcileReport> {
  logger.info("Reconciling");
  const report = await reconcile(deps, { olderThanMs: env.RECONCILE_AFTER_MS, limit: env.RECONCILE_LIMIT });
  logger.info("Reconciled", { ...report });
  count("Reconcile.ended", report.ended);
  count("Reconcile.stillOpen", report.stillOpen);
  count("Reconcile.failed", report.failed);
  flush();
  return report;
}
