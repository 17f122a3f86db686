import { expect } from "vitest";
import { type Exploration, explore, type Model } from "./explore.ts";

/** Every state was searched and no check is broken in any. */
export function expectHolds<State, Check extends string>(model: Model<State, Check>): void {
  expectBreaks(model, {});
}

/** Every state was searched; exactly these checks are broken, the shortest trace of each being that many moves long. */
export function expectBreaks<State, Check extends string>(
  model: Model<State, Check>,
  moves: Partial<Record<Check, number>>,
): void {
  const found = explore(model);
  const lengths = Object.fromEntries([...found.broken].map(([check, trace]) => [check, trace.length]));
  expect({ exhaustive: found.exhaustive, broken: lengths }, describeTraces(found)).toEqual({
    exhaustive: true,
    broken: moves,
  });
  // A model that never comes to rest would pass its checks at rest without being asked.
  expect(found.restingStates).toBeGreaterThan(0);
}

function describeTraces<Check extends string>({ states, broken }: Exploration<Check>): string {
  const traces = [...broken].map(([check, trace]) => [`BROKEN ${check}`, ...trace.map((l, i) => `  ${i + 1}. ${l}`)]);
  return [`${states} states`, ...traces.flat()].join("\n");
}
