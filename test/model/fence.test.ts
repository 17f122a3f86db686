import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "./expectations.ts";
import { fence } from "./fence.ts";

const TWO_REDRIVES = { redrives: 2, repeats: 1 };
const ONE_REDRIVE = { redrives: 1, repeats: 1 };

describe("model F: the fence under every order of the status events", () => {
  it("F1 holds when every event carries its redriveCount", () => {
    expectHolds(fence({ source: "event", fenced: true }, TWO_REDRIVES));
  });

  it("F2 a missing redriveCount taken for 0 keeps the redrive's end out", () => {
    expectBreaks(fence({ source: "event without count", fenced: true }, ONE_REDRIVE), {
      "P5 row differs from the execution's end": 8,
    });
  });

  it("F3 the event's status with the count of DescribeExecution puts an old end on a new count", () => {
    expectBreaks(fence({ source: "mixed", fenced: true }, ONE_REDRIVE), {
      "P5 row differs from the execution's end": 8,
    });
  });

  it("F4 holds when status and count both come from DescribeExecution", () => {
    expectHolds(fence({ source: "described", fenced: true }, TWO_REDRIVES));
  });

  it("F5 without a fence the last event to arrive wins", () => {
    expectBreaks(fence({ source: "event", fenced: false }, { redrives: 0, repeats: 0 }), {
      "P5 row differs from the execution's end": 4,
    });
  });
});
