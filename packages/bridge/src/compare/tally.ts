import { ItemStatus } from "../outcome.ts";
import { Path } from "../rollout.ts";
import type { Counter, Increment } from "./counts.ts";
import type { Histogram } from "./latency.ts";
import { Verdict } from "./verdict.ts";

/** Counters of one hour or of many, of one route; what is not named is 0. */
export type Counts = Readonly<Record<string, number>>;

/** Associative and commutative; the empty counts change nothing. */
export function merged(...all: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const counts of all)
    for (const [counter, count] of Object.entries(counts)) sums.set(counter, (sums.get(counter) ?? 0) + count);
  return Object.fromEntries(sums);
}

/** The counts that increments come to, whatever their routes and hours. */
export const tallied = (increments: readonly Increment[]): Counts =>
  merged(...increments.map(({ counter, by }) => ({ [counter]: by })));

const at = (counts: Counts, counter: Counter): number => counts[counter] ?? 0;

/** How many requests ended on a path, and how many of them failed. */
export function endings(counts: Counts, path: Path): { readonly ended: number; readonly failed: number } {
  const ended = ItemStatus.options.reduce((sum, status) => sum + at(counts, `ended.${path}.${status}`), 0);
  return { ended, failed: at(counts, `ended.${path}.FAILED`) };
}

/**
 * Failures of what ended or was refused on a path: a sound message that could not become an order has failed there as much
 * as an order that did.
 */
export function failures(counts: Counts, path: Path): { readonly count: number; readonly of: number } {
  const { ended, failed } = endings(counts, path);
  const refused = at(counts, `refused.${path}`);
  return { count: failed + refused, of: ended + refused };
}

const named = (counts: Counts, prefix: string): (readonly [string, number])[] =>
  Object.entries(counts).flatMap(([counter, count]) =>
    counter.startsWith(prefix) ? [[counter.slice(prefix.length), count] as const] : [],
  );

/** From the claim to the end, on a path. */
export const latencies = (counts: Counts, path: Path): Histogram =>
  Object.fromEntries(named(counts, `latency.${path}.`));

/** Failures by code; codes that the route does not count by name stand together under `other`. */
export const failureCodes = (counts: Counts, path: Path): Counts => Object.fromEntries(named(counts, `code.${path}.`));

/** How often each verdict was given: order against legacy, or (the baseline) order against order. */
export const verdicts = (counts: Counts, of: "verdict" | "baseline"): Readonly<Record<Verdict, number>> =>
  Object.fromEntries(Verdict.options.map((verdict) => [verdict, at(counts, `${of}.${verdict}`)])) as Record<
    Verdict,
    number
  >;

/** How many comparisons were decided, and how many of them differ. What was ignored or lacks a side decides nothing. */
export function mismatches(counts: Counts, of: "verdict" | "baseline") {
  const { match, mismatch } = verdicts(counts, of);
  return { compared: match + mismatch, mismatched: mismatch };
}

/** Where every received message is (X5). Counts of all hours since the route's first; of a part, they may be negative. */
export interface Conservation {
  readonly received: number;
  readonly ended: number;
  readonly rejected: number;
  readonly inFlight: Readonly<Record<Path, number>>;
}

/** received = ended + rejected + in flight, always: whatever was claimed and has not ended is in flight (P9). */
export function conservation(counts: Counts): Conservation {
  const of = (path: Path) => {
    const claimed = at(counts, `claimed.${path}`);
    const inFlight = claimed + at(counts, `reopened.${path}`) - endings(counts, path).ended;
    return { claimed, inFlight };
  };
  const [legacy, order] = [of("legacy"), of("order")];
  const inFlight = { legacy: legacy.inFlight, order: order.inFlight };
  const rejected = at(counts, "rejected");
  const received = legacy.claimed + order.claimed + rejected;
  return { received, ended: received - rejected - inFlight.legacy - inFlight.order, rejected, inFlight };
}

/**
 * By how many claims the counts and the ledger's own index of claims in flight disagree, path by path; 0 when nothing
 * was lost or counted twice. The index may be seconds behind.
 */
export const conservationGap = ({ inFlight }: Conservation, open: Readonly<Record<Path, number>>): number =>
  Path.options.reduce((sum, path) => sum + Math.abs(inFlight[path] - open[path]), 0);
