import * as z from "zod";
import type { Claim } from "./claim.ts";
import { dispositionOf } from "./errors.ts";
import { fenceWins } from "./fence.ts";
import type { RequestKey, RouteType } from "./ids.ts";
import { type ObserveDeps, type ObserveOutcome, observeRow } from "./observe.ts";
import type { Bookmarks, ChangedRow, RowIndex, RowReader, WatchedClaims } from "./ports.ts";
import type { Row } from "./row-image.ts";
import { inTurns, takeTurn } from "./turns.ts";

export type PollDeps = ObserveDeps & { readonly bookmarks: Bookmarks; readonly rows: RowReader };

/** What a run found in the rows that it looked at. */
export interface PollReport {
  readonly looked: number;
  readonly counts: Readonly<Record<ObserveOutcome["kind"] | "failed", number>>;
  /** Delegated work whose row says otherwise than what the order went on with; a person must look. */
  readonly contradicted: readonly RequestKey[];
  /** Rows that could not be observed; they are looked at again. */
  readonly failures: readonly { readonly requestId: string; readonly error: unknown }[];
}

/** Rows of a page are looked at side by side; so many stand between two bookmarks. */
const PAGE = 25;

/** Milliseconds for which a row that fails again and again holds its sweep back; reconcile knows its claim. */
export const HOLD_BACK = 3_600_000;

/** False for a row that is known to have nothing to say. */
type MaySay = (requestId: string, row: Row) => boolean;

/** Looks at rows, each for itself, and remembers what it found. */
class Look {
  looked = 0;
  readonly counts = {
    ...{ ignored: 0, "legacy-ended": 0, restored: 0, "delegated-ended": 0, contradicted: 0, failed: 0 },
  };
  readonly contradicted: RequestKey[] = [];
  readonly failures: { requestId: string; error: unknown }[] = [];
  readonly #deps: PollDeps;

  constructor(deps: PollDeps) {
    this.#deps = deps;
  }

