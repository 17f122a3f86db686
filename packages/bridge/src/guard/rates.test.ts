import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Rate, rateDifference, wilson, Z_95 } from "./rates.ts";

const rate: fc.Arbitrary<Rate> = fc.nat(5000).chain((of) => fc.nat(of).map((count) => ({ count, of })));
const z = fc.double({ min: 0, max: 10, noNaN: true });

describe("the Wilson interval", () => {
  // Newcombe (1998), Stat. Med. 17:857-872, table I, method 3: 95 %.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("of %d of %d", (count, of, low, high) => {
    const interval = wilson({ count, of });
    expect(interval.estimate).toBe(count / of);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it("of nothing is everything", () => {
    expect(wilson({ count: 0, of: 0 })).toEqual({ estimate: 0, low: 0, high: 1 });
  });

  it("lies within 0 and 1 and holds its estimate (property)", () => {
    fc.assert(
      fc.property(rate, z, (of, width) => {
        const { estimate, low, high } = wilson(of, width);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(estimate);
        expect(high).toBeGreaterThanOrEqual(estimate);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is narrower for more requests and less confidence (property)", () => {
    fc.assert(
      fc.property(rate, ({ count, of }) => {
        const width = (given: Rate, by: number) => wilson(given, by).high - wilson(given, by).low;
        const few = width({ count, of }, Z_95);
        expect(width({ count: 10 * count, of: 10 * of }, Z_95)).toBeLessThanOrEqual(few);
        expect(width({ count, of }, 1)).toBeLessThanOrEqual(few);
      }),
    );
  });
});

describe("the difference of two rates", () => {
  // Newcombe (1998), Stat. Med. 17:873-890, table II, method 10: 95 %.
  it.each([
    [48, 80, 56, 70, 0.0524, 0.3339],
    [3, 10, 9, 10, 0.1705, 0.809],
    [0, 10, 10, 10, 0.6075, 1],
  ])("%d of %d and %d of %d", (count, of, second, ofSecond, low, high) => {
    const difference = rateDifference({ count, of }, { count: second, of: ofSecond });
    expect(difference.low).toBeCloseTo(low, 4);
    expect(difference.high).toBeCloseTo(high, 4);
  });

  it("lies within -1 and 1, holds its estimate, and turns its sign with the roles (property)", () => {
    fc.assert(
      fc.property(rate, rate, z, (a, b, width) => {
        const { estimate, low, high } = rateDifference(a, b, width);
        expect(low).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(low).toBeLessThanOrEqual(estimate);
        expect(high).toBeGreaterThanOrEqual(estimate);
        expect(high).toBeLessThanOrEqual(1 + 1e-12);
        const back = rateDifference(b, a, width);
        expect(back.low).toBeCloseTo(-high, 12);
        expect(back.high).toBeCloseTo(-low, 12);
      }),
    );
  });
});
