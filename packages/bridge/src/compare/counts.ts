import type { RouteType } from "../ids.ts";
import type { ItemStatus } from "../outcome.ts";
import type { Path } from "../rollout.ts";
import { bucketOf } from "./latency.ts";
import type { CompareRules } from "./rules.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Under this name stand messages that were refused before their route was known. No route can have it: a route's name is
 * of capital letters.
 */
export const NO_ROUTE = "no-route";

/** What counts stand under: a route, or what never came as far as one. */
export type CountedRoute = RouteType | typeof NO_ROUTE;

/**
 * What a claim went through, or a message that got none. Each is counted in the transaction that writes it, and is
 * written once, so that a batch which comes again counts nothing. Times are epoch milliseconds.
 */
export type Transition =
  | { readonly kind: "claimed"; readonly route: RouteType; readonly at: number; readonly path: Path }
  /** `code`: why it failed. `ms`: from the claim to this end; left out for an end that nobody saw, and after a redrive. */
  | {
      readonly kind: "ended";
      readonly route: RouteType;
      readonly at: number;
      readonly path: Path;
      readonly status: ItemStatus;
      readonly code?: string;
      readonly ms?: number;
    }
  /** A redrive: the request is in flight again. */
  | { readonly kind: "reopened"; readonly route: RouteType; readonly at: number; readonly path: Path }
  /** Quarantined before anything was claimed. */
  /** `path`: given where it is a sound message that could not become what that path wants of it. */
  | { readonly kind: "rejected"; readonly route: CountedRoute; readonly at: number; readonly path?: Path | undefined }
  /** `against` the legacy path, or a second order: the baseline. `instead`: the verdict that this one replaces. */
  | {
      readonly kind: "judged";
      readonly route: RouteType;
      readonly at: number;
      readonly against: Path;
      readonly verdict: Verdict;
      readonly instead?: { readonly verdict: Verdict; readonly at: number };
    }
  | { readonly kind: "shadow-failed"; readonly route: RouteType; readonly at: number };

/** All error codes that a route does not count by name. */
export const OTHER = "other";

/** One number of an hour. The names are the attributes of the hour's record, and do not change. */
export type Counter =
  | `claimed.${Path}`
  | `ended.${Path}.${ItemStatus}`
  | `reopened.${Path}`
  | `code.${Path}.${string}`
  | `latency.${Path}.${number}`
  | "rejected"
  | `refused.${Path}`
  | `verdict.${Verdict}`
  | `baseline.${Verdict}`
  | "shadow-failed";

/** To be added to one counter of one route's hour. */
export interface Increment {
  readonly route: CountedRoute;
  readonly hour: string;
  readonly counter: Counter;
  /** 1, or -1 for a verdict that another one replaces. */
  readonly by: 1 | -1;
}

/** The hour that a time falls into, in UTC: `2026-03-02T09`. */
export const hourOf = (at: number): string => new Date(at).toISOString().slice(0, 13);

/** What a transition adds to the counts, in the hour of the transition itself. */
export function countsOf(transition: Transition, { codes }: Pick<CompareRules, "codes">): Increment[] {
  const { route } = transition;
  const one = (counter: Counter, at = transition.at, by: 1 | -1 = 1): Increment => ({
    route,
    hour: hourOf(at),
    counter,
    by,
  });
  switch (transition.kind) {
    case "claimed":
    case "reopened":
      return [one(`${transition.kind}.${transition.path}`)];
    case "ended": {
      const { path, status, code, ms } = transition;
      const named = code !== undefined && codes.has(code) ? code : OTHER;
      return [
        one(`ended.${path}.${status}`),
        ...(ms === undefined ? [] : [one(`latency.${path}.${bucketOf(ms)}`)]),
        ...(status === "FAILED" ? [one(`code.${path}.${named}`)] : []),
      ];
    }
    case "rejected":
      return [one("rejected"), ...(transition.path === undefined ? [] : [one(`refused.${transition.path}`)])];
    case "shadow-failed":
      return [one(transition.kind)];
    case "judged": {
      const of = transition.against === "legacy" ? "verdict" : "baseline";
      const { instead } = transition;
      return [
        one(`${of}.${transition.verdict}`),
        ...(instead ? [one(`${of}.${instead.verdict}`, instead.at, -1)] : []),
      ];
    }
  }
}
