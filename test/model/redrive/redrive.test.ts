import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "../expectations.ts";
import { ALL_RULES, QUIET, redrive } from "./model.ts";
import type { RedriveScenario } from "./state.ts";

/** One stop, then the bridge's command, while the legacy path wants the pin. */
const COMMAND: RedriveScenario = { ...QUIET, commands: 1, legacy: 1 };
const HAND: RedriveScenario = { ...QUIET, hands: 1, legacy: 1 };
const BOTH: RedriveScenario = { ...COMMAND, hands: 1 };
const CRASH: RedriveScenario = { ...QUIET, commands: 1, crashes: 1 };
/** Two operators, and an order that is stopped again. */
const TWO_COMMANDS: RedriveScenario = { ...QUIET, commands: 2, stops: 2 };
/** Without a payment it is decided, too, that there is nothing to charge. */
const free = (scenario: RedriveScenario): RedriveScenario => ({ ...scenario, payment: false });

describe("model R: all rules of a redrive", () => {
  it.each([true, false])(
    "R1 hold through the command, a crash in it and an event that repeats, payment %s",
    (payment) => {
      expectHolds(redrive(ALL_RULES, { ...CRASH, repeatedEvents: 1, payment }));
    },
  );

  it.each([true, false])("R1h hold through a redrive by hand beside the command, payment %s", (payment) => {
    expectHolds(redrive(ALL_RULES, { ...BOTH, payment }));
  });

  it.each([true, false])("R1f hold where finish-order failed, payment %s", (payment) => {
    expectHolds(redrive(ALL_RULES, { ...COMMAND, finishFailures: 1, payment }));
  });

  it("R1t hold through two commands and a second stop", () => {
    expectHolds(redrive(ALL_RULES, TWO_COMMANDS));
  });
});

describe("model R: begin", () => {
  it("R2 a generation from the Map item's recorded input is the old one", () => {
    const recorded = { ...ALL_RULES, generationFrom: "item" } as const;
    expectBreaks(redrive(recorded, COMMAND), { "USELESS a redriven item was refused": 7 });
    expectBreaks(redrive(recorded, HAND), { "HAND an execution redriven by hand began work": 4 });
  });

  it("R2g without the generation in claim or pin entry, a redrive by hand begins work", () => {
    const either = { ...ALL_RULES, beginPinned: false };
    expectHolds(redrive(either, HAND));
    expectHolds(redrive({ ...ALL_RULES, beginNamesGeneration: false }, HAND));
    expectBreaks(redrive({ ...either, beginNamesGeneration: false }, HAND), {
      "HAND an execution redriven by hand began work": 4,
    });
  });

  it("R2u work begins after the decision, also where there was nothing to charge", () => {
    expectBreaks(redrive({ ...ALL_RULES, beginUndecided: false }, COMMAND), {
      "UNPAID work began after the charge was decided": 6,
      "P4 legacy and order at work at once": 9,
      "P7 decision differs from what was done": 12,
      "P7 row differs from what was done": 12,
    });
    expectBreaks(redrive({ ...ALL_RULES, beginUndecided: false }, free(COMMAND)), {
      "P4 legacy and order at work at once": 9,
      "P7 row differs from what was done": 12,
    });
  });

  it("R2a an Action named by its item alone is found closed, and its work is not done", () => {
    expectBreaks(redrive({ ...ALL_RULES, actionPerGeneration: false }, COMMAND), {
      "USELESS a redriven item was refused": 7,
    });
  });
});

describe("model R: the command", () => {
  it("R3 an execution redriven before the ledger has moved is refused its work", () => {
    expectBreaks(redrive({ ...ALL_RULES, moveFirst: false }, COMMAND), { "USELESS a redriven item was refused": 6 });
  });

  it("R3u so is one whose charge is decided", () => {
    expectBreaks(redrive({ ...ALL_RULES, moveUndecided: false }, COMMAND), {
      "USELESS a redriven item was refused": 10,
    });
  });

  it("R3n holds when nothing to charge counts as decided: such an order is redriven before it is settled, or never", () => {
    expectHolds(redrive({ ...ALL_RULES, moveReopensNone: false }, free(BOTH)));
  });

  it("R4 without the pin, the legacy path works on it beside the redriven item's effect", () => {
    expectBreaks(redrive({ ...ALL_RULES, moveTakesPin: false }, COMMAND), {
      "P4 legacy and order at work at once": 7,
      "USELESS a redriven item was refused": 7,
    });
  });

  it("R5 without the generation that was read, a slow command reopens what has ended since", () => {
    expectHolds(redrive({ ...ALL_RULES, moveNamesGeneration: false }, BOTH));
    expectBreaks(redrive({ ...ALL_RULES, moveNamesGeneration: false }, free(BOTH)), {
      "HANG charge never decided": 17,
    });
  });

  it("R6 a command that died between ledger and execution leaves claims open for ever, unless it goes on", () => {
    expectBreaks(redrive({ ...ALL_RULES, resumes: false }, CRASH), { "P6 claim never ended": 5 });
  });

  it("R7 without a client token, or once it is forgotten, a slow command redrives once more, past the ledger", () => {
    expectBreaks(redrive({ ...ALL_RULES, clientToken: false }, TWO_COMMANDS), {
      "USELESS a redriven item was refused": 11,
    });
  });
});

describe("model R: the settlement of an earlier end", () => {
  it("R8 a move that does not raise the version is settled by who read the record before it", () => {
    expectBreaks(redrive({ ...ALL_RULES, moveRaisesVersion: false }, COMMAND), {
      "STALE settled for an order that was redriven": 7,
      "USELESS a redriven item was refused": 10,
    });
  });

  it("R8g or by who reads it after it, and does not compare generations", () => {
    expectBreaks(redrive({ ...ALL_RULES, decideAt: "any" }, COMMAND), {
      "STALE settled for an order that was redriven": 7,
      "USELESS a redriven item was refused": 10,
    });
  });

  it("R9 an end that does not compare generations ends the redriven claim", () => {
    expectBreaks(redrive({ ...ALL_RULES, endAt: "any" }, free(COMMAND)), {
      "USELESS a redriven item was refused": 12,
      "P4 legacy and order at work at once": 13,
    });
  });

  it("R10 ends that ask for the same generation never end what was redriven by hand", () => {
    expectBreaks(redrive({ ...ALL_RULES, endAt: "same" }, HAND), { "P6 claim never ended": 13 });
    expectBreaks(redrive({ ...ALL_RULES, decideAt: "same" }, HAND), {
      "P6 claim never ended": 9,
      "HANG charge never decided": 9,
    });
  });

  it("R11 a decision for a redrive by hand that does not raise the generation is taken back by a slow command", () => {
    expectHolds(redrive({ ...ALL_RULES, decisionRaises: false }, BOTH));
    expectBreaks(redrive({ ...ALL_RULES, decisionRaises: false }, free(BOTH)), {
      "HANG charge never decided": 17,
    });
  });
});
