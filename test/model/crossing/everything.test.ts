import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "../expectations.ts";
import { ALL_RULES, crossing } from "./model.ts";
import { STOP, STOP_AND_REDRIVE } from "./scenarios.ts";

const STOP_AND_CRASH = { ...STOP, crashes: 1 };

describe("model A: all rules together", () => {
  it("A11 holds through a crash, a stop and a flip", () => {
    expectHolds(crossing(ALL_RULES, STOP_AND_CRASH));
  });

  it("A11p breaks without the pin", () => {
    expectBreaks(crossing({ ...ALL_RULES, pin: false }, STOP_AND_CRASH), { "P4 legacy and order at work at once": 9 });
  });

  it("A11q breaks without the keyed forward queue", () => {
    expectBreaks(crossing({ ...ALL_RULES, fifo: false }, STOP_AND_CRASH), {
      "TWICE legacy consumer did a request twice": 11,
      "P5 terminal row reopened by a legacy copy": 11,
      "P4 legacy and order at work at once": 15,
    });
  });

  it("A11w breaks when the pin does not wait for the effect", () => {
    expectBreaks(crossing({ ...ALL_RULES, workPin: false }, STOP_AND_CRASH), {
      "P4 legacy and order at work at once": 11,
    });
  });

  it("A12 holds through a stop, a redrive, a lost event and a flip", () => {
    expectHolds(crossing(ALL_RULES, { ...STOP_AND_REDRIVE, lostEvents: 1 }));
  });
});
