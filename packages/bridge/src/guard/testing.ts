import { bucketOf } from "../compare/latency.ts";
import type { Stratum } from "./evidence.ts";
import type { GuardNumbers } from "./numbers.ts";

// For unit tests only; nothing else imports this.

/** Numbers in [0, 1) that follow from the seed alone: a Weyl sequence through two rounds of multiply and shift. */
export function seeded(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x2545f491);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal, by Box and Muller. */
export const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Buckets of latencies that are log-normal with a median of 800 ms: two thirds lie between 490 and 1,320 ms. */
const latencyPool = (() => {
  const random = seeded(1);
  return Array.from({ length: 4096 }, () => bucketOf(800 * Math.exp(0.5 * normal(random))));
})();

export interface Traffic {
  readonly seed: number;
  readonly requests: number;
  /** Requests of one hour. */
  readonly perHour: number;
  /** Share of the order path. */
  readonly share: number;
  /** The chance of failing on each path, of the n-th request. */
  readonly failing: { readonly legacy: (n: number) => number; readonly order: (n: number) => number };
}

/** Requests that take a path and end, with what the guard would read of them after every `every` requests. */
export function* looks({ seed, requests, perHour, share, failing }: Traffic, every: number) {
  const random = seeded(seed);
  const strata: { legacy: { count: number; of: number }; order: { count: number; of: number } }[] = [];
  const latency = { legacy: {} as Record<number, number>, order: {} as Record<number, number> };
  let hour: (typeof strata)[number] | undefined;
  for (let n = 0; n < requests; n++) {
    if (hour === undefined || n % perHour === 0) {
      hour = { legacy: { count: 0, of: 0 }, order: { count: 0, of: 0 } };
      strata.push(hour);
    }
    const path = random() < share ? "order" : "legacy";
    hour[path].of++;
    if (random() < failing[path](n)) hour[path].count++;
    const bucket = latencyPool[Math.floor(random() * latencyPool.length)] ?? 0;
    latency[path][bucket] = (latency[path][bucket] ?? 0) + 1;
    if ((n + 1) % every === 0) yield { n: n + 1, numbers: { ...NOTHING, strata, latency } satisfies GuardNumbers };
  }
}

export const NOTHING: GuardNumbers = {
  strata: [],
  latency: { legacy: {}, order: {} },
  mismatches: { count: 0, of: 0 },
  unplanned: 0,
  baseline: { count: 0, of: 0 },
};

/** One hour in which so many ended on each path, and so many of them failed. */
export const hourOf = (legacy: readonly [number, number], order: readonly [number, number]): Stratum => ({
  legacy: { count: legacy[0], of: legacy[1] },
  order: { count: order[0], of: order[1] },
});
