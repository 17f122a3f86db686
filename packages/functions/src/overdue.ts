import { judgeOverdue, type OverdueReport } from "@crossfade/bridge";
import { composeOverdue } from "./compose-compare.ts";
import { Environment, readEnv } from "./env.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("overdue");
const deps = composeOverdue();
const env = readEnv(Environment.pick({ COMPARE_WITHIN_MS: true }));

/** Claims of each list of a route in one run. */
const LIMIT = 1_000;
/** Milliseconds: below the function's timeout of 60 s, with room for the page in hand. */
const WITHIN = 40_000;

/** On a schedule: gives the verdict where one side of a comparison did not come within its time (X4). */
export async function handler(): Promise<Omit<OverdueReport, "failures">> {
  logger.info("Looking for comparisons that lack a side");
  const { failures, ...report } = await judgeOverdue(deps, {
    afterMs: env.COMPARE_WITHIN_MS,
    limit: LIMIT,
    withinMs: WITHIN,
  });
  for (const error of failures) tell("Overdue comparisons not judged", error);
  logger.info("Looked for comparisons that lack a side", { ...report });
  // Each metric costs: what hardly ever happens is told when it does.
  if (report.judged > 0) count("Overdue.judged", report.judged);
  if (report.failed > 0) count("Overdue.failed", report.failed);
  await flush();
  return report;
}
