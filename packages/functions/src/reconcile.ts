import { type ReconcileReport, reconcile } from "@crossfade/bridge";
import { composeReconcile } from "./compose.ts";
import { Environment, readEnv } from "./env.ts";
import { telemetry } from "./telemetry.ts";
import { tellSettled } from "./tell-order.ts";

const tools = telemetry("reconcile");
const { logger, count, time, tell, flush } = tools;
const deps = composeReconcile();
const env = readEnv(Environment.pick({ RECONCILE_AFTER_MS: true, RECONCILE_LIMIT: true, RECONCILE_WITHIN_MS: true }));

/** On a schedule: repairs what lost status events and lost stream records left behind (P6). */
export async function handler(): Promise<Omit<ReconcileReport, "settled" | "failures">> {
  logger.info("Reconciling");
  const { settled, failures, ...report } = await reconcile(deps, {
    olderThanMs: env.RECONCILE_AFTER_MS,
    limit: env.RECONCILE_LIMIT,
    withinMs: env.RECONCILE_WITHIN_MS,
  });
  for (const order of settled) tellSettled(tools, order);
  for (const { key, error } of failures) tell("Claim not reconciled", error, { ...key });
  logger.info("Reconciled", { ...report });
  for (const kind of ["ended", "expired", "stillOpen", "shadowsEnded", "failed"] as const)
    count(`Reconcile.${kind}`, report[kind]);
  time("Reconcile.oldestOpenMs", report.oldestOpenMs);
  await flush();
  return report;
}
