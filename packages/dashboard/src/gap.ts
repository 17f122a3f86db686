/** One look at the gap between the counts and the ledger's own index. */
export interface Look {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly gap: number;
}

/** Milliseconds for which looks are remembered: counts and index are some seconds behind each other. */
const WINDOW = 60_000;

export const remember = (looks: readonly Look[], look: Look): readonly Look[] => [
  ...looks.filter(({ at }) => at !== look.at && look.at - at <= WINDOW),
  look,
];

/**
 * adds-up: some look of the last minute found no gap. settling: none did, for less than a minute. apart: none did for a
 * minute, which is no lag any more, unless requests come faster than the counts follow.
 */
export type GapState =
  | { readonly kind: "adds-up" }
  | { readonly kind: "settling" }
  | { readonly kind: "apart" /** The smallest of the minute. */; readonly by: number };

export function judgeGap(looks: readonly Look[]): GapState {
  if (looks.some(({ gap }) => gap === 0)) return { kind: "adds-up" };
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < WINDOW * 0.8) return { kind: "settling" };
  return { kind: "apart", by: Math.min(...looks.map(({ gap }) => gap)) };
}
