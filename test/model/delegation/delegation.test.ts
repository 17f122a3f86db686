import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "../expectations.ts";
import { ALL_RULES, delegation, QUIET } from "./model.ts";
import type { DelegationScenario } from "./state.ts";

const CRASH: DelegationScenario = { ...QUIET, crashes: 1 };
const STOP: DelegationScenario = { ...QUIET, stops: 1, crashes: 1 };
const ZOMBIE: DelegationScenario = { ...QUIET, timeouts: 1, zombies: 1 };
const RECORDS: DelegationScenario = { ...QUIET, lostRecords: 1, repeatedRecords: 1, timeouts: 1 };
const REPEATS: DelegationScenario = { ...QUIET, legacyRepeats: 1, lostRecords: 1, repeatedRecords: 1 };
const WINDOW: DelegationScenario = { ...QUIET, windows: 1 };

describe("model C: the delegated action as it is built", () => {
  it("C7 holds through a stop, a crash and a Lambda that goes on after its task timed out", () => {
    expectHolds(delegation(ALL_RULES, { ...STOP, zombies: 1 }));
  });

  it("C7c holds through two crashes", () => {
    expectHolds(delegation(ALL_RULES, { ...QUIET, crashes: 2 }));
  });

  it("C7t holds when the task times out, and tries again for ever", () => {
    expectHolds(delegation(ALL_RULES, { ...ZOMBIE, timeouts: 2 }));
  });

  it("C7o holds with stream records that are lost or come again", () => {
    expectHolds(delegation(ALL_RULES, RECORDS));
  });

  it("C7l holds when the legacy consumer works again on its message and ends otherwise", () => {
    expectHolds(delegation(ALL_RULES, REPEATS));
  });

  it("C7w holds when effect and token are two writes, and when observe removes whatever token is there", () => {
    const relaxed = { ...ALL_RULES, tokenWithEffect: false, removeSame: false };
    expectHolds(delegation(relaxed, STOP));
    expectHolds(delegation(relaxed, ZOMBIE));
    expectHolds(delegation(relaxed, RECORDS));
  });
});

describe("model C: work is sent once", () => {
  it("C8 an order stopped as its Lambda dies before the send is open for ever, unless reconcile sends", () => {
    expectBreaks(delegation({ ...ALL_RULES, reconcileUnmarked: "nothing" }, STOP), { "HANG effect open for ever": 4 });
  });

  it("C8f forgetting it instead forgets what was sent and not marked", () => {
    expectBreaks(delegation({ ...ALL_RULES, reconcileUnmarked: "forget" }, STOP), {
      "UNPAID legacy work began after the decision": 11,
      "P7 decision differs from what was done": 14,
      "LATE nothing but a timeout ends the action": 17,
    });
  });

  it("C9 marked before it is sent, it may never be", () => {
    expectBreaks(delegation({ ...ALL_RULES, mark: "before" }, STOP), {
      "HANG action waits for ever": 4,
      "HANG effect open for ever": 5,
    });
  });

  it("C10 without a FIFO queue a crash between send and mark sends twice", () => {
    expectBreaks(delegation({ ...ALL_RULES, fifo: false }, CRASH), {
      "TWICE the bridge sent a second legacy copy": 7,
    });
  });

  it("C10z and so does a Lambda that goes on after its task timed out", () => {
    expectBreaks(delegation({ ...ALL_RULES, fifo: false }, ZOMBIE), {
      "TWICE the bridge sent a second legacy copy": 8,
    });
  });

  it("C11 the mark outlives the memory of the FIFO queue", () => {
    const forgetful = { ...WINDOW, timeouts: 1 };
    expectHolds(delegation(ALL_RULES, forgetful));
    expectBreaks(delegation({ ...ALL_RULES, mark: "none" }, forgetful), {
      "TWICE the bridge sent a second legacy copy": 8,
    });
  });

  it("C12 a crash before the mark, tried again after the queue has forgotten, sends twice", () => {
    expectBreaks(delegation(ALL_RULES, { ...WINDOW, crashes: 1 }), {
      "TWICE the bridge sent a second legacy copy": 8,
    });
  });

  it("C12l looking at the row first does not help while the legacy consumer has not begun", () => {
    expectBreaks(delegation({ ...ALL_RULES, unmarked: "look first" }, { ...WINDOW, crashes: 1 }), {
      "TWICE the bridge sent a second legacy copy": 8,
    });
  });

  it("C12z so does a Lambda that lives longer than the queue remembers", () => {
    expectBreaks(delegation(ALL_RULES, { ...WINDOW, zombies: 1 }), {
      "TWICE the bridge sent a second legacy copy": 9,
    });
  });

  it("C12n never sending what another may have sent leaves work that nobody sent", () => {
    const once = { ...ALL_RULES, unmarked: "never send", reconcileUnmarked: "nothing" } as const;
    expectBreaks(delegation(once, { ...WINDOW, crashes: 1 }), { "HANG action waits for ever": 3 });
  });
});

