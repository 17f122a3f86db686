import type { DifferenceGroup, ParityView } from "@crossfade/bridge/console";

/** A kind of difference beside what noise alone would have given in as many requests. */
export interface RankedDifference {
  readonly group: DifferenceGroup;
  /** Requests in which noise would have shown the same; 0 where there is no baseline. */
  readonly noise: number;
  /** What is left: at least 0. */
  readonly above: number;
}

const key = ({ kind, path }: DifferenceGroup): string => `${kind} ${path}`;

/**
 * Differences with the baseline's noise subtracted, most frequent first. The baseline compares one order with another of
 * the same message, in fewer requests: its counts are scaled to as many as were compared with the legacy path.
 */
export function rankDifferences(
  differences: readonly DifferenceGroup[],
  noise: readonly DifferenceGroup[],
  { compared, baseline }: Pick<ParityView, "compared" | "baseline">,
): RankedDifference[] {
  const scale = baseline.of === 0 ? 0 : compared / baseline.of;
  const expected = new Map(noise.map((group) => [key(group), group.count * scale]));
  return differences
    .map((group) => {
      const subtracted = Math.min(group.count, expected.get(key(group)) ?? 0);
      return {
        group,
        noise: subtracted,
        above: group.count - subtracted,
      };
    })
    .sort((a, b) => b.above - a.above || b.group.count - a.group.count || key(a.group).localeCompare(key(b.group)));
}

/** What only noise showed: found between two orders of the same message, never against the legacy path. */
export function noiseAlone(
  differences: readonly DifferenceGroup[],
  noise: readonly DifferenceGroup[],
): readonly DifferenceGroup[] {
  const found = new Set(differences.map(key));
  return noise.filter((group) => !found.has(key(group)));
}
