import { DifferenceGroup } from "@crossfade/bridge/console";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noiseAlone, rankDifferences } from "./ranking.ts";

const group = (path: string, count: number, against: "legacy" | "order" = "legacy"): DifferenceGroup =>
  DifferenceGroup.parse({
    ...{ route: "REGISTER_DOMAIN", against, id: `${against}-${path}`, kind: "changed", path, count },
    ...{ firstAt: 1, lastAt: 2, examples: [] },
  });

const parity = (compared: number, of: number) => ({
  compared,
  baseline: { count: 0, of, estimate: 0, low: 0, high: 1 },
});

describe("ranking of differences", () => {
  it("subtracts the noise, scaled to what was compared, before it ranks", () => {
    const found = [group("result.expiry", 300), group("effects[*].details.years", 120)];
    const ranked = rankDifferences(found, [group("result.expiry", 50, "order")], parity(5000, 1000));
    expect(ranked.map(({ group, noise, above }) => [group.path, noise, above])).toEqual([
      ["effects[*].details.years", 0, 120],
      ["result.expiry", 250, 50],
    ]);
  });

  it("never subtracts more than there is", () => {
    const [ranked] = rankDifferences([group("a", 3)], [group("a", 10, "order")], parity(100, 100));
    expect(ranked).toMatchObject({ noise: 3, above: 0 });
  });

  it("subtracts nothing where there is no baseline", () => {
    expect(rankDifferences([group("a", 3)], [group("a", 10, "order")], parity(0, 0))).toMatchObject([
      { noise: 0, above: 3 },
    ]);
  });

  it("loses no difference, and what noise subtracts and leaves adds up (property)", () => {
    const paths = fc.constantFrom("a", "b", "c", "d");
    const groups = (against: "legacy" | "order") =>
      fc
        .uniqueArray(fc.tuple(paths, fc.nat(500)), { selector: ([path]) => path })
        .map((all) => all.map(([path, count]) => group(path, count, against)));
    fc.assert(
      fc.property(groups("legacy"), groups("order"), fc.nat(1000), fc.nat(1000), (found, noise, compared, of) => {
        const ranked = rankDifferences(found, noise, parity(compared, of));
        expect(new Set(ranked.map(({ group }) => group.path))).toEqual(new Set(found.map(({ path }) => path)));
        for (const { group, noise: subtracted, above } of ranked) {
          expect(subtracted + above).toBeCloseTo(group.count, 9);
          expect(above).toBeGreaterThanOrEqual(0);
        }
        expect(ranked.map(({ above }) => above)).toEqual([...ranked.map(({ above }) => above)].sort((a, b) => b - a));
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

it("what only noise showed is told of", () => {
  const noise = [group("a", 1, "order"), group("b", 2, "order")];
  expect(noiseAlone([group("a", 9)], noise).map(({ path }) => path)).toEqual(["b"]);
});