  /** @returns the requests whose row is to be looked at again. */
  async at(requestIds: readonly string[], maySay: MaySay = () => true): Promise<readonly string[]> {
    const rows = await this.#deps.rows.readMany(requestIds);
    const again = await Promise.all([...rows].map(([requestId, row]) => this.#one(requestId, row, maySay)));
    return again.flat();
  }

  async #one(requestId: string, row: Row, maySay: MaySay): Promise<readonly string[]> {
    try {
      if (!maySay(requestId, row)) return [];
      this.looked++;
      const { kind, key } = await observeRow(this.#deps, row);
      this.counts[kind]++;
      if (kind === "contradicted" && key !== undefined) this.contradicted.push(key);
      return [];
    } catch (error) {
      this.counts.failed++;
      this.failures.push({ requestId, error });
      // What a person must put right first would fail again: reconcile looks at its claim.
      return dispositionOf(error) === "fatal" ? [] : [requestId];
    }
  }

  get report(): PollReport {
    const { looked, counts, contradicted, failures } = this;
    return { looked, counts, contradicted, failures };
  }
}

/** A row can say something about what others do, and about what the mirror wrote into it. */
const isOfInterest = ({ path, integration, mirrored }: Claim): boolean =>
  path === "legacy" || integration !== undefined || mirrored !== undefined;

/** After the end of a claim its row says something only where the end is gone from it. */
function saysOtherwise({ migration: { tracking } }: PollDeps, { path, mirrored }: Claim, row: Row): boolean {
  if (path === "legacy") return tracking.read(row)?.phase === "received";
  const fence = row[tracking.fenceAttribute];
  return mirrored !== undefined && fenceWins(mirrored.fence, typeof fence === "number" ? fence : undefined);
}

/**
 * Looks for the rows of claims: all that are in flight, and those that have ended and were decided within `watchMs`, since
 * a publisher that writes its row late overwrites an end (A8). Every ended claim is looked at once at least.
 * @param options.withinMs milliseconds for a whole run, shared by the routes; less than the function may take.
 */
export async function pollClaims(
  deps: PollDeps & { readonly watch: WatchedClaims },
  options: { readonly withinMs: number; readonly watchMs: number },
): Promise<PollReport> {
  const { claims, clock, watch } = deps;
  const look = new Look(deps);
  const now = clock.now();
  const open = (route: RouteType, until: number) =>
    takeTurn(
      deps,
      { job: `poll#${route}`, pageSize: PAGE, until },
      (limit, after) => claims.inFlight(route, now + 1, limit, after),
      async (found) => void (await look.at(found.filter(isOfInterest).map(({ requestId }) => requestId))),
    );
  const ended = (route: RouteType, until: number) =>
    takeTurn(
      deps,
      { job: `poll-ended#${route}`, pageSize: PAGE, until },
      (limit, after) => watch.watched(route, limit, after),
      async (found) => {
        const byId = new Map(found.map((claim) => [String(claim.requestId), claim]));
        const again = await look.at([...byId.keys()], (requestId, row) => {
          const claim = byId.get(requestId);
          return claim !== undefined && saysOtherwise(deps, claim, row);
        });
        const over = found.filter((claim) => claim.decidedAt < now - options.watchMs);
        await Promise.all(
          over.filter(({ requestId }) => !again.includes(requestId)).map((claim) => watch.forget(claim)),
        );
      },
    );
  const jobs = [...deps.migration.routes.keys()].flatMap((route) => [
    (until: number) => open(route, until),
    (until: number) => ended(route, until),
  ]);
  await inTurns(clock, jobs, options.withinMs, (job, until) => job(until));
  return look.report;
}

/** Where a sweep of one partition stands. Times are epoch milliseconds; `after`: where its next page begins. */
const Sweep = z.strictObject({
  since: z.number(),
  startedAt: z.number().optional(),
  after: z.string().optional(),
  /** The earliest change of a row that could not be observed. */
  failedAt: z.number().optional(),
});
type Sweep = z.infer<typeof Sweep>;

/** Where the next sweep begins: the overlap before this one began, or earlier at a row that failed. */
function nextSweep({ startedAt = 0, failedAt }: Sweep, overlapMs: number): Sweep {
  const since = startedAt - overlapMs;
  return { since: Math.max(since - HOLD_BACK, Math.min(since, failedAt ?? since)) };
}

/** One partition's turn: pages from where it stopped, until the sweep or its time is over. One page at least. */
async function sweepOn(
  deps: PollDeps & { readonly index: RowIndex },
  look: Look,
  partition: string,
  { overlapMs, until }: { readonly overlapMs: number; readonly until: number },
): Promise<void> {
  const { bookmarks, clock, index } = deps;
  const job = `poll-index#${partition}`;
  const kept = await bookmarks.read(job);
  const now = clock.now();
  let sweep: Sweep = kept === undefined ? { since: now - overlapMs } : Sweep.parse(JSON.parse(kept));
  sweep = { startedAt: now, ...sweep };
  do {
    const { entries, next } = await index.changed(partition, sweep.since, PAGE, sweep.after);
    const failedAt = await lookAtChanged(look, entries, sweep.failedAt);
    const { after: _, ...here } = { ...sweep, ...(failedAt !== undefined && { failedAt }) };
    sweep = next === undefined ? nextSweep(here, overlapMs) : { ...here, after: next };
    await bookmarks.write(job, JSON.stringify(sweep));
  } while (sweep.after !== undefined && clock.now() < until);
}

/** @returns the earliest change of a row that is to be looked at again; entries come oldest first. */
async function lookAtChanged(
  look: Look,
  entries: readonly ChangedRow[],
  before: number | undefined,
): Promise<number | undefined> {
  const again = await look.at(entries.map(({ requestId }) => requestId));
  return before ?? entries.find(({ requestId }) => again.includes(requestId))?.changedAt;
}

/**
 * Looks for rows by an index of the tracking table, partition by partition, from the overlap before the last sweep began.
 * Our clock alone says where a sweep begins, so that a row of a clock that runs ahead hides nothing. A row is found if its
 * sort value lies no more than `overlapMs` behind our clock when the index shows it: what a writer's clock lags behind,
 * and what the index lags behind, count together. The index says which rows; each is read from the table itself.
 */
export async function pollIndex(
  deps: PollDeps & { readonly index: RowIndex },
  options: { readonly partitions: readonly string[]; readonly withinMs: number; readonly overlapMs: number },
): Promise<PollReport> {
  const { partitions, withinMs, overlapMs } = options;
  const look = new Look(deps);
  await inTurns(deps.clock, partitions, withinMs, (partition, until) =>
    sweepOn(deps, look, partition, { overlapMs, until }),
  );
  return look.report;
}
