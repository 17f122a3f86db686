import { expect } from "vitest";
import { type Exploration, explore, type Model } from "./explore.ts";

/** Every state was searched, no check is broken in any, and from each one steps alone lead to rest. */
export function expectHolds<State, Check extends string>(model: Model<State, Check>): void {
  const found = expectFound(model, {});
  expect(found.endless, "steps alone never come to rest after this").toBeNull();
}

/** Every state was searched; exactly these checks are broken, the shortest trace of each being that many moves long. */
export function expectBreaks<State, Check extends string>(
  model: Model<State, Check>,
  moves: Partial<Record<Check, number>>,
): void {
  expectFound(model, moves);
}

function expectFound<State, Check extends string>(
  model: Model<State, Check>,
  moves: Partial<Record<Check, number>>,
): Exploration<Check> {
  const found = explore(model);
  const lengths = Object.fromEntries([...found.broken].map(([check, trace]) => [check, trace.length]));
  expect({ exhaustive: found.exhaustive, broken: lengths }, describeTraces(found)).toEqual({
    exhaustive: true,
    broken: moves,
  });
  // A model that never comes to rest would pass its checks at rest without being asked.
  expect(found.restingStates).toBeGreaterThan(0);
  return found;
}

function describeTraces<Check extends string>({ states, broken }: Exploration<Check>): string {
  const traces = [...broken].map(([check, trace]) => [`BROKEN ${check}`, ...trace.map((l, i) => `  ${i + 1}. ${l}`)]);
  return [`${states} states`, ...traces.flat()].join("\n");
}
