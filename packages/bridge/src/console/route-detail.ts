import { latencies, merged } from "../compare/index.ts";
import { compareLatency, compareRates, GuardPolicy, guardNumbers } from "../guard/index.ts";
import type { RouteType } from "../ids.ts";
import type { HourCounts, VerdictReader } from "../ports.ts";
import { parityView, pathsView } from "./counted.ts";
import { hoursBack, type OverviewDeps, routeSummary } from "./overview.ts";
import type { RouteDetail, StandingView } from "./views.ts";

export interface RouteDetailDeps extends OverviewDeps {
  readonly verdicts: Pick<VerdictReader, "groups">;
}

/** By which paths are compared where no request has both; the guard's own bounds, unless a person set others. */
const DEFAULTS = GuardPolicy.parse({ ramp: [{ stage: "split", percentage: 1 }] });

/** So many kinds of difference are told, the most frequent. */
const MOST_GROUPS = 50;

const percent = (share: number): string => `${Math.round(share * 10_000) / 100} %`;

function methodOf({ errors, latency }: GuardPolicy): string {
  return [
    `Error rates: e-values by the hour; a rise of ${percent(errors.margin)} or more matters, and equal paths are ever called worse in at most ${percent(errors.falseAlarm)} of all cases, however often one looks.`,
    `Latency: intervals of p${Math.round(latency.quantile * 100)} by order statistics that hold at every look; worse is above ${latency.ratio} times the legacy path's.`,
    "Shares elsewhere on the page: Wilson intervals of 95 %, for one look.",
  ].join(" ");
}

function standingOf(hours: readonly HourCounts[], policy: GuardPolicy): StandingView {
  const { strata } = guardNumbers(hours.map(({ counts }) => counts));
  const { falseCalm, errors, latency } = policy;
  const rates = compareRates(strata, { ...errors, falseCalm });
  const all = merged(...hours.map(({ counts }) => counts));
  const times = compareLatency(latencies(all, "legacy"), latencies(all, "order"), { ...latency, falseCalm });
  return {
    errors: rates.standing,
    latency: times.standing,
    errorDifference: rates.difference,
    method: methodOf(policy),
  };
}

/**
 * One route, hour by hour: parity, ends and latency on both paths, how the paths stand to each other, and the kinds of
 * difference with the baseline's noise. Eight reads, whatever the size of the ledger.
 * @param hours how far to look back, the hour that is under way included; 1 to 336.
 */
export async function routeDetail(deps: RouteDetailDeps, route: RouteType, hours: number): Promise<RouteDetail> {
  const now = deps.clock.now();
  const { from, to } = hoursBack(now, hours);
  const series = await deps.counts.hours(route, from, to);
  const [summary, guard, differences, noise] = await Promise.all([
    routeSummary(deps, route, series),
    deps.guard.read(route),
    deps.verdicts.groups(route, "legacy"),
    deps.verdicts.groups(route, "order"),
  ]);
  return {
    at: now,
    hours,
    summary,
    series: series.map(({ hour, counts }) => ({ hour, parity: parityView(counts), paths: pathsView(counts) })),
    standing: standingOf(series, guard?.policy ?? DEFAULTS),
    differences: differences.slice(0, MOST_GROUPS),
    noise: noise.slice(0, MOST_GROUPS),
    ...(guard && { guard }),
  };
}
