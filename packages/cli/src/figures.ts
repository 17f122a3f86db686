/** Of a share of 0 to 1; with more digits where it is small. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent.toFixed(percent !== 0 && Math.abs(percent) < 10 ? 2 : 1)} %`;
}

interface Bounds {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** A share with its interval. */
const shareText = ({ estimate, low, high }: Bounds): string =>
  `${percentText(estimate)} (${percentText(low)} to ${percentText(high)})`;

/** A share of nothing is not told: its interval says nothing either. */
export const shareOf = (share: Bounds & { readonly of: number }): string => (share.of === 0 ? "-" : shareText(share));

/** How long something took, in milliseconds, as a person reads it. */
export function tookText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

export const isoTime = (at: number): string => new Date(at).toISOString();
