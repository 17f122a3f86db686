import { type Claim, keyOf, mayNotStart, NEVER_START_AFTER } from "./claim.ts";
import { type AskDeps, askUnasked } from "./delegate.ts";
import { fenceOf } from "./fence.ts";
import type { ExecutionName, RequestKey, RouteType } from "./ids.ts";
import { mirrorExecution, mirrorItem } from "./mirror.ts";
import { type ObserveDeps, observeRow } from "./observe.ts";
import { OrderInput } from "./order.ts";
import type { ItemOutcome } from "./outcome.ts";
import type { Bookmarks, ExecutionDescription } from "./ports.ts";
import { type SettleDeps, type Settled, settleExecution } from "./settle.ts";
import { NOT_STARTED } from "./shadow.ts";
import { endShadow, shadowIn } from "./shadow-end.ts";
import { inTurns, takeTurn } from "./turns.ts";

export type ReconcileDeps = SettleDeps & ObserveDeps & { readonly bookmarks: Bookmarks; readonly handOver: AskDeps };

export interface ReconcileOptions {
  /** Claims in flight for longer than this many milliseconds are looked at. */
  readonly olderThanMs: number;
  /** At most so many claims of each route in one run: DescribeExecution has a quota of 10 to 15 a second. */
  readonly limit: number;
  /** Milliseconds for a whole run, shared by the routes; less than the function may take. */
  readonly withinMs: number;
}

/** So many claims between two bookmarks: a run that is cut off loses no more than that. */
const PAGE = 10;

/** What a run found. `failed`: a repair that did not go through; the next round tries it again. */
export interface ReconcileReport {
  readonly looked: number;
  readonly ended: number;
  /** Orders that were claimed and never started, and cannot start any more. */
  readonly expired: number;
  readonly stillOpen: number;
  /** Plan-only orders whose end was found; those that are still open count as stillOpen. */
  readonly shadowsEnded: number;
  readonly failed: number;
  /** Milliseconds since the oldest claim was made that is open beyond the bound; 0 where none is. */
  readonly oldestOpenMs: number;
  readonly settled: readonly Settled[];
  /** Why repairs did not go through, where an error says so. */
  readonly failures: readonly { readonly key: RequestKey; readonly error: unknown }[];
}

type Finding = "ended" | "expired" | "stillOpen" | "shadowsEnded" | "failed" | Settled;

/** Milliseconds beyond the last moment of a start, after which a start that was under way then is over too. */
const START_MARGIN = 24 * 3_600_000;

/** An order that never started, and cannot any more: its request ends as failed, and its pin comes free (P4). */
async function expire(deps: ReconcileDeps, claim: Claim): Promise<Finding> {
  const at = claim.decidedAt + NEVER_START_AFTER;
  const standing = { fence: fenceOf("FAILED", claim.generation) ?? 0, generation: claim.generation, at };
  const end: ItemOutcome = {
    ...keyOf(claim),
    itemId: claim.requestId,
    status: "FAILED",
    Error: { Code: "CLAIM_EXPIRED", Message: "the order never started", Retryable: false },
    effects: [],
  };
  const told = await mirrorItem(deps, { ...keyOf(claim), pinKey: claim.pinKey }, standing, end);
  return told === "no-row" ? "failed" : "expired";
}

/** Delegated work whose order is known: the row tells its end, or it turns out that nobody was ever asked (N4). */
async function reconcileDelegated(
  deps: ReconcileDeps,
  claim: Claim,
  execution: ExecutionDescription,
  before: number,
): Promise<void> {
  const { orderId, correlationId, items } = OrderInput.parse(JSON.parse(execution.input));
  const item = items.find(({ route, requestId }) => route === claim.route && requestId === claim.requestId);
  const row = await deps.tracking.read(keyOf(claim));
  if (row !== undefined) await observeRow(deps, row);
  if (item !== undefined) await askUnasked(deps.handOver, { orderId, correlationId, item }, row, before);
}

/**
 * An order that was moved on to be redriven, and cannot be redriven any more, is at its end in the generation that it was
 * moved to: without this its requests would stay open for ever (P6).
 */
const asMovedOn = ({ generation }: Claim, execution: ExecutionDescription): ExecutionDescription =>
  execution.notRedrivable !== undefined && generation > execution.redriveCount
    ? { ...execution, redriveCount: generation }
    : execution;

