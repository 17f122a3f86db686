import { hourOf } from "./compare/counts.ts";
import type { Counts } from "./compare/tally.ts";
import { BridgeError } from "./errors.ts";
import { decideGuard, type GuardDecision } from "./guard/decide.ts";
import { dayUnderWay } from "./guard/lately.ts";
import { countedSince, guardNumbers } from "./guard/numbers.ts";
import type { GuardPolicy } from "./guard/policy.ts";
import { wordsOf, wordsOfTarget } from "./guard/words.ts";
import type { RouteType } from "./ids.ts";
import type { Clock, CountReader, GuardEntry, GuardRecord, GuardStore, HourCounts, RolloutStore } from "./ports.ts";
import type { Rollout } from "./rollout.ts";

export interface GuardDeps {
  readonly guard: GuardStore;
  readonly rollouts: Pick<RolloutStore, "read">;
  readonly counts: Pick<CountReader, "hours">;
  readonly clock: Clock;
}

/** The author of what the guard changes, in the audit. */
export const GUARD = "guard";

/** Two weeks: a step that lasts for months is judged by its newest numbers, and its look costs no more for it. */
const LONGEST_LOOK_MS = 14 * 24 * 3_600_000;

/** Milliseconds: where nothing was counted for longer, nobody knows what has happened since; by the hour. */
const STALE_MS = 3_600_000;

const ATTEMPTS = 3;
const OVERTAKEN: ReadonlySet<string> = new Set(["ROLLOUT_CHANGED", "ROLLOUT_HELD", "GUARD_CHANGED"]);

/**
 * Looks at a route once, and moves it where its policy says so (X10): what it decided, with the numbers that it saw, is
 * kept. Where somebody was faster it looks again, and finds the rollout to be theirs.
 * @returns undefined for a route that the guard was not asked to look after.
 * @throws BridgeError GUARD_CHANGED, ROLLOUT_CHANGED, ROLLOUT_HELD when others are faster each time: nothing was changed.
 */
export const runGuard = async (deps: GuardDeps, route: RouteType): Promise<GuardEntry | undefined> =>
  (await lookUntilDone(deps, route))?.entry;

/** What a look decided, and the decision that stood before it. */
interface Look {
  readonly entry: GuardEntry;
  readonly before: GuardEntry | undefined;
}

