import { InvalidArgumentError } from "commander";

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
export const shareText = ({ estimate, low, high }: Bounds): string =>
  `${percentText(estimate)} (${percentText(low)} to ${percentText(high)})`;

/** A share of nothing is not told: its interval says nothing either. */
export const shareOf = (share: Bounds & { readonly of: number }): string => (share.of === 0 ? "-" : shareText(share));

/** Milliseconds, as a person reads them. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

export const isoTime = (at: number): string => new Date(at).toISOString();

/** An option that is a whole number. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };

/** An option that is any number above 0. */
export const numberUpTo =
  (most: number, least = 0) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