/** The order's end, from DescribeExecution. An execution that is not found may yet appear, and says nothing. */
async function reconcileOrder(
  deps: ReconcileDeps,
  claim: Claim,
  name: ExecutionName,
  before: number,
): Promise<Finding> {
  const execution = await deps.executions.find(name);
  if (execution === undefined) {
    return mayNotStart(claim, deps.clock.now() - START_MARGIN) ? expire(deps, claim) : "stillOpen";
  }
  if (claim.integration === "delegate") await reconcileDelegated(deps, claim, execution, before);
  const { kind } = await mirrorExecution(deps, execution);
  if (kind === "left-to-settle") {
    const settled = await settleExecution(deps, asMovedOn(claim, execution));
    if (settled.kind === "superseded") return "stillOpen";
    return settled.kind === "settled" ? settled : "ended";
  }
  return execution.status === "RUNNING" ? "stillOpen" : "ended";
}

/** A legacy request's end, from its row: its stream record may have been lost. */
async function reconcileLegacy(deps: ReconcileDeps, claim: Claim): Promise<Finding> {
  const row = await deps.tracking.read(keyOf(claim));
  if (row === undefined) return "stillOpen";
  return (await observeRow(deps, row)).kind === "legacy-ended" ? "ended" : "stillOpen";
}

/**
 * A plan-only order's end (X3). It is started right after its message was forwarded, by a function that has long ended:
 * one that is not found by now never began.
 */
async function reconcileShadow(deps: ReconcileDeps, claim: Claim, before: number): Promise<Finding> {
  const { shadow, forwardedAt } = claim;
  if (shadow === undefined) return "stillOpen";
  const execution = await deps.executions.find(shadow.executionName);
  if (execution === undefined) {
    if (forwardedAt === undefined || forwardedAt >= before) return "stillOpen";
    const failure = { Code: NOT_STARTED, Message: "the order never started", Retryable: true };
    await deps.claims.endShadow(keyOf(claim), shadow.executionName, { endedAt: deps.clock.now(), failure });
    return "shadowsEnded";
  }
  const order = shadowIn(execution);
  return order !== undefined && (await endShadow(deps.claims, order, execution)) ? "shadowsEnded" : "stillOpen";
}

async function oldestOpen(deps: ReconcileDeps, routes: readonly RouteType[], before: number): Promise<number> {
  const pages = await Promise.all(routes.map((route) => deps.claims.inFlight(route, before, 1)));
  const ages = pages.flatMap(({ entries }) => entries.map(({ decidedAt }) => deps.clock.now() - decidedAt));
  return Math.max(0, ...ages);
}

/**
 * Repairs what lost events left behind (P6, X7): claims in flight beyond their bound are compared with what Step
 * Functions and the tracking table say now. Every repair is the write that the lost event would have caused. A run takes
 * up where the last one stopped, so that claims which stay open never keep it from the others.
 */
export async function reconcile(deps: ReconcileDeps, options: ReconcileOptions): Promise<ReconcileReport> {
  const before = deps.clock.now() - options.olderThanMs;
  const counts = { looked: 0, ended: 0, expired: 0, stillOpen: 0, shadowsEnded: 0, failed: 0 };
  const settled: Settled[] = [];
  const failures: { key: RequestKey; error: unknown }[] = [];
  const look = async (claim: Claim, repair: Promise<Finding>) => {
    const finding = await repair.catch((error: unknown): Finding => {
      failures.push({ key: keyOf(claim), error });
      return "failed";
    });
    counts.looked++;
    if (typeof finding === "object") settled.push(finding);
    counts[typeof finding === "object" ? "ended" : finding]++;
  };
  const seen = new Set<ExecutionName>();
  const lookAt = async (claim: Claim) => {
    const { executionName } = claim;
    if (executionName === undefined) return look(claim, reconcileLegacy(deps, claim));
    const again = claim.startedAt === undefined || claim.integration === "delegate";
    if (again || !seen.has(executionName)) await look(claim, reconcileOrder(deps, claim, executionName, before));
    seen.add(executionName);
  };
  const { limit, withinMs } = options;
  const routes = [...deps.migration.routes.keys()];
  await inTurns(deps.clock, routes, withinMs, async (route, until) => {
    const lookedBefore = counts.looked;
    await takeTurn(
      deps,
      { job: `reconcile#${route}`, pageSize: PAGE, limit, until },
      (most, after) => deps.claims.inFlight(route, before, most, after),
      async (claims) => {
        for (const claim of claims) await lookAt(claim);
      },
    );
    // Plans have what requests leave of the route's share: nobody waits for one.
    const left = limit - (counts.looked - lookedBefore);
    if (left <= 0 || deps.clock.now() >= until) return;
    await takeTurn(
      deps,
      { job: `reconcile-shadows#${route}`, pageSize: PAGE, limit: left, until },
      (most, after) => deps.claims.openShadows(route, before, most, after),
      async (claims) => {
        for (const claim of claims) await look(claim, reconcileShadow(deps, claim, before));
      },
    );
  });
  const oldestOpenMs = await oldestOpen(deps, routes, before);
  return { ...counts, oldestOpenMs, settled, failures };
}
