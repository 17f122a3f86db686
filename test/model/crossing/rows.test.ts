import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "../expectations.ts";
import { ALL_RULES, crossing, QUIET } from "./model.ts";
import { delivered, ONE_ORDER } from "./scenarios.ts";

const LATE_ROW = { ...ONE_ORDER, lateRow: true };
const DIRECT = { ...QUIET, directOrder: true };

describe("model A: rows, events and direct orders", () => {
  it("A8 a publisher that writes its row late wipes out the end", () => {
    expectBreaks(crossing({ ...ALL_RULES, rowRepair: false }, LATE_ROW), {
      "P5 terminal row overwritten by the publisher": 8,
      "P6 execution ended, row never terminal": 11,
    });
  });

  it("A8f holds when observe restores the row", () => {
    expectHolds(crossing(ALL_RULES, LATE_ROW));
  });

  it("A8s holds when the order is stopped as well", () => {
    expectHolds(crossing(ALL_RULES, { ...LATE_ROW, stops: 1 }));
  });

  it("A9 a directly placed item works on a domain that the legacy path holds", () => {
    const scenario = { ...DIRECT, messages: delivered(1) };
    expectBreaks(crossing({ ...ALL_RULES, directPin: false }, scenario), { "P4 legacy and order at work at once": 6 });
  });

  it("A9f holds when the item takes the pin before its effect, and it never waits for ever", () => {
    expectHolds(crossing(ALL_RULES, { ...DIRECT, flips: 1 }));
  });

  it("A9r holds through a stop and a redrive of either order", () => {
    expectHolds(crossing(ALL_RULES, { ...DIRECT, messages: delivered(1), flips: 1, stops: 1, redrives: 1 }));
  });

  it("A10 holds through lost, repeated and reordered events, with a stop and a redrive", () => {
    expectHolds(crossing(ALL_RULES, { ...ONE_ORDER, lostEvents: 2, repeatedEvents: 1, stops: 1, redrives: 1 }));
  });
});
