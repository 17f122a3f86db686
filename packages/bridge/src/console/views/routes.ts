import * as z from "zod";
import { Interval, Standing } from "../../guard/index.ts";
import { RouteType } from "../../ids.ts";
import { DifferenceGroup, GuardMove, GuardRecord } from "../../ports.ts";
import { Rollout } from "../../rollout.ts";
import { Milliseconds } from "./common.ts";
import { ConservationView, ParityView, PathsView } from "./counted.ts";

export const GuardBrief = z.strictObject({
  why: z.string(),
  kind: z.enum(["hold", "promote", "roll-back"]),
  at: Milliseconds,
  /** How it moved the route last: a route that was rolled back is held from then on. */
  moved: GuardMove.optional(),
});

export const RouteSummary = z.strictObject({
  route: RouteType,
  rollout: Rollout,
  /** How many of 100 new requests take the order path by the percentage alone. */
  share: z.number().min(0).max(100),
  parity: ParityView,
  paths: PathsView,
  conservation: ConservationView,
  /** The newest decision; undefined for a route that the guard does not look after. */
  guard: GuardBrief.optional(),
});
export type RouteSummary = z.infer<typeof RouteSummary>;

/** The counts of the last hours, and conservation since the first. */
export const Overview = z.strictObject({
  at: Milliseconds,
  hours: z.int().positive(),
  migration: z.string(),
  routes: z.array(RouteSummary),
  /** Messages that were refused before their route was known are counted here alone. */
  conservation: ConservationView,
});
export type Overview = z.infer<typeof Overview>;

export const HourView = z.strictObject({
  hour: z.string(),
  parity: ParityView,
  paths: PathsView,
});
export type HourView = z.infer<typeof HourView>;

/** How the order path does against the legacy path, by a test that may be looked at at any time. */
export const StandingView = z.strictObject({
  errors: Standing,
  latency: Standing,
  /** Order minus legacy, with bounds that hold at every look. */
  errorDifference: Interval,
  method: z.string(),
});
export type StandingView = z.infer<typeof StandingView>;

export const RouteDetail = z.strictObject({
  at: Milliseconds,
  hours: z.int().positive(),
  summary: RouteSummary,
  series: z.array(HourView),
  standing: StandingView,
  differences: z.array(DifferenceGroup),
  /** Differences of one order against another: what is noise. */
  noise: z.array(DifferenceGroup),
  guard: GuardRecord.optional(),
});
export type RouteDetail = z.infer<typeof RouteDetail>;
