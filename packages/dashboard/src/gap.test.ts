import { describe, expect, it } from "vitest";
import { judgeGap, type Look, lookAt, remember } from "./gap.ts";

/** A look each four seconds, at one route's one path. */
const looks = (...apart: readonly number[]): readonly Look[] =>
  apart.reduce<readonly Look[]>((seen, by, n) => remember(seen, { at: n * 4_000, apart: [by] }), []);

const many = (by: number, count = 20): number[] => Array.from({ length: count }, () => by);

describe("a gap", () => {
  it.each([
    ["none at the first look", looks(0), { kind: "adds-up" }],
    ["of counts that follow behind, now above and now below", looks(2, 5, -1, 3), { kind: "adds-up" }],
    ["at the first look", looks(2), { kind: "settling" }],
    ["for less than a minute", looks(...many(2, 10)), { kind: "settling" }],
    ["for a minute, by its smallest", looks(...many(5), 3, ...many(4, 5)), { kind: "apart", by: 3 }],
    ["of counts that have fewer for a minute", looks(...many(-2), -1), { kind: "apart", by: 1 }],
    ["that was none more than a minute ago", looks(0, ...many(1)), { kind: "apart", by: 1 }],
    ["that is mended", looks(...many(1), 0), { kind: "adds-up" }],
  ])("%s", (_, seen, state) => expect(judgeGap(seen)).toEqual(state));

  it("on one path is not made good by another", () => {
    const seen = many(1).reduce<readonly Look[]>(
      (all, by, n) => remember(all, { at: n * 4_000, apart: [by, -by] }),
      [],
    );
    expect(judgeGap(seen)).toEqual({ kind: "apart", by: 2 });
  });

  it("is not judged where an index has too many claims to be counted", () => {
    const known = { inFlight: { legacy: 3, order: 1 }, open: { legacy: 2, order: 4 } };
    expect(lookAt(7, [known, known])).toEqual({ at: 7, apart: [1, -3, 1, -3] });
    expect(lookAt(7, [known, { inFlight: known.inFlight }])).toBeUndefined();
  });

  it("is one look, however often the page shows the same answer", () => {
    const once = { at: 1, apart: [1] };
    expect(remember(remember([], once), once)).toEqual([once]);
  });
});
