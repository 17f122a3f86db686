import * as z from "zod";
import { DifferenceKind, Sample, Verdict } from "../compare/index.ts";
import type { Counts } from "../compare/tally.ts";
import { RequestId, type RequestKey, RouteType } from "../ids.ts";
import { Path } from "../rollout.ts";
import type { Page } from "./common.ts";

/** What was counted of one route in one hour. `hour` as `2026-03-02T09`, in UTC. */
export interface HourCounts {
  readonly hour: string;
  readonly counts: Counts;
}

/** The counts of the routes. A read takes one record, or one for each hour. */
export interface CountReader {
  /** Of all hours since the route's first. */
  total(route: RouteType): Promise<Counts>;
  /** From one hour to another, both included, in their order; an hour of which nothing was counted is left out. */
  hours(route: RouteType, from: string, to: string): Promise<readonly HourCounts[]>;
}

const Milliseconds = z.int().nonnegative();

/** A verdict on one request; `against`: legacy, or (the baseline) a second order of the same message. */
export const JudgedRequest = z.strictObject({
  route: RouteType,
  requestId: RequestId,
  against: Path,
  verdict: Verdict,
  /** Epoch milliseconds. */
  at: Milliseconds,
  /** Without personal data; kept where the verdict is not a match. */
  sample: Sample.optional(),
});
export type JudgedRequest = z.infer<typeof JudgedRequest>;

/** So many examples are kept of each kind of difference. */
export const MAX_EXAMPLES = 10;

/** One kind of difference at one path, as it was found in requests of a route. */
export const DifferenceGroup = z.strictObject({
  route: RouteType,
  against: Path,
  /** Names the group in its route. */
  id: z.string().min(1),
  kind: DifferenceKind,
  /** With indices as `*`. */
  path: z.string(),
  /** Requests in which it was found; exact. */
  count: z.int().nonnegative(),
  firstAt: Milliseconds,
  lastAt: Milliseconds,
  /** Some requests in which it was found, newest first. */
  examples: z.array(z.strictObject({ requestId: RequestId, at: Milliseconds })).max(MAX_EXAMPLES),
});
export type DifferenceGroup = z.infer<typeof DifferenceGroup>;

/** What was judged, and how it differs. */
export interface VerdictReader {
  /** On one request: against legacy, and against a second order where there was one. */
  of(key: RequestKey): Promise<readonly JudgedRequest[]>;
  /** Requests with a verdict against legacy other than match, newest first. */
  page(route: RouteType, verdict: Verdict, limit: number, after?: string): Promise<Page<JudgedRequest>>;
  /** The kinds of difference of a route, most frequent first. */
  groups(route: RouteType, against: Path): Promise<readonly DifferenceGroup[]>;
}
