import { describe, expect, it } from "vitest";
import { explore, type Model, Moves } from "./explore.ts";
import { walk } from "./random-walk.ts";

type CounterCheck = "reached three" | "rested on odd" | "fault taken";

/** Counts to `top` by ones or twos; a fault adds nothing but its mark. */
function counter(top: number): Model<{ count: number; faulted: boolean }, CounterCheck> {
  return {
    initial: { count: 0, faulted: false },
    moves(state) {
      const moves = new Moves<{ count: number; faulted: boolean }, CounterCheck>();
      for (const by of [1, 2]) if (state.count + by <= top) moves.step(`+${by}`, { ...state, count: state.count + by });
      if (!state.faulted) moves.fault("fault", { ...state, faulted: true }, ["fault taken"]);
      return moves.all;
    },
    key: ({ count, faulted }) => `${count}${faulted}`,
    brokenIn: ({ count }) => (count === 3 ? ["reached three"] : []),
    brokenAtRest: ({ count }) => (count % 2 === 1 ? ["rested on odd"] : []),
  };
}

describe("explore", () => {
  it("finds every state once, and a shortest trace to each broken check", () => {
    const found = explore(counter(3));
    expect(found).toMatchObject({ states: 8, restingStates: 2, exhaustive: true });
    expect(found.broken.get("reached three")).toHaveLength(2);
    expect(found.broken.get("fault taken")).toEqual(["!fault"]);
  });

  it("asks for the checks at rest only where nothing but faults can happen", () => {
    expect(explore(counter(3)).broken.has("rested on odd")).toBe(true);
    expect(explore(counter(4)).broken.has("rested on odd")).toBe(false);
  });

  it("finds where steps alone never come to rest", () => {
    const spinning: Model<number, never> = {
      initial: 0,
      moves(count) {
        const moves = new Moves<number, never>();
        if (count < 2) moves.step("on", count + 1);
        if (count === 1) moves.step("into the circle", 3);
        if (count === 3) moves.step("round", 3);
        return moves.all;
      },
      key: String,
      brokenIn: () => [],
      brokenAtRest: () => [],
    };
    expect(explore(spinning).endless).toEqual(["on", "into the circle"]);
    expect(explore(counter(3)).endless).toBeNull();
  });

  it("says so when it stopped at its bound", () => {
    expect(explore(counter(100), 10)).toMatchObject({ states: 10, exhaustive: false });
  });
});

describe("walk", () => {
  it("repeats itself from the same seed", () => {
    expect(walk(counter(9), 5)).toEqual(walk(counter(9), 5));
    const traces = [1, 2, 3, 4, 5].map((seed) => walk(counter(2), seed).trace.join());
    expect(new Set(traces).size).toBeGreaterThan(1);
  });
});
