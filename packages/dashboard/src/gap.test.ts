import { describe, expect, it } from "vitest";
import { judgeGap, type Look, remember } from "./gap.ts";

/** A look each four seconds. */
const looks = (...gaps: readonly number[]): readonly Look[] =>
  gaps.reduce<readonly Look[]>((seen, gap, n) => remember(seen, { at: n * 4_000, gap }), []);

const many = (gap: number, count = 20): number[] => Array.from({ length: count }, () => gap);

describe("a gap", () => {
  it.each([
    ["none at the first look", looks(0), { kind: "adds-up" }],
    ["while traffic moves", looks(2, 1, 0, 3, 1), { kind: "adds-up" }],
    ["at the first look", looks(2), { kind: "settling" }],
    ["for less than a minute", looks(...many(2, 10)), { kind: "settling" }],
    ["for a minute, by its smallest", looks(...many(5), 3, ...many(4, 5)), { kind: "apart", by: 3 }],
    ["that was none more than a minute ago", looks(0, ...many(1)), { kind: "apart", by: 1 }],
    ["that is mended", looks(...many(1), 0), { kind: "adds-up" }],
  ])("%s", (_, seen, state) => expect(judgeGap(seen)).toEqual(state));

  it("is one look, however often the page shows the same answer", () => {
    const once = { at: 1, gap: 1 };
    expect(remember(remember([], once), once)).toEqual([once]);
  });
});
