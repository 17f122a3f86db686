import { describe, expect, it } from "vitest";
import type { Transition } from "../compare/index.ts";
import type { VerdictReader } from "../ports.ts";
import { clock, NOW, REGISTER } from "../testing.ts";
import { routeDetail } from "./route-detail.ts";
import { countsOpen, MemoryCounts, MemoryRollouts } from "./testing.ts";
import { RouteDetail } from "./views.ts";

const HOUR = 3_600_000;
const route = REGISTER;
const groups: Pick<VerdictReader, "groups"> = { groups: async () => [] };

const ends = (path: "legacy" | "order", of: number, failed: number, at: number, ms: number): Transition[] =>
  Array.from({ length: of }, (_, n) => ({
    ...({ kind: "ended", route, at, path, ms } as const),
    ...(n < failed ? { status: "FAILED" as const, code: "X" } : { status: "COMPLETED" as const }),
  }));

const detail = (...transitions: readonly Transition[]) =>
  routeDetail(
    {
      migration: { name: "webcat", routes: new Map() },
      rollouts: new MemoryRollouts(),
      counts: new MemoryCounts().add(...transitions),
      open: countsOpen(0, 0),
      guard: { read: async () => undefined },
      verdicts: groups,
      clock,
    },
    route,
    24,
  );

describe("a route in detail", () => {
  it("shows hour by hour what both paths did", async () => {
    const seen = await detail(...ends("legacy", 10, 1, NOW - HOUR, 100), ...ends("order", 4, 2, NOW, 400));
    expect(seen.series.map(({ hour }) => hour)).toEqual(["2026-11-21T08", "2026-11-21T09"]);
    expect(seen.series[0]?.paths.legacy).toMatchObject({ ended: 10, failed: 1 });
    expect(seen.series[1]?.paths.order).toMatchObject({ ended: 4, failed: 2, codes: { other: 2 } });
    // Within half a bucket of the logarithmic scale: 9.1 %.
    expect(seen.summary.paths.order.p95Ms).toBeGreaterThan(400 / 1.0906);
    expect(seen.summary.paths.order.p95Ms).toBeLessThan(400 * 1.0906);
    expect(RouteDetail.parse(JSON.parse(JSON.stringify(seen)))).toEqual(seen);
  });

  it("says better, same, worse or not yet known, by a test that may be looked at at any time", async () => {
    const standing = async (legacy: number, order: number, of: number) =>
      (await detail(...ends("legacy", of, legacy, NOW, 100), ...ends("order", of, order, NOW, 100))).standing;
    expect((await standing(20, 20, 40)).errors).toBe("unknown");
    expect((await standing(0, 300, 1_000)).errors).toBe("worse");
    expect((await standing(300, 0, 1_000)).errors).toBe("better");
    expect((await standing(25, 25, 10_000)).errors).toBe("same");
    expect((await standing(0, 0, 1_000)).latency).toBe("same");
    expect((await standing(0, 0, 1_000)).method).toContain("1 %");
  });

  it("looks back no further than it is asked to", async () => {
    const seen = await detail(
      ...ends("legacy", 5, 0, NOW - 24 * HOUR, 100),
      ...ends("legacy", 3, 0, NOW - 23 * HOUR, 100),
    );
    expect(seen.summary.paths.legacy.ended).toBe(3);
  });
});