describe("model C: the action ends with its row", () => {
  it("C13 completing in observe alone misses the token that is stored after it", () => {
    expectBreaks(delegation({ ...ALL_RULES, readAfterMark: false }, ZOMBIE), {
      "HANG action waits for ever": 9,
      "LATE nothing but a timeout ends the action": 16,
    });
  });

  it("C13l completing in the Lambda alone waits for a timeout", () => {
    expectBreaks(delegation({ ...ALL_RULES, observeCompletes: false }, ZOMBIE), {
      "LATE nothing but a timeout ends the action": 10,
    });
  });

  it("C14 observe that reads the token before it writes the outcome misses one, until the next timeout", () => {
    expectBreaks(delegation({ ...ALL_RULES, outcomeFirst: false }, ZOMBIE), {
      "LATE nothing but a timeout ends the action": 18,
    });
  });

  it("C15 an older attempt that stores over a newer one leaves the newer to its timeout", () => {
    expectBreaks(delegation({ ...ALL_RULES, newestToken: false }, ZOMBIE), {
      "LATE nothing but a timeout ends the action": 18,
    });
  });

  it("C16 an action that gives up ends otherwise than its row", () => {
    expectBreaks(delegation({ ...ALL_RULES, neverGivesUp: false }, STOP), {
      "P7 action ended otherwise than its row": 8,
    });
  });

  it("C17 a token completed with what the row says now may contradict what the ledger says", () => {
    expectBreaks(delegation({ ...ALL_RULES, recordedOutcome: false }, REPEATS), {
      "P7 action ended otherwise than its row": 16,
    });
  });

  it("C18 a lost record leaves the action waiting for ever, unless reconcile reads the row", () => {
    expectBreaks(delegation({ ...ALL_RULES, reconcileRows: false }, RECORDS), {
      "HANG action waits for ever": 6,
      "LATE nothing but a timeout ends the action": 9,
    });
  });

  it("C18t a record lost after observe died half-way waits for a timeout, unless reconcile looks at tokens", () => {
    const halfWay = { ...RECORDS, crashes: 1 };
    expectBreaks(delegation(ALL_RULES, halfWay), { "LATE nothing but a timeout ends the action": 12 });
    expectHolds(delegation({ ...ALL_RULES, reconcileTokens: true }, halfWay));
  });
});

describe("model C: the charge of a delegated item", () => {
  it("C19 a decision that ignores open effects cancels what legacy does a moment later", () => {
    expectBreaks(delegation({ ...ALL_RULES, decisionWaits: false }, STOP), {
      "UNPAID legacy work began after the decision": 7,
      "P7 decision differs from what was done": 14,
    });
  });

  it("C19v a decision without the version misses work that came and went since its read", () => {
    expectBreaks(delegation({ ...ALL_RULES, decisionVersioned: false }, STOP), {
      "P7 decision differs from what was done": 14,
    });
  });

  it("C19b work begun after the decision is done unpaid", () => {
    expectBreaks(delegation({ ...ALL_RULES, beginUndecided: false }, STOP), {
      "UNPAID legacy work began after the decision": 7,
      "P7 decision differs from what was done": 14,
    });
  });
});
