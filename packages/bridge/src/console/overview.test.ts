import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_ROUTE, type Transition } from "../compare/index.ts";
import type { GuardReader } from "../ports.ts";
import { clock, NOW, REGISTER } from "../testing.ts";
import { hoursBack, overview } from "./overview.ts";
import { countsOpen, MemoryCounts, MemoryRollouts } from "./testing.ts";
import { Overview } from "./views.ts";

const HOUR = 3_600_000;
const route = REGISTER;
const noGuard: GuardReader = { read: async () => undefined };
const migration = { name: "webcat", routes: new Map([[REGISTER, {} as never]]) };

const deps = (counts: MemoryCounts, open = countsOpen(0, 0)) => ({
  migration,
  rollouts: new MemoryRollouts(),
  counts,
  open,
  guard: noGuard,
  clock,
});

const claimed = (path: "legacy" | "order", at = NOW): Transition => ({ kind: "claimed", route, at, path });
const ended = (path: "legacy" | "order", status: "COMPLETED" | "FAILED", at = NOW): Transition => ({
  ...{ kind: "ended", route, at, path, status, ms: 100 },
  ...(status === "FAILED" && { code: "X" }),
});
const judged = (verdict: "match" | "mismatch", against: "legacy" | "order", at = NOW): Transition => ({
  ...{ kind: "judged", route, at, against, verdict },
});
const times = (n: number, transition: Transition): Transition[] => Array.from({ length: n }, () => transition);

describe("the overview", () => {
  it("looks back over whole hours, the one under way included", () => {
    expect(hoursBack(Date.UTC(2026, 2, 1, 0, 59, 59), 1)).toEqual({ from: "2026-03-01T00", to: "2026-03-01T00" });
    expect(hoursBack(Date.UTC(2026, 2, 1, 0, 0, 0), 3)).toEqual({ from: "2026-02-28T22", to: "2026-03-01T00" });
  });

  it("counts what fell into those hours, and where every message is since the first", async () => {
    const counts = new MemoryCounts().add(
      ...times(3, claimed("legacy", NOW - 2 * HOUR)),
      ...times(2, claimed("order")),
      ended("legacy", "COMPLETED", NOW - 2 * HOUR),
      ended("order", "FAILED"),
    );
    const open = countsOpen(2, 1);
    const { routes, conservation } = await overview(deps(counts, open), 1);
    expect(routes[0]?.paths.legacy).toMatchObject({ claimed: 0, ended: 0 });
    expect(routes[0]?.paths.order).toMatchObject({ claimed: 2, ended: 1, failed: 1, codes: { other: 1 } });
    expect(routes[0]?.paths.order.errors).toMatchObject({ count: 1, of: 1, estimate: 1, high: 1 });
    expect(conservation).toEqual({
      ...{ received: 5, ended: 2, rejected: 0, inFlight: { legacy: 2, order: 1 } },
      ...{ open: { legacy: 2, order: 1 }, gap: 0 },
    });
  });

  it("tells by how many claims counts and index disagree (P9)", async () => {
    const counts = new MemoryCounts().add(claimed("legacy"), claimed("order"));
    const { conservation } = await overview(deps(counts, countsOpen(0, 1)), 24);
    expect(conservation).toMatchObject({ inFlight: { legacy: 1, order: 1 }, open: { legacy: 0, order: 1 }, gap: 1 });
  });

  it("does not guess where there are too many claims in flight to be counted", async () => {
    const counts = new MemoryCounts().add(...times(1_001, claimed("legacy")));
    const { conservation } = await overview(deps(counts, countsOpen(1_001, 0)), 24);
    expect(conservation).not.toHaveProperty("gap");
    expect(conservation.inFlight.legacy).toBe(1_001);
  });

  it("has what was refused before its route was known among the received", async () => {
    const refused: Transition = { kind: "rejected", route: NO_ROUTE, at: NOW };
    const { conservation } = await overview(deps(new MemoryCounts().add(refused, claimed("legacy"))), 24);
    expect(conservation).toMatchObject({ received: 2, rejected: 1, ended: 0 });
  });

  it("shows the baseline beside the mismatches, and takes it off", async () => {
    const counts = new MemoryCounts().add(
      ...[...times(90, judged("match", "legacy")), ...times(10, judged("mismatch", "legacy"))],
      ...[...times(190, judged("match", "order")), ...times(10, judged("mismatch", "order"))],
    );
    const parity = (await overview(deps(counts), 24)).routes[0]?.parity;
    expect(parity).toMatchObject({ compared: 100, matched: 90, mismatched: 10 });
    expect(parity?.mismatches.estimate).toBeCloseTo(0.1, 12);
    expect(parity?.baseline).toMatchObject({ count: 10, of: 200 });
    expect(parity?.aboveBaseline.estimate).toBeCloseTo(0.05, 12);
    expect(parity?.aboveBaseline.low).toBeLessThan(parity?.aboveBaseline.estimate ?? 0);
  });

  it("passes its own schema, whatever was counted", async () => {
    const transition = fc.oneof(
      fc.constantFrom("legacy" as const, "order" as const).map((path) => claimed(path)),
      fc
        .tuple(
          fc.constantFrom("legacy" as const, "order" as const),
          fc.constantFrom("COMPLETED" as const, "FAILED" as const),
        )
        .map(([path, status]) => ended(path, status)),
      fc.constantFrom("match" as const, "mismatch" as const).map((verdict) => judged(verdict, "legacy")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(transition, { maxLength: 60 }), async (transitions) => {
        const claims = transitions.flatMap((one) => (one.kind === "claimed" ? [one] : []));
        const seen = await overview(
          deps(new MemoryCounts().add(...claims, ...transitions.filter((one) => one.kind === "judged"))),
          24,
        );
        expect(Overview.parse(JSON.parse(JSON.stringify(seen)))).toEqual(seen);
      }),
      { seed: 5, numRuns: 50 },
    );
  });
});
