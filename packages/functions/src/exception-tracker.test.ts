import { describe, expect, it } from "vitest";
import { Finding } from "./error-facts.ts";
import { exceptionTracker, type Report, type TrackerOptions } from "./exception-tracker.ts";

/** A tracker whose time and whose sender the test holds in its hands. */
function aTracker(given: Partial<TrackerOptions> = {}) {
  const seen = { now: 0, loads: 0, lost: 0, sent: [] as Report[] };
  const tracker = exceptionTracker({
    service: "test",
    flushMs: 20,
    now: () => seen.now,
    onLost: () => void seen.lost++,
    load: async () => {
      seen.loads++;
      return { send: (report) => void seen.sent.push(report), drain: async () => undefined };
    },
    ...given,
  });
  const capture = (correlationId: string) =>
    tracker.capture(new Finding("CODE", "text"), { what: "what", fields: { correlationId } });
  return { seen, tracker, capture };
}

describe("exceptionTracker", () => {
  it("loads its sender at the first error, once, and not for a flush", async () => {
    const { seen, tracker, capture } = aTracker();
    await tracker.flush();
    expect(seen.loads).toBe(0);
    for (const id of ["a", "b"]) capture(id);
    await tracker.flush();
    expect(seen).toMatchObject({ loads: 1, lost: 0 });
    expect(seen.sent.map(({ tags }) => tags["correlationId"])).toEqual(["a", "b"]);
  });

  it("tells the same failure again after a quarter of an hour, not before", async () => {
    const { seen, tracker, capture } = aTracker();
    for (const now of [0, 899_999, 900_000]) {
      seen.now = Date.UTC(2026, 10, 21) + now;
      capture("a");
      await tracker.flush();
    }
    expect(seen.sent).toHaveLength(2);
  });

  it("remembers a bounded number of failures", async () => {
    const { seen, tracker, capture } = aTracker();
    for (let i = 0; i < 1_001; i++) capture(`c-${i}`);
    capture("c-1000");
    capture("c-0");
    await tracker.flush();
    expect(seen.sent).toHaveLength(1_002);
  });

  it.each([
    ["cannot be loaded", () => Promise.reject(new Error("no such module"))],
    [
      "cannot send",
      async () => ({
        send: () => {
          throw new Error("no");
        },
        drain: async () => undefined,
      }),
    ],
    ["never ends", async () => ({ send: () => undefined, drain: () => new Promise<void>(() => undefined) })],
    ["never loads", () => new Promise<never>(() => undefined)],
  ])("a sender that %s is told of, and throws nothing", async (_, load) => {
    const { seen, tracker, capture } = aTracker({ load });
    capture("a");
    await tracker.flush();
    expect(seen.lost).toBe(1);
    await tracker.flush();
    expect(seen.lost).toBe(1);
  });
});
