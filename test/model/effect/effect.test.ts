import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "../expectations.ts";
import { ALL_RULES, effect } from "./model.ts";
import type { EffectScenario } from "./state.ts";

/** One kill, one zombie and one stop, among two attempts. */
const TWO_WORKERS: EffectScenario = { attempts: 2, kills: 1, zombies: 1, stops: 1, lostAnswers: 0 };

describe("model E: the effect and the charge", () => {
  it("E1 holds through a kill, a zombie and a stop", () => {
    expectHolds(effect(ALL_RULES, TWO_WORKERS));
  });

  it("E1a holds with three workers and an answer that is lost", () => {
    expectHolds(effect(ALL_RULES, { ...TWO_WORKERS, attempts: 3, lostAnswers: 1 }));
  });

  it("E2 unless a login closes the other session, unknown means nothing", () => {
    expectBreaks(effect({ ...ALL_RULES, sessionFence: false }, TWO_WORKERS), {
      "TWICE registry performed the command twice": 12,
      "UNPAID done after the charge was decided": 17,
    });
  });

  it("E2l nor does it when the question is asked before the login", () => {
    expectBreaks(effect({ ...ALL_RULES, loginFirst: false }, TWO_WORKERS), {
      "TWICE registry performed the command twice": 12,
      "UNPAID done after the charge was decided": 17,
    });
  });

  it("E2r nor when a client that was cut off logs in again and repeats its command", () => {
    expectBreaks(effect({ ...ALL_RULES, askAfterReconnect: false }, TWO_WORKERS), {
      "TWICE registry performed the command twice": 18,
      "UNPAID done after the charge was decided": 28,
    });
  });

  it("E3 a takeover or end that does not name the owner it saw miscounts the open effects", () => {
    expectBreaks(effect({ ...ALL_RULES, takeoverByCas: false }, TWO_WORKERS), {
      "HANG charge never decided": 13,
      "P7 captured set differs from the items done": 23,
    });
  });

  it("E4 a decision that ignores open effects cancels what is done a moment later", () => {
    expectBreaks(effect({ ...ALL_RULES, decisionWaits: false }, TWO_WORKERS), {
      "UNPAID done after the charge was decided": 9,
      "P7 captured set differs from the items done": 10,
    });
  });

  it("E5 a decision without the version misses an effect that came and went since its read", () => {
    expectBreaks(effect({ ...ALL_RULES, decisionVersioned: false }, TWO_WORKERS), {
      "P7 captured set differs from the items done": 11,
    });
  });

  it("E5r and so it does when the version is read after the results", () => {
    expectBreaks(effect({ ...ALL_RULES, versionReadFirst: false }, TWO_WORKERS), {
      "P7 captured set differs from the items done": 9,
    });
  });

  it("E6 an effect begun after the decision is done unpaid", () => {
    expectBreaks(effect({ ...ALL_RULES, beginUndecided: false }, TWO_WORKERS), {
      "UNPAID done after the charge was decided": 9,
      "P7 captured set differs from the items done": 10,
    });
  });

  it("E7 an owner that gives up with its task token leaves its effect open for ever", () => {
    expectBreaks(effect({ ...ALL_RULES, ownerFinishes: false }, TWO_WORKERS), {
      "HANG effect open, its owner alive but idle": 10,
    });
  });
});
