import type { HourView } from "@crossfade/bridge/console";
import { hourStart } from "../format.ts";

const HOUR = 3_600_000;

/** A value for each hour; null where there is none, which a line does not cross. */
export type Column = readonly (number | null)[];

/** Hours that are shown at least, also of a route that has just begun: a line needs them. */
const LEAST = 4;

/** Every hour from the first to the last, also those of which nothing was counted. */
export interface Hours {
  /** Epoch seconds, as the charts take them. */
  readonly starts: readonly number[];
  readonly views: readonly (HourView | undefined)[];
}

export function everyHour(series: readonly HourView[]): Hours {
  const known = new Map(series.map((view) => [hourStart(view.hour), view]));
  const [first, last] = [Math.min(...known.keys()), Math.max(...known.keys())];
  if (known.size === 0) return { starts: [], views: [] };
  const length = Math.max(LEAST, Math.round((last - first) / HOUR) + 1);
  const starts = Array.from({ length }, (_, n) => last - (length - 1 - n) * HOUR);
  return { starts: starts.map((start) => start / 1000), views: starts.map((start) => known.get(start)) };
}

const column = (hours: Hours, read: (view: HourView) => number | undefined): Column =>
  hours.views.map((view) => (view === undefined ? null : (read(view) ?? null)));

type PathName = "legacy" | "order";

/** Requests that ended; of an hour without counts none did. */
export const endedBy = (hours: Hours, path: PathName): Column =>
  hours.views.map((view) => view?.paths[path].ended ?? 0);

/** 0 to 1 of what ended. */
export const errorsBy = (hours: Hours, path: PathName): Column =>
  column(hours, ({ paths }) => (paths[path].errors.of === 0 ? undefined : paths[path].errors.estimate));

/** Milliseconds. */
export const latencyBy = (hours: Hours, path: PathName, quantile: "p50Ms" | "p95Ms"): Column =>
  column(hours, ({ paths }) => paths[path][quantile]);

/** 0 to 1 of what was compared: with the legacy path, or one order with another. */
export const mismatchesBy = (hours: Hours, of: "mismatches" | "baseline"): Column =>
  column(hours, ({ parity }) => (parity[of].of === 0 ? undefined : parity[of].estimate));
