import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RouteType } from "../ids.ts";
import { ItemStatus } from "../outcome.ts";
import { Path } from "../rollout.ts";
import { type Counter, countsOf, hourOf, type Transition } from "./counts.ts";
import { quantile } from "./latency.ts";
import { compareRules } from "./rules.ts";
import {
  type Counts,
  conservation,
  conservationGap,
  endings,
  failureCodes,
  latencies,
  merged,
  mismatches,
  tallied,
  verdicts,
} from "./tally.ts";
import { Verdict } from "./verdict.ts";

const route = RouteType.parse("REGISTER_DOMAIN");
const AT = Date.UTC(2026, 2, 2, 9, 59, 59, 999);
const rules = compareRules({ unforeseen: ["DOMAIN_TAKEN"] });

const counted = (...transitions: readonly Transition[]) =>
  tallied(transitions.flatMap((transition) => countsOf(transition, rules)));

describe("what a transition counts", () => {
  it.each([
    [{ kind: "claimed", route, at: AT, path: "order" }, { "claimed.order": 1 }],
    [{ kind: "reopened", route, at: AT, path: "order" }, { "reopened.order": 1 }],
    [{ kind: "rejected", route, at: AT }, { rejected: 1 }],
    [
      { kind: "rejected", route, at: AT, path: "order" },
      { rejected: 1, "refused.order": 1 },
    ],
    [{ kind: "shadow-failed", route, at: AT }, { "shadow-failed": 1 }],
    [
      { kind: "ended", route, at: AT, path: "legacy", status: "COMPLETED", ms: 1000 },
      { "ended.legacy.COMPLETED": 1, "latency.legacy.40": 1 },
    ],
    [
      { kind: "ended", route, at: AT, path: "order", status: "FAILED", code: "DOMAIN_TAKEN", ms: 0 },
      { "ended.order.FAILED": 1, "latency.order.0": 1, "code.order.DOMAIN_TAKEN": 1 },
    ],
    [
      { kind: "ended", route, at: AT, path: "order", status: "FAILED", code: "dünyä.1", ms: 0 },
      { "ended.order.FAILED": 1, "latency.order.0": 1, "code.order.other": 1 },
    ],
    [{ kind: "judged", route, at: AT, against: "legacy", verdict: "match" }, { "verdict.match": 1 }],
    [{ kind: "judged", route, at: AT, against: "order", verdict: "mismatch" }, { "baseline.mismatch": 1 }],
  ] satisfies [Transition, Partial<Record<Counter, number>>][])("%j", (transition, expected) => {
    expect(counted(transition)).toEqual(expected);
  });

  it("is counted in the transition's own hour; a replaced verdict leaves the hour in which it was given", () => {
    expect(hourOf(AT)).toBe("2026-03-02T09");
    expect(hourOf(AT + 1)).toBe("2026-03-02T10");
    const instead = { verdict: "old-only" as const, at: AT };
    expect(countsOf({ kind: "judged", route, at: AT + 1, against: "legacy", verdict: "late", instead }, rules)).toEqual(
      [
        { route, hour: "2026-03-02T10", counter: "verdict.late", by: 1 },
        { route, hour: "2026-03-02T09", counter: "verdict.old-only", by: -1 },
      ],
    );
  });
});

/** The life of one request, as its claim can go through it. */
const lives = fc
  .record({
    path: fc.constantFrom(...Path.options),
    rejected: fc.boolean(),
    ends: fc.array(fc.record({ status: fc.constantFrom(...ItemStatus.options), ms: fc.nat(100_000) }), {
      maxLength: 3,
    }),
    reopenedAfter: fc.boolean(),
  })
  .map(({ path, rejected, ends, reopenedAfter }) => {
    const at = AT;
    if (rejected) return { path, open: 0, transitions: [{ kind: "rejected", route, at }] as Transition[] };
    const last = ends.length - 1;
    const transitions: Transition[] = ends.flatMap((end, n) => [
      { kind: "ended", route, at, path, ...end },
      ...(n < last || reopenedAfter ? [{ kind: "reopened" as const, route, at, path }] : []),
    ]);
    const open = ends.length === 0 || reopenedAfter ? 1 : 0;
    return { path, open, transitions: [{ kind: "claimed" as const, route, at, path }, ...transitions] };
  });

describe("counts", () => {
  it("received = ended + rejected + in flight, after any lives in any order (X5, property)", () => {
    fc.assert(
      fc.property(fc.array(lives), (all) => {
        const counts = counted(...all.flatMap(({ transitions }) => transitions).reverse());
        const seen = conservation(counts);
        expect(seen.received).toBe(all.length);
        expect(seen.ended + seen.rejected + seen.inFlight.legacy + seen.inFlight.order).toBe(seen.received);
        const open = (path: Path) => all.reduce((sum, life) => sum + (life.path === path ? life.open : 0), 0);
        expect(conservationGap(seen, { legacy: open("legacy"), order: open("order") })).toBe(0);
        expect(conservationGap(seen, { legacy: open("legacy") + 1, order: open("order") })).toBe(1);
      }),
    );
  });

  it("of hours merge in any order and grouping (property)", () => {
    const counts = fc.dictionary(fc.constantFrom("claimed.order", "rejected", "verdict.match"), fc.integer());
    fc.assert(
      fc.property(counts, counts, counts, (a: Counts, b: Counts, c: Counts) => {
        expect(merged(a, b)).toEqual(merged(b, a));
        expect(merged(merged(a, b), c)).toEqual(merged(a, merged(b, c)));
        expect(merged(a, {})).toEqual(a);
      }),
    );
  });

  it("are read by path, status, code, verdict and latency", () => {
    const ended = { kind: "ended", route, at: AT, path: "order" } as const;
    const counts = counted(
      { ...ended, status: "COMPLETED", ms: 100 },
      { ...ended, status: "COMPLETED_UNPAID", ms: 100 },
      { ...ended, status: "FAILED", ms: 10_000, code: "DOMAIN_TAKEN" },
      { ...ended, status: "FAILED", ms: 10_000 },
      ...Verdict.options.map((verdict) => ({ kind: "judged", route, at: AT, against: "legacy", verdict }) as const),
      { kind: "judged", route, at: AT, against: "order", verdict: "mismatch" },
    );
    expect(endings(counts, "order")).toEqual({ ended: 4, failed: 2 });
    expect(endings(counts, "legacy")).toEqual({ ended: 0, failed: 0 });
    expect(failureCodes(counts, "order")).toEqual({ DOMAIN_TAKEN: 1, other: 1 });
    expect(quantile(latencies(counts, "order"), 0.5)).toBeCloseTo(98.7, 0);
    expect(quantile(latencies(counts, "legacy"), 0.5)).toBeUndefined();
    expect(Object.values(verdicts(counts, "verdict"))).toEqual([1, 1, 1, 1, 1, 1]);
    expect(mismatches(counts, "verdict")).toEqual({ compared: 2, mismatched: 1 });
    expect(mismatches(counts, "baseline")).toEqual({ compared: 1, mismatched: 1 });
  });
});
