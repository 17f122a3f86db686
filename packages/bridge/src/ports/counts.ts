import * as z from "zod";
import { type Counted, type CountedRoute, DifferenceKind, type Increment, Sample, Verdict } from "../compare/index.ts";
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
  /** Of all hours since the route's first; without latencies and error codes, which stand by the hour alone. */
  total(route: CountedRoute): Promise<Counts>;
  /** From one hour to another, both included, in their order; an hour of which nothing was counted is left out. */
  hours(route: CountedRoute, from: string, to: string): Promise<readonly HourCounts[]>;
}

/** Claims in flight, by the ledger's own index of them, which may be seconds behind. */
export interface OpenClaims {
  /** Undefined where there are more than `most`: one page is read, and no more. */
  count(route: RouteType, most: number): Promise<Readonly<Record<Path, number>> | undefined>;
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

/** A message that was refused before anything was claimed. */
export interface RejectedMessage {
  /** SQS's own. */
  readonly messageId: string;
  readonly route: CountedRoute;
  /** Of a sound message that could not become what this path wants of it. */
  readonly path?: Path | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What was counted of a request, and which version of it was read. */
export interface StoredCount {
  readonly counted: Counted;
  readonly version: number;
}

/** A kind of difference that was found in a request. */
export interface FoundDifference {
  readonly against: Path;
  readonly kind: DifferenceKind;
  /** With indices as `*`, masked. */
  readonly group: string;
  /** When it was judged, epoch milliseconds. */
  readonly at: number;
}

/** What is to be counted of one request. */
export interface CountEntry {
  readonly key: RequestKey;
  /** What was read; undefined where nothing was counted yet. */
  readonly seen: StoredCount | undefined;
  readonly next: Counted;
  readonly increments: readonly Increment[];
  readonly found: readonly FoundDifference[];
}

/** Writes counts together with what they were counted of, in one transaction: nothing is counted twice (P9). */
export interface CountLedger {
  /** By request key text. */
  read(keyTexts: readonly string[]): Promise<ReadonlyMap<string, StoredCount>>;
  /** Returns the entries that were not counted, since others wrote after they were read: to be made anew. */
  count(entries: readonly CountEntry[]): Promise<readonly CountEntry[]>;
  /** A message that was counted before is passed by. */
  countRejected(messages: readonly RejectedMessage[]): Promise<void>;
}

/** Written before a refused message goes to quarantine: from it the message is counted. Safe to repeat. */
export interface RejectionLedger {
  keepRejected(message: RejectedMessage): Promise<void>;
}

/** So many examples are kept of each kind of difference. */
export const MAX_EXAMPLES = 10;

/** A route's groups against one path; further kinds of difference stand together, one group for each `kind`. */
export const MAX_GROUPS = 200;
/** So many kinds of difference of one request are counted; its sample has them all. */
export const MAX_GROUPS_OF_REQUEST = 20;
/** The path of a group that holds what is beyond MAX_GROUPS. */
export const OTHER_PATHS = "(other)";

/** One kind of difference at one path, as it was found in requests of a route whose verdict is mismatch. */
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
