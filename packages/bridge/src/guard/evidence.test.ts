import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evidenceOfFall, evidenceOfRise } from "./evidence.ts";
import { hourOf, looks } from "./testing.ts";

const MARGIN = 0.01;
const hour = fc
  .tuple(fc.nat(500), fc.nat(500))
  .chain(([legacy, order]) => fc.tuple(fc.nat(legacy), fc.nat(order)).map(([a, b]) => hourOf([a, legacy], [b, order])));

describe("the evidence of a rise", () => {
  it("is 1 where nothing can be compared", () => {
    expect(evidenceOfRise([], MARGIN)).toBeCloseTo(1, 12);
    expect(evidenceOfRise([hourOf([3, 10], [0, 0]), hourOf([0, 0], [9, 10])], MARGIN)).toBeCloseTo(1, 12);
  });

  it("grows with every failure that is the order path's and not the legacy path's (property)", () => {
    fc.assert(
      fc.property(fc.array(hour, { maxLength: 4 }), hour, (before, last) => {
        const { legacy, order } = last;
        fc.pre(legacy.count > 0 && order.count < order.of);
        const moved = hourOf([legacy.count - 1, legacy.of], [order.count + 1, order.of]);
        expect(evidenceOfRise([...before, moved], MARGIN)).toBeGreaterThanOrEqual(
          evidenceOfRise([...before, last], MARGIN) * (1 - 1e-9),
        );
      }),
    );
  });

  it("is a number that is not negative, in both directions, for any counts (property)", () => {
    fc.assert(
      fc.property(
        fc.array(hour, { maxLength: 4 }),
        fc.double({ min: 0.0001, max: 0.5, noNaN: true }),
        (hours, margin) => {
          for (const evidence of [evidenceOfRise(hours, margin), evidenceOfFall(hours, margin)]) {
            expect(evidence).toBeGreaterThanOrEqual(0);
            expect(evidence).toBeLessThanOrEqual(1e100);
          }
        },
      ),
    );
  });

  it("is not taken in by an hour that was bad for both while the flag went up", () => {
    const hours = [hourOf([9, 900], [1, 100]), hourOf([50, 100], [450, 900])];
    expect(evidenceOfRise(hours, MARGIN)).toBeLessThan(1);
    const together = hourOf([59, 1000], [451, 1000]);
    expect(evidenceOfRise([together], MARGIN)).toBeGreaterThan(1e9);
  });

  it("needs few requests where the order path fails outright", () => {
    expect(evidenceOfRise([hourOf([20, 1000], [8, 10])], MARGIN)).toBeGreaterThan(1000);
  });

  it("is 1 on average where the paths are equal: never above by more than 2.5 %, summed over all counts", () => {
    const binomial = (of: number, chance: number): number[] => {
      const chances = [(1 - chance) ** of];
      for (let count = 1; count <= of; count++)
        chances.push(((chances[count - 1] ?? 0) * (of - count + 1) * chance) / (count * (1 - chance)));
      return chances;
    };
    for (const [legacy, order, chance] of [
      [20, 20, 0.2],
      [100, 5, 0.05],
      [150, 5, 0.01],
      [60, 60, 0.02],
    ] as const) {
      const [old, other] = [binomial(legacy, chance), binomial(order, chance)];
      const mean = old.flatMap((p, a) =>
        other.map((q, b) => p * q * evidenceOfRise([hourOf([a, legacy], [b, order])], MARGIN)),
      );
      expect(mean.reduce((sum, part) => sum + part, 0)).toBeLessThan(1.025);
    }
  });

  // Where intervals by the normal distribution do not hold: 2 % of the requests, less than one failure expected there.
  it.each([
    ["rare failures on few requests", 0.005, 0.02, () => 1],
    ["an error rate that comes and goes", 0.02, 0.1, (n: number) => 1 + Math.sin(n / 700)],
  ])("gives no more false alarms than it states: %s", (_, rate, share, wave) => {
    const alpha = 0.02;
    let alarms = 0;
    for (let seed = 0; seed < 100; seed++) {
      const failing = { legacy: (n: number) => rate * wave(n), order: (n: number) => rate * wave(n) };
      for (const { numbers } of looks({ seed, requests: 6000, perHour: 400, share, failing }, 200)) {
        if (evidenceOfRise(numbers.strata, MARGIN) < 1 / alpha) continue;
        alarms++;
        break;
      }
    }
    expect(alarms).toBeLessThanOrEqual(alpha * 100);
  });
});
