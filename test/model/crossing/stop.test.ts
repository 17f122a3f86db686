import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "../expectations.ts";
import { ALL_RULES, crossing, FIRST_DESIGN } from "./model.ts";
import { STOP, STOP_AND_REDRIVE } from "./scenarios.ts";
import type { Rules } from "./state.ts";

const FIFO: Rules = { ...FIRST_DESIGN, fifo: true };

describe("model A: stop and redrive", () => {
  it("A6 a stopped execution's worker goes on while the pin is already free", () => {
    expectBreaks(crossing(FIFO, STOP), { "P4 legacy and order at work at once": 11 });
  });

  it("A6f holds when the pin stays until the effect has ended", () => {
    expectHolds(crossing({ ...FIFO, workPin: true }, STOP));
  });

  it("A7 a redrive repeats the effect, and works on a domain that the legacy path has taken", () => {
    expectBreaks(crossing({ ...FIFO, workPin: true }, STOP_AND_REDRIVE), {
      "TWICE order path did a request twice": 7,
      "P4 legacy and order at work at once": 12,
    });
  });

  it("A7g a redrive that takes the pin still loses it to the end of the stopped run", () => {
    expectBreaks(crossing({ ...FIFO, workPin: true, redriveGate: true, effectOnce: true }, STOP_AND_REDRIVE), {
      "P4 legacy and order at work at once": 12,
    });
  });

  it("A7gg and repeats the effect unless its begin is recorded", () => {
    expectBreaks(crossing({ ...ALL_RULES, effectOnce: false }, STOP_AND_REDRIVE), {
      "TWICE order path did a request twice": 7,
    });
  });

  it("A7r without the gate a redrive starts work while the legacy path holds the pin", () => {
    expectBreaks(crossing({ ...ALL_RULES, redriveGate: false }, STOP_AND_REDRIVE), {
      "P4 legacy and order at work at once": 12,
    });
  });

  it("A7ggg holds when pin entries carry their generation", () => {
    const rules = { ...FIFO, workPin: true, redriveGate: true, effectOnce: true, genPin: true };
    expectHolds(crossing(rules, STOP_AND_REDRIVE));
  });
});
