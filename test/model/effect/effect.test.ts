import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "../expectations.ts";
import { ALL_RULES, effect } from "./model.ts";
import type { EffectScenario } from "./state.ts";

/** One kill, one zombie and one stop, among two attempts. */
const TWO_WORKERS: EffectScenario = {
  attempts: 2,
  kills: 1,
  zombies: 1,
  stops: 1,
  lostAnswers: 0,
  overlaps: 0,
  relogins: 0,
  staleLists: 0,
};
const LOST_ANSWER: EffectScenario = { ...TWO_WORKERS, lostAnswers: 1 };

describe("model E: the effect and the charge", () => {
  it("E1 holds through a kill, a zombie, a stop and an answer that is lost", () => {
    expectHolds(effect(ALL_RULES, LOST_ANSWER));
  });

  it("E1a holds with three attempts", () => {
    expectHolds(effect(ALL_RULES, { ...TWO_WORKERS, attempts: 3 }));
  });

  it("E2 unless a login closes the other session, never received means nothing", () => {
    expectBreaks(effect({ ...ALL_RULES, sessionFence: false }, TWO_WORKERS), {
      "TWICE registry performed the command twice": 12,
      "UNPAID done after the charge was decided": 15,
      "P7 captured set differs from the items done": 15,
    });
  });

  it("E2l nor does it when the question is asked before the login", () => {
    expectBreaks(effect({ ...ALL_RULES, loginFirst: false }, TWO_WORKERS), {
      "TWICE registry performed the command twice": 12,
      "UNPAID done after the charge was decided": 17,
      "P7 captured set differs from the items done": 20,
    });
  });

  it("E2q nor when the session's own command may still arrive after the question", () => {
    expectBreaks(effect({ ...ALL_RULES, sequence: false }, LOST_ANSWER), {
      "TWICE registry performed the command twice": 12,
      "UNPAID done after the charge was decided": 12,
      "P7 captured set differs from the items done": 12,
    });
  });

  it("E2w a worker that hears nothing and repeats its command does it twice", () => {
    expectBreaks(effect({ ...ALL_RULES, askAfterLoss: false }, LOST_ANSWER), {
      "TWICE registry performed the command twice": 8,
      "UNPAID done after the charge was decided": 13,
    });
  });

  it("E2r so does one that was replaced, logs in again and repeats it", () => {
    expectBreaks(effect({ ...ALL_RULES, replaced: "repeats" }, { ...LOST_ANSWER, relogins: 1 }), {
      "TWICE registry performed the command twice": 11,
      "UNPAID done after the charge was decided": 18,
      "P7 captured set differs from the items done": 22,
    });
  });

  it("E2a and one that logs in again and asks, while its successor is about to forget what it owned", () => {
    expectBreaks(effect({ ...ALL_RULES, replaced: "asks again" }, { ...TWO_WORKERS, relogins: 1 }), {
      "UNPAID done after the charge was decided": 26,
      "TWICE registry performed the command twice": 27,
      "P7 captured set differs from the items done": 27,
    });
  });

  it("E3 a takeover that asks for nothing revives a forgotten effect, uncounted in its order", () => {
    expectBreaks(effect({ ...ALL_RULES, takeOver: "none" }, TWO_WORKERS), {
      "UNPAID done after the charge was decided": 20,
      "P7 captured set differs from the items done": 22,
    });
  });

  it("E3o holds when takeover and end ask only that the effect is open: the session fence names the owner", () => {
    expectHolds(effect({ ...ALL_RULES, takeOver: "open", end: "open" }, LOST_ANSWER));
  });

  it("E4 a decision that ignores open effects cancels what is done a moment later", () => {
    expectBreaks(effect({ ...ALL_RULES, decisionWaits: false }, TWO_WORKERS), {
      "UNPAID done after the charge was decided": 9,
      "P7 captured set differs from the items done": 11,
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
      "P7 captured set differs from the items done": 11,
    });
  });
});

describe("model E: tidying up", () => {
  const UNTIDY = { ...ALL_RULES, tidies: false };
  const SESSIONS: EffectScenario = { ...TWO_WORKERS, zombies: 0, overlaps: 1 };

  it("E1o holds with a session that starts beside another", () => {
    expectHolds(effect(ALL_RULES, SESSIONS));
  });

  it("E1s holds with lists of open effects that are out of date", () => {
    expectHolds(effect(ALL_RULES, { ...LOST_ANSWER, staleLists: 1 }));
  });

  it("E7 without it, an owner that gives up with its task token leaves its effect open for ever", () => {
    expectBreaks(effect({ ...UNTIDY, ownerFinishes: false }, { ...TWO_WORKERS, kills: 0, lostAnswers: 2 }), {
      "HANG effect open for ever": 8,
    });
  });

  it("E7t holds with it: the session that gave up asks again, between its tasks", () => {
    expectHolds(effect({ ...ALL_RULES, ownerFinishes: false }, { ...TWO_WORKERS, lostAnswers: 2 }));
  });

  it("E8 without it, an owner that was killed in a stopped order leaves its effect open for ever", () => {
    expectBreaks(effect(UNTIDY, TWO_WORKERS), { "HANG effect open for ever": 5 });
  });

  it("E9 a session that asks before it logs in forgets what an earlier one still delivers", () => {
    expectBreaks(effect({ ...ALL_RULES, tidyAfterLogin: false }, TWO_WORKERS), {
      "UNPAID done after the charge was decided": 14,
      "P7 captured set differs from the items done": 14,
      "TWICE registry performed the command twice": 15,
    });
  });

  it("E10 forgetting without naming the owner forgets what another session has taken over since", () => {
    expectBreaks(effect({ ...ALL_RULES, forget: "open" }, TWO_WORKERS), {
      "UNPAID done after the charge was decided": 20,
      "TWICE registry performed the command twice": 21,
      "P7 captured set differs from the items done": 21,
    });
  });

  it("E11 a session that tidies beside its own task forgets what it is about to send", () => {
    expectBreaks(effect({ ...ALL_RULES, tidyBetweenTasks: false }, { ...TWO_WORKERS, kills: 0 }), {
      "UNPAID done after the charge was decided": 12,
      "TWICE registry performed the command twice": 13,
      "P7 captured set differs from the items done": 13,
    });
  });
});
