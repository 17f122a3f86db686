import type { Claim } from "./claim.ts";
import { keyOf } from "./claim.ts";
import type { ExecutionName } from "./ids.ts";
import { mirrorExecution } from "./mirror.ts";
import { observeRow } from "./observe.ts";
import { type SettleDeps, settleExecution } from "./settle.ts";

export interface ReconcileOptions {
  /** Claims in flight for longer than this many milliseconds are looked at. */
  readonly olderThanMs: number;
  /** At most so many claims of each route in one run: DescribeExecution has a quota of 10 to 15 a second. */
  readonly limit: number;
}

/** What a run found. `failed`: a repair that did not go through; the next run tries it again. */
export interface ReconcileReport {
  readonly looked: number;
  readonly ended: number;
  readonly stillOpen: number;
  readonly failed: number;
}

type Finding = "ended" | "stillOpen" | "failed";

/** The order's end, from DescribeExecution. An execution that is not found may yet appear, and says nothing. */
async function reconcileOrder(deps: SettleDeps, name: ExecutionName): Promise<Finding> {
  const execution = await deps.executions.find(name);
  if (execution === undefined) return "stillOpen";
  const { kind } = await mirrorExecution(deps, execution);
  if (kind === "left-to-settle") await settleExecution(deps, execution);
  return execution.status === "RUNNING" ? "stillOpen" : "ended";
}

/** A legacy request's end, from its row: its stream record may have been lost. */
async function reconcileLegacy(deps: SettleDeps, claim: Claim): Promise<Finding> {
  const row = await deps.tracking.read(keyOf(claim));
  if (row === undefined) return "stillOpen";
  return (await observeRow(deps, row)).kind === "legacy-ended" ? "ended" : "stillOpen";
}

/**
 * Repairs what lost events left behind (P6, X7): claims in flight beyond their bound are compared with what Step
 * Functions and the tracking table say now. Every repair is the write that the lost event would have caused.
 */
export async function reconcile(deps: SettleDeps, options: ReconcileOptions): Promise<ReconcileReport> {
  const before = deps.clock.now() - options.olderThanMs;
  const report = { looked: 0, ended: 0, stillOpen: 0, failed: 0 };
  const look = async (finding: Promise<Finding>) => {
    report.looked++;
    report[await finding.catch((): Finding => "failed")]++;
  };
  const seen = new Set<ExecutionName>();
  for (const route of deps.migration.routes.keys()) {
    for (const claim of await deps.claims.inFlight(route, before, options.limit)) {
      const { executionName } = claim;
      if (executionName === undefined) await look(reconcileLegacy(deps, claim));
      else if (!seen.has(executionName)) await look(reconcileOrder(deps, executionName));
      if (executionName !== undefined) seen.add(executionName);
    }
  }
  return report;
}
