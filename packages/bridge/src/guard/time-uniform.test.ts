import { describe, expect, it } from "vitest";
import { Z_95 } from "./rates.ts";
import { normal, seeded } from "./testing.ts";
import { differenceAtAnyTime, timeUniformZ } from "./time-uniform.ts";

/** In how many of 200 random walks without a drift some sum of up to 3,000 steps crosses its bound. */
function crossed(bound: (n: number) => number): number {
  let crossings = 0;
  for (let seed = 0; seed < 200; seed++) {
    const random = seeded(seed);
    let sum = 0;
    for (let n = 1; n <= 3000; n++) {
      sum += normal(random);
      if (sum > bound(n) * Math.sqrt(n)) {
        crossings++;
        break;
      }
    }
  }
  return crossings;
}

describe("bounds that hold at every look", () => {
  it("are crossed no more often than stated, while those of one look are crossed most of the time", () => {
    expect(crossed((n) => timeUniformZ(n, 0.05))).toBeLessThanOrEqual(0.05 * 200);
    expect(crossed(() => Z_95)).toBeGreaterThan(0.25 * 200);
  });

  it("are wider for a smaller alpha, narrow down, and are endless for nothing", () => {
    expect(timeUniformZ(1000, 0.001)).toBeGreaterThan(timeUniformZ(1000, 0.01));
    expect(timeUniformZ(1000, 0.05)).toBeCloseTo(2.787, 3);
    expect(timeUniformZ(10, 0.05) / Math.sqrt(10)).toBeGreaterThan(timeUniformZ(1000, 0.05) / Math.sqrt(1000));
    expect(timeUniformZ(0, 0.05)).toBe(Infinity);
    expect(differenceAtAnyTime({ count: 0, of: 0 }, { count: 1, of: 5 }, 0.05)).toEqual({
      estimate: 0,
      low: -1,
      high: 1,
    });
  });
});
