import { conservation, conservationGap } from "../compare/index.ts";
import { quantile } from "../compare/latency.ts";
import { type Counts, endings, failureCodes, failures, latencies, mismatches, verdicts } from "../compare/tally.ts";
import { type Rate, rateDifference, wilson } from "../guard/index.ts";
import type { Path } from "../rollout.ts";
import type { ConservationView, ParityView, PathsView, PathView } from "./views.ts";

/** A rate with its Wilson interval of 95 %. */
const shareView = (rate: Rate) => ({ ...rate, ...wilson(rate) });

/** What counts say of old against new, and of one order against another. */
export function parityView(counts: Counts): ParityView {
  const found = verdicts(counts, "verdict");
  const rate = (of: "verdict" | "baseline"): Rate => {
    const { compared, mismatched } = mismatches(counts, of);
    return { count: mismatched, of: compared };
  };
  const [seen, noise] = [rate("verdict"), rate("baseline")];
  // Without a baseline there is nothing to subtract, as the guard has it too.
  const aboveBaseline = noise.of === 0 ? wilson(seen) : rateDifference(noise, seen);
  return {
    compared: seen.of,
    matched: found.match,
    mismatched: found.mismatch,
    ignored: found.ignored,
    oldOnly: found["old-only"],
    newOnly: found["new-only"],
    late: found.late,
    shadowFailed: counts["shadow-failed"] ?? 0,
    mismatches: shareView(seen),
    baseline: shareView(noise),
    aboveBaseline,
  };
}

function pathView(counts: Counts, path: Path): PathView {
  const { ended, failed } = endings(counts, path);
  const errors = failures(counts, path);
  const histogram = latencies(counts, path);
  const [p50Ms, p95Ms] = [quantile(histogram, 0.5), quantile(histogram, 0.95)];
  return {
    claimed: Math.max(0, counts[`claimed.${path}`] ?? 0),
    ended,
    failed,
    refused: errors.of - ended,
    errors: shareView(errors),
    codes: { ...failureCodes(counts, path) },
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p95Ms !== undefined && { p95Ms }),
  };
}

/** What counts say of the ends on both paths. */
export const pathsView = (counts: Counts): PathsView => ({
  legacy: pathView(counts, "legacy"),
  order: pathView(counts, "order"),
});

/**
 * Where every received message is, by the counts of all hours.
 * @param open claims in flight by the ledger's own index; undefined where there are too many to be counted at once.
 */
export function conservationView(counts: Counts, open: Readonly<Record<Path, number>> | undefined): ConservationView {
  const counted = conservation(counts);
  return {
    ...counted,
    inFlight: { ...counted.inFlight },
    ...(open && { open: { ...open }, gap: conservationGap(counted, open) }),
  };
}
