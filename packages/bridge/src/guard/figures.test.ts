import { afterAll, describe, expect, it } from "vitest";
import { decideGuard, type GuardState } from "./decide.ts";
import { GuardPolicy } from "./policy.ts";
import { looks } from "./testing.ts";

/**
 * How well the guard tells noise from a rise, with its default policy: half of a day's 10,000 requests on each path,
 * looked at after every 100 of them. The figures follow from the seeds, and are printed.
 */
const RUNS = 200;
const REQUESTS = 10_000;
const policy = GuardPolicy.parse({
  ramp: [
    { stage: "split", percentage: 50 },
    { stage: "split", percentage: 90 },
  ],
});
const state: GuardState = { rollout: { stage: "split", percentage: 50, version: 7 }, knownVersion: 7, since: 0 };
const perRequestMs = policy.bakeMs / REQUESTS;

/** Requests of each path at which the guard rolled back, fewest first, and how often it promoted in the end. */
function simulate(legacy: number, order: number) {
  const rolledBackAt: number[] = [];
  let promoted = 0;
  for (let seed = 0; seed < RUNS; seed++) {
    const failing = { legacy: () => legacy, order: () => order };
    for (const { n, numbers } of looks({ seed, requests: REQUESTS, perHour: 417, share: 0.5, failing }, 100)) {
      const { kind } = decideGuard(policy, state, numbers, n * perRequestMs);
      if (kind === "hold") continue;
      if (kind === "promote") promoted++;
      else rolledBackAt.push(n / 2);
      break;
    }
  }
  return { rolledBackAt: rolledBackAt.sort((a, b) => a - b), promoted };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const HEADS = ["error rate", "noise rolled back", "+2 points found", "median requests a path until then"];

describe(`the guard in ${RUNS} seeded runs of ${REQUESTS / 2} requests a path`, () => {
  const rows: string[] = [];

  // The last two are here to be printed: no test at all finds 95 % at an error rate of 5 % with so few requests and so
  // few false alarms (one look at the end, by the most powerful test, would find 94.9 %).
  it.each([
    [0.02, 190],
    [0.03, 180],
    [0.05, 130],
  ])("with %d failing on the legacy path: noise, and a rise of 0.02", (rate, atLeast) => {
    const noise = simulate(rate, rate);
    const rise = simulate(rate, rate + 0.02);
    const found = rise.rolledBackAt.length;
    const median = rise.rolledBackAt[Math.floor(found / 2)] ?? Number.NaN;
    rows.push(
      [percent(rate), `${noise.rolledBackAt.length} of ${RUNS}`, percent(found / RUNS), String(median)]
        .map((cell, n) => cell.padStart(HEADS[n]?.length ?? 0))
        .join("   "),
      `${" ".repeat(13)}promoted in the end: ${noise.promoted} without the rise, ${rise.promoted} with it`,
    );
    expect(noise.rolledBackAt.length).toBeLessThanOrEqual(1);
    expect(found).toBeGreaterThanOrEqual(atLeast);
    expect(rise.promoted).toBe(0);
  });

  afterAll(() => {
    console.log(
      [`${RUNS} runs, ${REQUESTS / 2} requests a path, a look every 100`, HEADS.join("   "), ...rows].join("\n"),
    );
  });
});
