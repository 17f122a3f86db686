import { HourView } from "@crossfade/bridge/console";
import { describe, expect, it } from "vitest";
import { endedBy, errorsBy, everyHour, latencyBy, mismatchesBy } from "./columns.ts";

const share = (count: number, of: number) => ({ count, of, estimate: of === 0 ? 0 : count / of, low: 0, high: 1 });
const path = (ended: number, failed: number, p95Ms?: number) => ({
  ...{ claimed: ended, ended, failed, refused: 0, errors: share(failed, ended), codes: {} },
  ...(p95Ms !== undefined && { p50Ms: p95Ms / 2, p95Ms }),
});
const hour = (name: string, legacy: ReturnType<typeof path>, order: ReturnType<typeof path>, compared = 0) =>
  HourView.parse({
    hour: name,
    paths: { legacy, order },
    parity: {
      ...{ compared, matched: compared - 1, mismatched: 1, ignored: 0, oldOnly: 0, newOnly: 0, late: 0 },
      ...(compared === 0 && { matched: 0, mismatched: 0 }),
      ...{ shadowFailed: 0, mismatches: share(compared === 0 ? 0 : 1, compared), baseline: share(0, 0) },
      aboveBaseline: { estimate: 0, low: 0, high: 0 },
    },
  });

const series = [
  hour("2026-03-02T22", path(10, 1, 800), path(0, 0)),
  hour("2026-03-03T01", path(0, 0), path(4, 0, 600), 50),
];

describe("columns of a chart", () => {
  const hours = everyHour(series);

  it("have every hour, in seconds, over midnight", () => {
    const start = Date.UTC(2026, 2, 2, 22) / 1000;
    expect(hours.starts).toEqual([0, 1, 2, 3].map((n) => start + n * 3600));
  });

  it("say 0 where nothing ended, and nothing where a rate or a latency has nothing to be made of", () => {
    expect(endedBy(hours, "legacy")).toEqual([10, 0, 0, 0]);
    expect(endedBy(hours, "order")).toEqual([0, 0, 0, 4]);
    expect(errorsBy(hours, "legacy")).toEqual([0.1, null, null, null]);
    expect(errorsBy(hours, "order")).toEqual([null, null, null, 0]);
    expect(latencyBy(hours, "legacy", "p95Ms")).toEqual([800, null, null, null]);
    expect(mismatchesBy(hours, "mismatches")).toEqual([null, null, null, 0.02]);
    expect(mismatchesBy(hours, "baseline")).toEqual([null, null, null, null]);
  });

  it("are four at least, of a route that has just begun", () => {
    const short = everyHour(series.slice(1));
    expect(short.starts.at(-1)).toBe(Date.UTC(2026, 2, 3, 1) / 1000);
    expect(endedBy(short, "order")).toEqual([0, 0, 0, 4]);
    expect(errorsBy(short, "order")).toEqual([null, null, null, 0]);
  });

  it("are none where there is no hour", () => expect(everyHour([])).toEqual({ starts: [], views: [] }));
});
