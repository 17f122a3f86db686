import type { Claim } from "./claim.ts";
import { type CountDeps, countClaims } from "./count-claims.ts";
import type { RouteType } from "./ids.ts";
import type { Bookmarks, ClaimLedger, Clock, Page } from "./ports.ts";
import { inTurns, takeTurn } from "./turns.ts";

export type OverdueDeps = CountDeps & {
  readonly routes: readonly RouteType[];
  readonly claims: Pick<ClaimLedger, "inFlight" | "openShadows">;
  readonly bookmarks: Bookmarks;
  readonly clock: Clock;
};

export interface OverdueOptions {
  /** Milliseconds for which the other side is waited for, once one has ended. */
  readonly afterMs: number;
  /** At most so many claims of each list of a route in one run. */
  readonly limit: number;
  /** Milliseconds for a whole run, shared by the routes; less than the function may take. */
  readonly withinMs: number;
}

/** `judged`: requests that were given a verdict. `failed`: pages of claims that were not; the next round tries again. */
export interface OverdueReport {
  readonly looked: number;
  readonly judged: number;
  readonly failed: number;
  readonly failures: readonly unknown[];
}

/** So many claims between two bookmarks. */
const PAGE = 100;

/** When the one side of a comparison ended whose other side has not; undefined for every other claim. */
function waitingSince({ path, endedAt, legacyOutcome, shadow }: Claim): number | undefined {
  if (path !== "legacy" || shadow === undefined || shadow.failure !== undefined) return undefined;
  if (legacyOutcome !== undefined && shadow.outcome === undefined) return endedAt;
  return legacyOutcome === undefined && shadow.outcome !== undefined ? shadow.endedAt : undefined;
}

/**
 * Gives the verdict on requests of which one side did not come within its time: old-only, or new-only (X4). When it comes
 * after all, its image changes the verdict to late. A run takes up where the last one stopped.
 */
export async function judgeOverdue(deps: OverdueDeps, options: OverdueOptions): Promise<OverdueReport> {
  const { afterMs, limit, withinMs } = options;
  const before = deps.clock.now() - afterMs;
  let [looked, judged] = [0, 0];
  const failures: unknown[] = [];
  const judge = async (claims: readonly Claim[]) => {
    const at = deps.clock.now();
    const overdue = claims.filter((claim) => (waitingSince(claim) ?? Number.POSITIVE_INFINITY) < before);
    looked += claims.length;
    const sightings = overdue.map((claim) => ({ claim, at, overdueAt: at }));
    judged += await countClaims(deps, sightings).catch((error: unknown) => {
      failures.push(error);
      return 0;
    });
  };
  const turn = (
    job: string,
    until: number,
    pageOf: (most: number, after: string | undefined) => Promise<Page<Claim>>,
  ) => takeTurn(deps, { job, pageSize: PAGE, limit, until }, pageOf, judge);
  await inTurns(deps.clock, deps.routes, withinMs, async (route, until) => {
    const half = deps.clock.now() + (until - deps.clock.now()) / 2;
    await turn(`overdue-plans#${route}`, half, (most, after) => deps.claims.openShadows(route, before, most, after));
    await turn(`overdue-rows#${route}`, until, (most, after) => deps.claims.inFlight(route, before, most, after));
  });
  return { looked, judged, failed: failures.length, failures };
}
