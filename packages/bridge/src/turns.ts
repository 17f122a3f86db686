import type { Bookmarks, Clock, Page } from "./ports.ts";

interface TurnDeps {
  readonly bookmarks: Bookmarks;
  readonly clock: Clock;
}

/** Runs a list of jobs one after the other, each in its share of the time that is left. */
export async function inTurns<Job>(
  clock: Clock,
  jobs: readonly Job[],
  withinMs: number,
  run: (job: Job, until: number) => Promise<void>,
): Promise<void> {
  const end = clock.now() + withinMs;
  for (const [i, job] of jobs.entries()) {
    const now = clock.now();
    await run(job, now + (end - now) / (jobs.length - i));
  }
}

/**
 * One job's turn in a long list, page by page from where its last turn stopped: what stays in the list never keeps a turn
 * from what stands behind it. One page at least, however little time there is.
 * @param turn.pageSize entries between two bookmarks: a run that is cut off loses no more than that.
 * @param turn.until epoch milliseconds.
 */
export async function takeTurn<Entry>(
  deps: TurnDeps,
  turn: { readonly job: string; readonly pageSize: number; readonly limit?: number; readonly until: number },
  pageOf: (limit: number, after: string | undefined) => Promise<Page<Entry>>,
  lookAt: (entries: readonly Entry[]) => Promise<void>,
): Promise<void> {
  const { job, pageSize, limit = Number.POSITIVE_INFINITY, until } = turn;
  let left = limit;
  let after = await deps.bookmarks.read(job);
  do {
    const page = await pageOf(Math.min(pageSize, left), after);
    await lookAt(page.entries);
    left -= pageSize;
    if (page.next !== after) await deps.bookmarks.write(job, page.next);
    after = page.next;
  } while (after !== undefined && left > 0 && deps.clock.now() < until);
}
