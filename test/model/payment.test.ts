import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "./expectations.ts";
import { type PaymentRules, type PaymentScenario, payment } from "./payment.ts";

const FIRST_DESIGN: PaymentRules = {
  register: false,
  workGate: false,
  settleWaits: false,
  settleCaptures: false,
  generation: false,
};
const ALL_RULES: PaymentRules = {
  register: true,
  workGate: true,
  settleWaits: true,
  settleCaptures: true,
  generation: true,
};
const STOP: PaymentScenario = { stops: 1, redrives: 0, finishTimeouts: 0 };
const STOP_AND_REDRIVE: PaymentScenario = { stops: 1, redrives: 1, finishTimeouts: 0 };
const EVERYTHING: PaymentScenario = { stops: 1, redrives: 1, finishTimeouts: 1 };

describe("model B: the charge", () => {
  it("B1 a stop races finish-order", () => {
    expectBreaks(payment(FIRST_DESIGN, STOP), {
      "P7 item done, row FAILED, not captured, silently": 6,
      "P7 captured for an item whose row is not COMPLETED": 11,
    });
  });

  it("B1f finish-order dies twice after its capture took effect", () => {
    expectBreaks(payment(FIRST_DESIGN, { ...STOP, stops: 0 }), {
      "P7 captured for an item whose row is not COMPLETED": 14,
    });
  });

  it("B2 a redrive races the settlement of the stop", () => {
    expectBreaks(payment(FIRST_DESIGN, STOP_AND_REDRIVE), {
      "STALE settled for an order that was redriven": 4,
      "P7 item done, row FAILED, not captured, silently": 6,
      "P7 captured for an item whose row is not COMPLETED": 11,
      "P7 row COMPLETED, not captured, silently": 13,
    });
  });

  it("B3 one decision in a register is not enough: an effect ends after it", () => {
    expectBreaks(payment({ ...FIRST_DESIGN, register: true }, STOP), {
      "UNPAID item done, not captured, flagged": 6,
      "P7 item done, row FAILED, not captured, silently": 6,
    });
  });

  it("B4g a settlement that always cancels leaves done items unpaid, though flagged", () => {
    expectBreaks(payment({ ...ALL_RULES, settleCaptures: false }, STOP_AND_REDRIVE), {
      "UNPAID item done, not captured, flagged": 6,
    });
  });

  it("B5g holds with all rules", () => {
    expectHolds(payment(ALL_RULES, EVERYTHING));
  });

  it("B5d breaks without the register", () => {
    expectBreaks(payment({ ...ALL_RULES, register: false }, EVERYTHING), {
      "P7 item done, row FAILED, not captured, silently": 6,
      "P7 captured for an item whose row is not COMPLETED": 11,
      "P7 row COMPLETED, not captured, silently": 12,
    });
  });

  it("B5b breaks when a begin does not look at the decision", () => {
    expectBreaks(payment({ ...ALL_RULES, workGate: false }, STOP_AND_REDRIVE), {
      "UNPAID item done, not captured, flagged": 13,
      "P7 item done, row FAILED, not captured, silently": 18,
    });
  });

  it("B5w breaks when settle does not wait for open effects", () => {
    expectBreaks(payment({ ...ALL_RULES, settleWaits: false }, EVERYTHING), {
      "UNPAID item done, not captured, flagged": 6,
      "P7 item done, row FAILED, not captured, silently": 6,
      "P7 charge left open": 8,
    });
  });

  it("B5r without the generation a late end settles an order that was redriven", () => {
    expectBreaks(payment({ ...ALL_RULES, generation: false }, STOP_AND_REDRIVE), {
      "STALE settled for an order that was redriven": 4,
    });
  });
});
