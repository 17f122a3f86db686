import { describe, expect, it } from "vitest";
import { ALL_RULES, crossing, QUIET } from "./crossing/model.ts";
import { delivered } from "./crossing/scenarios.ts";
import type { CrossingCheck, Rules, Scenario } from "./crossing/state.ts";
import { firstBroken } from "./random-walk.ts";

/** Everything at once, far too large to search: four messages of three requests, and every kind of fault. */
const EVERYTHING: Scenario = {
  ...QUIET,
  messages: [...delivered(3, 2, 2), { request: 0, deliveries: 1 }],
  flips: 3,
  crashes: 2,
  stops: 1,
  redrives: 1,
  lostEvents: 1,
  repeatedEvents: 1,
  lateRow: true,
  directOrder: true,
};
const HOLDING_WALKS = 4_000;
/** Far above the seeds that are needed, of which the rarest is in the thousands. */
const BREAKING_WALKS = 20_000;

describe("model W: random walks through the whole crossing", () => {
  it.each(["legacy", "order"] as const)("W1 all rules hold, starting on %s", (startPath) => {
    const broken = firstBroken(crossing(ALL_RULES, { ...EVERYTHING, startPath }), HOLDING_WALKS);
    expect(broken, `seed ${broken?.seed}:\n${broken?.trace.join("\n")}`).toBeNull();
  });

  // The rules that the searches take away one by one are missed here too, by the first walk that runs into it.
  it.each<[keyof Rules, CrossingCheck]>([
    ["pin", "P4 legacy and order at work at once"],
    ["fifo", "P5 terminal row reopened by a legacy copy"],
    ["workPin", "P4 legacy and order at work at once"],
    ["effectOnce", "TWICE order path did a request twice"],
    ["redriveGate", "P4 legacy and order at work at once"],
    ["genPin", "P4 legacy and order at work at once"],
    ["rowRepair", "P5 terminal row overwritten by the publisher"],
    ["directPin", "P4 legacy and order at work at once"],
  ])("W2 without %s: %s", (rule, check) => {
    const broken = firstBroken(crossing({ ...ALL_RULES, [rule]: false }, EVERYTHING), BREAKING_WALKS);
    expect(broken?.broken).toContain(check);
  });
});
