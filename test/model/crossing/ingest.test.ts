import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "../expectations.ts";
import { ALL_RULES, crossing, FIRST_DESIGN, QUIET } from "./model.ts";
import { CRASH, DUPLICATE, delivered } from "./scenarios.ts";
import type { Scenario } from "./state.ts";

/** The second request may see the first's pin drained while the third one opens it again. */
const THREE: Scenario = { ...QUIET, messages: delivered(1, 1, 1), flips: 1 };

describe("model A: claim, pin and forward", () => {
  it("A0 two deliveries at once forward twice when nothing keys the send", () => {
    expectBreaks(crossing(FIRST_DESIGN, DUPLICATE), {
      "TWICE legacy consumer did a request twice": 9,
      "P5 terminal row reopened by a legacy copy": 9,
      "P4 legacy and order at work at once": 14,
    });
  });

  it("A1 a crash between send and mark forwards twice", () => {
    expectBreaks(crossing(FIRST_DESIGN, CRASH), {
      "TWICE legacy consumer did a request twice": 10,
      "P5 terminal row reopened by a legacy copy": 10,
      "P4 legacy and order at work at once": 15,
    });
  });

  it("A1i holds where the legacy consumer drops copies by itself", () => {
    expectHolds(crossing({ ...FIRST_DESIGN, legacyIdempotent: true }, CRASH));
  });

  it("A2 without the pin the two paths work on one domain at once", () => {
    expectBreaks(crossing({ ...ALL_RULES, pin: false }, DUPLICATE), { "P4 legacy and order at work at once": 9 });
  });

  it("A2f holds with the pin", () => {
    expectHolds(crossing(ALL_RULES, DUPLICATE));
  });

  it("A3 a drained pin taken over without a condition may have been opened again", () => {
    expectBreaks(crossing({ ...FIRST_DESIGN, takeover: "blind" }, THREE), {
      "P4 legacy and order at work at once": 15,
    });
  });

  it("A3c holds when the takeover names the entries it saw", () => {
    expectHolds(crossing({ ...FIRST_DESIGN, takeover: "compare-and-swap" }, THREE));
  });

  it("A4 the forward lease keeps concurrent deliveries from sending twice", () => {
    expectHolds(crossing({ ...FIRST_DESIGN, lease: true }, DUPLICATE));
  });

  it("A5 the lease alone does not survive a crash between send and mark", () => {
    expectBreaks(crossing({ ...FIRST_DESIGN, lease: true }, CRASH), {
      "TWICE legacy consumer did a request twice": 10,
      "P5 terminal row reopened by a legacy copy": 10,
      "P4 legacy and order at work at once": 15,
    });
  });

  it("A5r reading the row at the takeover narrows that window and does not close it", () => {
    expectBreaks(crossing({ ...FIRST_DESIGN, lease: true, rowCheck: true }, CRASH), {
      "TWICE legacy consumer did a request twice": 10,
      "P5 terminal row reopened by a legacy copy": 10,
      "P4 legacy and order at work at once": 15,
    });
  });

  it("A5i holds with an idempotent legacy consumer", () => {
    expectHolds(crossing({ ...FIRST_DESIGN, lease: true, rowCheck: true, legacyIdempotent: true }, CRASH));
  });

  it("A5fifo holds with a FIFO forward queue keyed by request", () => {
    expectHolds(crossing({ ...FIRST_DESIGN, fifo: true }, CRASH));
  });
});
