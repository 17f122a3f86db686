/**
 * Latencies in fixed logarithmic buckets, so that histograms of any hours add up. Bucket 0 holds 0 to 1 ms; bucket n
 * holds what is above 2^((n-1)/4) ms, up to and with 2^(n/4) ms.
 */
const PER_OCTAVE = 4;

/** Holds all above 2^(124/4) ms, which is 24 days. */
export const LAST_BUCKET = 125;

/** What a latency read from a histogram is off by, at most: 9.1 %, half a bucket on the logarithmic scale. */
export const LATENCY_ERROR = 2 ** (1 / (2 * PER_OCTAVE)) - 1;

/** How many latencies fell into each bucket; a bucket that is not named is empty. */
export type Histogram = Readonly<Record<number, number>>;

/** Milliseconds. */
const upperBound = (bucket: number): number => (bucket >= LAST_BUCKET ? Infinity : 2 ** (bucket / PER_OCTAVE));
const lowerBound = (bucket: number): number => (bucket <= 0 ? 0 : 2 ** ((bucket - 1) / PER_OCTAVE));

/** @param ms a latency; below 0, as clocks of two machines may give it, counts as 0. */
export function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  const near = Math.min(LAST_BUCKET, Math.ceil(Math.log2(ms) * PER_OCTAVE));
  // The logarithm may round across a bound.
  if (ms > upperBound(near)) return near + 1;
  return ms <= lowerBound(near) ? near - 1 : near;
}

export const boundsOf = (bucket: number) => ({ low: lowerBound(bucket), high: upperBound(bucket) });

/** A histogram, ready to be asked for ranks. */
export interface Ranked {
  /** How many latencies there are. */
  readonly of: number;
  /** The bucket of the latency with that rank, counted from 1, the fastest; undefined for a rank that none has. */
  bucketAt(rank: number): number | undefined;
}

export function ranked(histogram: Histogram): Ranked {
  let of = 0;
  const upTo: (readonly [number, number])[] = [];
  // Keys that are whole numbers come in ascending order.
  for (const bucket in histogram) {
    of += histogram[bucket] ?? 0;
    upTo.push([Number(bucket), of]);
  }
  return {
    of,
    bucketAt: (rank) => (rank < 1 ? undefined : upTo.find(([, seen]) => seen >= rank)?.[0]),
  };
}

/**
 * The latency that a share of all does not exceed, in milliseconds, within LATENCY_ERROR (the geometric middle of its
 * bucket); undefined where nothing was counted.
 * @param share 0 to 1: 0.5 for the median, 0.95 for p95 (nearest rank).
 */
export const quantile = (histogram: Histogram, share: number): number | undefined =>
  quantileOf(ranked(histogram), share);

export function quantileOf({ of, bucketAt }: Ranked, share: number): number | undefined {
  const bucket = bucketAt(Math.max(1, Math.ceil(share * of)));
  if (bucket === undefined) return undefined;
  const { low, high } = boundsOf(bucket);
  if (bucket === 0) return high / (1 + LATENCY_ERROR);
  return high === Infinity ? low : Math.sqrt(low * high);
}
