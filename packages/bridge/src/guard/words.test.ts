import { expect, it } from "vitest";
import { bucketOf } from "../compare/latency.ts";
import { findingsOf } from "./findings.ts";
import { GuardPolicy } from "./policy.ts";
import { hourOf, NOTHING } from "./testing.ts";
import { wordsOfNumbers } from "./words.ts";

const policy = GuardPolicy.parse({ ramp: [{ stage: "split", percentage: 5 }] });

it.each([
  [
    "nothing at all",
    NOTHING,
    [
      "errors inconclusive: order 0 of 0, legacy 0 of 0, difference 0 points (-100 to 100)",
      "latency inconclusive: p95 of order nothing ended, of legacy nothing ended",
      "mismatches inconclusive: 0 of 0, baseline 0 of 0, above it 0 points (0 to 100)",
    ],
  ],
  [
    "a breach, and too few to bound a latency",
    {
      strata: [hourOf([40, 2_000], [60, 200])],
      latency: { legacy: { [bucketOf(100)]: 1_000 }, order: { [bucketOf(100)]: 20 } },
      mismatches: { count: 3, of: 1_000 },
      baseline: { count: 2, of: 1_000 },
      unplanned: 7,
    },
    [
      "errors breach: order 60 of 200 (30 %), legacy 40 of 2000 (2 %), difference 28 points (19.27 to 38.39)",
      "latency inconclusive: p95 of order 99 ms (91 to no bound yet), of legacy 99 ms (91 to 108)",
      "mismatches inconclusive: 3 of 1000 (0.3 %), baseline 2 of 1000 (0.2 %), above it 0.1 points (-0.86 to 1.11), without a plan 7",
    ],
  ],
])("numbers in words: %s", (_, numbers, words) => {
  expect(wordsOfNumbers(findingsOf(policy, numbers), policy)).toEqual(words);
});
