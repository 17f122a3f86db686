import { hourOf, merged, NO_ROUTE } from "../compare/index.ts";
import type { RouteType } from "../ids.ts";
import type { Clock, CountReader, GuardReader, HourCounts, OpenClaims, RolloutStore } from "../ports.ts";
import { shareOf } from "../rollout.ts";
import type { Migration } from "../route.ts";
import { conservationView, parityView, pathsView } from "./counted.ts";
import type { ConservationView, Overview, RouteSummary } from "./views.ts";

export interface OverviewDeps {
  readonly migration: Pick<Migration, "name" | "routes">;
  readonly rollouts: Pick<RolloutStore, "read">;
  readonly counts: CountReader;
  readonly open: OpenClaims;
  readonly guard: GuardReader;
  readonly clock: Clock;
}

/** Of each route: all of them are read at each look, and claims are about a kilobyte. */
const MOST_OPEN = 400;

const HOUR = 3_600_000;

/** The hours that a look back covers: the one that is under way, and those before it. */
export const hoursBack = (now: number, hours: number): { readonly from: string; readonly to: string } => ({
  from: hourOf(now - (hours - 1) * HOUR),
  to: hourOf(now),
});

/** One route: its rollout, its counts of the given hours, and where all its messages are. Five reads. */
export async function routeSummary(
  deps: OverviewDeps,
  route: RouteType,
  hours: readonly HourCounts[],
): Promise<RouteSummary> {
  const [rollout, total, open, guard] = await Promise.all([
    deps.rollouts.read(route),
    deps.counts.total(route),
    deps.open.count(route, MOST_OPEN),
    deps.guard.read(route),
  ]);
  const counts = merged(...hours.map((hour) => hour.counts));
  const { last, moved } = guard ?? {};
  return {
    route,
    rollout,
    share: shareOf(rollout),
    parity: parityView(counts),
    paths: pathsView(counts),
    conservation: conservationView(total, open),
    ...(last && { guard: { kind: last.kind, why: last.why, at: last.at, ...(moved && { moved }) } }),
  };
}

/** Of all routes together; unknown where it is unknown of one. */
function sumOf(all: readonly ConservationView[]): ConservationView {
  const sum = (of: (view: ConservationView) => number) => all.reduce((total, view) => total + of(view), 0);
  const known = all.every(({ open }) => open !== undefined);
  return {
    received: sum(({ received }) => received),
    ended: sum(({ ended }) => ended),
    rejected: sum(({ rejected }) => rejected),
    inFlight: { legacy: sum(({ inFlight }) => inFlight.legacy), order: sum(({ inFlight }) => inFlight.order) },
    ...(known && {
      open: { legacy: sum(({ open }) => open?.legacy ?? 0), order: sum(({ open }) => open?.order ?? 0) },
      gap: sum(({ gap }) => gap ?? 0),
    }),
  };
}

/** Nothing of it is in flight: its messages were refused before anything was claimed. */
const NONE_OPEN = { legacy: 0, order: 0 };

/**
 * All routes, with their counts of the last hours. Five reads a route, whatever the size of the ledger.
 * @param hours how far to look back, the hour that is under way included; 1 to 336.
 */
export async function overview(deps: OverviewDeps, hours: number): Promise<Overview> {
  const now = deps.clock.now();
  const { from, to } = hoursBack(now, hours);
  const routes = await Promise.all(
    [...deps.migration.routes.keys()].map(async (route) =>
      routeSummary(deps, route, await deps.counts.hours(route, from, to)),
    ),
  );
  const refused = conservationView(await deps.counts.total(NO_ROUTE), NONE_OPEN);
  return {
    at: now,
    hours,
    migration: deps.migration.name,
    routes,
    conservation: sumOf([...routes.map(({ conservation }) => conservation), refused]),
  };
}
