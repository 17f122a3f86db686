import * as z from "zod";
import { Interval } from "../../guard/index.ts";
import { Count } from "./common.ts";

/** A share with its Wilson interval of 95 %; undefined bounds do not exist: of nothing it is 0 to 1. */
const Share = z.strictObject({ count: Count, of: Count, ...Interval.unwrap().shape });

/** How often the new path would have done what the old one did. */
export const ParityView = z.strictObject({
  /** Matches and mismatches: what decides. */
  compared: Count,
  matched: Count,
  mismatched: Count,
  ignored: Count,
  oldOnly: Count,
  newOnly: Count,
  late: Count,
  shadowFailed: Count,
  /** Mismatches of what was compared. */
  mismatches: Share,
  /** The same of one order against another: noise. */
  baseline: Share,
  /** How much greater the rate of mismatches is than the baseline's; -1 to 1. */
  aboveBaseline: Interval,
});
export type ParityView = z.infer<typeof ParityView>;

export const PathView = z.strictObject({
  claimed: Count,
  ended: Count,
  failed: Count,
  /** Sound messages that could not become what the path wants of them: they are in quarantine. */
  refused: Count,
  /** Failed or refused, of what ended or was refused. */
  errors: Share,
  /** Failures by code; those that the route does not count by name stand together under `other`. */
  codes: z.record(z.string(), Count),
  /** Undefined where nothing has ended. */
  p50Ms: z.number().optional(),
  p95Ms: z.number().optional(),
});
export type PathView = z.infer<typeof PathView>;

export const PathsView = z.strictObject({ legacy: PathView, order: PathView });
export type PathsView = z.infer<typeof PathsView>;

/** Where every received message is (X5), since the first. `gap`: 0 while no claim was lost or counted twice. */
export const ConservationView = z.strictObject({
  received: Count,
  ended: Count,
  rejected: Count,
  inFlight: z.strictObject({ legacy: z.int(), order: z.int() }),
  /** The ledger's own index of claims in flight; undefined where there are too many to be counted at once. */
  open: z.strictObject({ legacy: Count, order: Count }).optional(),
  gap: Count.optional(),
});
export type ConservationView = z.infer<typeof ConservationView>;
