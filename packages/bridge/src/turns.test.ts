import { describe, expect, it } from "vitest";
import { inTurns, takeTurn } from "./turns.ts";

/** Pages of a list of numbers, and a clock that each of them moves. */
function world(entries: number, msOfPage = 10) {
  let now = 1_000_000;
  let kept: string | undefined;
  const bookmarks = {
    read: async () => kept,
    write: async (_: string, after: string | undefined) => {
      kept = after;
    },
  };
  const seen: number[] = [];
  const limits: number[] = [];
  const clock = { now: () => now };
  const turn = (within: number, limit?: number) =>
    takeTurn<number>(
      { bookmarks, clock },
      { job: "job", pageSize: 3, until: now + within, ...(limit !== undefined && { limit }) },
      async (most, after = "0") => {
        limits.push(most);
        now += msOfPage;
        const from = Number(after);
        const page = Array.from({ length: Math.min(most, entries - from) }, (_, n) => from + n);
        const next = from + most;
        return { entries: page, next: next < entries ? String(next) : undefined };
      },
      async (page) => void seen.push(...page),
    );
  return { turn, seen, limits, clock, kept: () => kept, pass: (ms: number) => (now += ms) };
}

describe("a turn in a long list", () => {
  it("goes to its end, and begins anew the next time", async () => {
    const { turn, seen, kept } = world(7);
    await turn(1_000);
    expect([seen, kept()]).toEqual([[0, 1, 2, 3, 4, 5, 6], undefined]);
  });

  it("goes on where the last one stopped, however short each is", async () => {
    const { turn, seen, kept } = world(7);
    await turn(0);
    expect([seen, kept()]).toEqual([[0, 1, 2], "3"]);
    await turn(11);
    expect([seen, kept()]).toEqual([[0, 1, 2, 3, 4, 5, 6], undefined]);
  });

  it("ends when its time does, to the millisecond", async () => {
    const { turn, seen } = world(9);
    await turn(10);
    expect(seen).toHaveLength(3);
    await turn(11);
    expect(seen).toHaveLength(9);
  });

  it.each([
    [6, [3, 3], 6],
    [4, [3, 1], 4],
  ])("looks at %i entries at most", async (limit, limits, looked) => {
    const found = world(9);
    await found.turn(1_000, limit);
    expect([found.limits, found.seen.length]).toEqual([limits, looked]);
  });
});

it("jobs share the time that is left: what one does not need, the others have", async () => {
  const { clock, pass } = world(0);
  const shares: number[] = [];
  const began = clock.now();
  await inTurns(clock, ["quick", "slow", "last"], 300, async (job, until) => {
    shares.push(until - clock.now());
    pass(job === "quick" ? 0 : until - clock.now());
  });
  expect(shares).toEqual([100, 150, 150]);
  expect(clock.now() - began).toBe(300);
});
