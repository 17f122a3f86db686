import type { Json } from "./json.ts";
import { names, type Path } from "./path.ts";
import type { Tolerance } from "./rules.ts";

/** In milliseconds. */
const DAY = 24 * 3600 * 1000;

/** A day, or a time with its offset: what has no offset means another moment in every place. */
const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

const momentOf = (value: Json): number =>
  typeof value === "string" && ISO_8601.test(value) ? Date.parse(value) : Number.NaN;

/** NaN compares as false: what is no number and no date is within no tolerance. */
function isWithin(tolerance: Tolerance, a: Json, b: Json): boolean {
  if ("withinMs" in tolerance) return Math.abs(momentOf(a) - momentOf(b)) <= tolerance.withinMs;
  if ("withinDays" in tolerance) return Math.abs(momentOf(a) - momentOf(b)) <= tolerance.withinDays * DAY;
  if (typeof a !== "number" || typeof b !== "number") return false;
  const apart = Math.abs(a - b);
  if ("absolute" in tolerance) return apart <= tolerance.absolute;
  return apart <= tolerance.relative * Math.max(Math.abs(a), Math.abs(b));
}

/** True for two plain values that are equal, or as near as a tolerance of their path allows. Symmetric. */
export const isSame = (tolerances: readonly Tolerance[], path: Path, a: Json, b: Json): boolean =>
  a === b || tolerances.some((tolerance) => names(tolerance.path, path) && isWithin(tolerance, a, b));