async function lookUntilDone(deps: GuardDeps, route: RouteType): Promise<Look | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await look(deps, route);
    } catch (error) {
      const overtaken = error instanceof BridgeError && OVERTAKEN.has(error.code);
      if (!overtaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function look(deps: GuardDeps, route: RouteType): Promise<Look | undefined> {
  const { record, revision } = await deps.guard.see(route);
  if (record === undefined) return undefined;
  const rollout = await deps.rollouts.read(route);
  const now = deps.clock.now();
  const hours = await hoursOf(deps, record, now);
  const { decision, from } = decide(record, rollout, hours.since, now);
  const last = entryOf(record, rollout, decision, now);
  if (decision.kind === "hold") {
    await deps.guard.decide({ ...record, last }, revision);
    return { entry: last, before: record.last };
  }
  const next = { ...rollout, ...decision.to, version: rollout.version + 1 };
  const moved = { kind: decision.kind, at: now };
  const begun = { since: now, before: hours.thisHour, knownVersion: next.version, moved };
  const reason = `${decision.kind} from ${wordsOfTarget(rollout)}: ${wordsOf(decision, record.policy)}; counted since ${new Date(from).toISOString()}`;
  const move = { rollout: next, audit: { by: GUARD, reason, at: now } };
  await deps.guard.decide({ ...record, ...begun, last }, revision, move);
  return { entry: last, before: record.last };
}

export interface GuardReport {
  readonly entries: readonly GuardEntry[];
  /** Roll-backs of earlier looks that stood until now: by a person's command, or by a run that may have died untold. */
  readonly found: readonly GuardEntry[];
  readonly failures: readonly { readonly route: RouteType; readonly error: unknown }[];
  /** Routes for which no time was left; the next run begins elsewhere. */
  readonly left: number;
}

const MINUTE = 60_000;

/**
 * Looks at each of the routes that the guard was asked to look after. One that fails does not keep it from the others.
 * @param withinMs after so many milliseconds no other route is begun.
 */
export async function runGuards(deps: GuardDeps, routes: readonly RouteType[], withinMs: number): Promise<GuardReport> {
  const begun = deps.clock.now();
  // Another route is first each minute: where time is short, none is left out for ever.
  const first = Math.floor(begun / MINUTE) % Math.max(1, routes.length);
  const ordered = [...routes.slice(first), ...routes.slice(0, first)];
  const entries: GuardEntry[] = [];
  const found: GuardEntry[] = [];
  const failures: { route: RouteType; error: unknown }[] = [];
  for (const [n, route] of ordered.entries()) {
    if (deps.clock.now() - begun >= withinMs) return { entries, found, failures, left: ordered.length - n };
    try {
      const looked = await lookUntilDone(deps, route);
      if (looked === undefined) continue;
      entries.push(looked.entry);
      if (looked.before?.kind === "roll-back") found.push(looked.before);
    } catch (error) {
      failures.push({ route, error });
    }
  }
  return { entries, found, failures, left: 0 };
}

/** By all that was counted since the step began; to roll back, also by the day that is under way alone. `from`: since when. */
function decide(
  { policy, knownVersion, since }: GuardRecord,
  rollout: Rollout,
  hours: readonly HourCounts[],
  now: number,
): { readonly decision: GuardDecision; readonly from: number } {
  const state = { rollout, knownVersion, since };
  const by = (bounds: GuardPolicy, from: string) => {
    const counted = hours.filter(({ hour }) => hour >= from).map(({ counts }) => counts);
    return decideGuard(bounds, state, guardNumbers(counted), now);
  };
  const decision = unlessStale(by(policy, ""), rollout, hours, now);
  const day = dayUnderWay(policy, since, now);
  const lately = day && by(day.policy, hourOf(day.from));
  if (day === undefined || lately?.kind !== "roll-back" || decision.kind === "roll-back")
    return { decision, from: since };
  return { decision: lately, from: day.from };
}

/**
 * The decision, but no promotion where nothing was counted in this hour or the one before: the stream may have stopped,
 * and what has turned since is in no number. A route without traffic waits for some.
 */
function unlessStale(
  decision: GuardDecision,
  { stage, percentage }: Rollout,
  hours: readonly HourCounts[],
  now: number,
): GuardDecision {
  const newest = hourOf(now - STALE_MS);
  const isFresh = hours.some(({ hour, counts }) => hour >= newest && Object.values(counts).some((count) => count > 0));
  if (decision.kind !== "promote" || isFresh) return decision;
  return { ...decision, kind: "hold", why: "inconclusive", to: { stage, percentage } };
}

export const countsIn = (hour: string, hours: readonly HourCounts[]): Counts =>
  hours.find((each) => each.hour === hour)?.counts ?? {};

/** What was counted since the step began, and all that was counted in the hour that is under way. */
async function hoursOf({ counts }: GuardDeps, { route, since, before = {} }: GuardRecord, now: number) {
  const from = hourOf(Math.max(since, now - LONGEST_LOOK_MS));
  const hours = await counts.hours(route, from, hourOf(now));
  return {
    since: hours.map(({ hour, counts: all }) => ({
      hour,
      counts: hour === hourOf(since) ? countedSince(before, all) : all,
    })),
    thisHour: countsIn(hourOf(now), hours),
  };
}

/** A decision that stands goes on; any other, or about another rollout, is a new entry. */
function entryOf({ route, last }: GuardRecord, rollout: Rollout, decision: GuardDecision, now: number): GuardEntry {
  const { stage, percentage, version } = rollout;
  const stands = last?.kind === decision.kind && last.why === decision.why && last.version === version;
  const [at, looks] = stands ? [last.at, last.looks + 1] : [now, 1];
  return { ...decision, route, at, lastAt: now, looks, from: { stage, percentage }, version };
}
