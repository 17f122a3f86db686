import type { ConservationView } from "@crossfade/bridge/console";

/** One look at how far the counts and the ledger's own index of claims in flight are apart. */
export interface Look {
  /** Epoch milliseconds. */
  readonly at: number;
  /** By how many claims the counts have more, route by route and path by path; negative where they have fewer. */
  readonly apart: readonly number[];
}

/** Milliseconds for which looks are remembered: counts and index are some seconds behind each other. */
const WINDOW = 60_000;

/** Undefined where some route has too many claims in flight for its index to be counted. */
export function lookAt(at: number, routes: readonly Pick<ConservationView, "inFlight" | "open">[]): Look | undefined {
  const apart: number[] = [];
  for (const { inFlight, open } of routes) {
    if (open === undefined) return undefined;
    apart.push(inFlight.legacy - open.legacy, inFlight.order - open.order);
  }
  return { at, apart };
}

export const remember = (looks: readonly Look[], look: Look): readonly Look[] => [
  ...looks.filter(({ at, apart }) => at !== look.at && look.at - at <= WINDOW && apart.length === look.apart.length),
  look,
];

/**
 * Counts that follow some seconds behind have now more in flight than the index, now fewer, or as many; a claim that was
 * lost or counted twice keeps them on one side. adds-up: neither side has had more in all looks of the last minute.
 * settling: one has, for less than a minute. apart: one has for a minute, which is no lag any more, unless the traffic
 * grew or shrank all the while.
 */
export type GapState =
  | { readonly kind: "adds-up" }
  | { readonly kind: "settling" }
  | { readonly kind: "apart" /** Claims, by the smallest of the minute. */; readonly by: number };

/** 0 where the differences of all looks do not lie on one side; else the smallest of them. */
function drift(differences: readonly number[]): number {
  const [least, most] = [Math.min(...differences), Math.max(...differences)];
  return least > 0 ? least : most < 0 ? -most : 0;
}

export function judgeGap(looks: readonly Look[]): GapState {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined) return { kind: "settling" };
  const by = last.apart.reduce((sum, _, n) => sum + drift(looks.map(({ apart }) => apart[n] ?? 0)), 0);
  if (by === 0) return { kind: "adds-up" };
  return last.at - first.at < WINDOW * 0.8 ? { kind: "settling" } : { kind: "apart", by };
}
