import { describe, it } from "vitest";
import { type DelegateRules, type DelegateScenario, delegate } from "./delegate.ts";
import { expectBreaks, expectHolds } from "./expectations.ts";

const FIRST_DESIGN: DelegateRules = {
  storeFirst: true,
  newestToken: false,
  sendOnce: false,
  fifo: false,
  rowCheck: false,
  readAfterStore: false,
  tokenOutlivesLambda: false,
  neverFailSent: false,
};
/** Without a FIFO queue: enough as long as no Lambda dies between send and mark. */
const MARKED: DelegateRules = {
  ...FIRST_DESIGN,
  newestToken: true,
  sendOnce: true,
  readAfterStore: true,
  tokenOutlivesLambda: true,
  neverFailSent: true,
};
const ALL_RULES: DelegateRules = { ...MARKED, fifo: true };

const QUIET: DelegateScenario = { attempts: 1, crashes: 0, timeouts: 0, repeatedRecords: 0 };
const TIMEOUT: DelegateScenario = { ...QUIET, attempts: 2, timeouts: 1 };
const TIMEOUTS: DelegateScenario = { attempts: 2, crashes: 0, timeouts: 3, repeatedRecords: 1 };
const CRASH: DelegateScenario = { attempts: 2, crashes: 1, timeouts: 2, repeatedRecords: 1 };

describe("model C: the delegated action", () => {
  it("C1 as first written it fails done work, does it twice, or hangs", () => {
    expectBreaks(delegate(FIRST_DESIGN, { ...CRASH, timeouts: 1 }), {
      "P7 action FAILED, legacy worker did the work": 7,
      "TWICE legacy worker did the delegated work twice": 10,
      "HANG row ended, token never completed": 11,
    });
  });

  it("C2 sent before its token is stored, the work may end unheard", () => {
    expectBreaks(delegate({ ...FIRST_DESIGN, storeFirst: false }, QUIET), {
      "HANG row ended, token never completed": 7,
    });
  });

  it("C2b a token that times out is enough to send twice", () => {
    expectBreaks(delegate(FIRST_DESIGN, { ...TIMEOUT, repeatedRecords: 1 }), {
      "TWICE legacy worker did the delegated work twice": 10,
      "HANG row ended, token never completed": 15,
    });
  });

  it("C3 an action out of attempts fails though its work is under way", () => {
    expectBreaks(delegate({ ...MARKED, neverFailSent: false }, { ...TIMEOUTS, timeouts: 2 }), {
      "P7 action FAILED, legacy worker did the work": 12,
    });
  });

  it("C4 holds without a crash when the send is marked and the action waits on a new token", () => {
    expectHolds(delegate(MARKED, TIMEOUTS));
  });

  it("C4m sends twice without the mark", () => {
    expectBreaks(delegate({ ...MARKED, sendOnce: false }, TIMEOUTS), {
      "TWICE legacy worker did the delegated work twice": 11,
    });
  });

  it("C4n an older attempt that stores over a newer one leaves the newer hanging", () => {
    const racing = { ...ALL_RULES, tokenOutlivesLambda: false };
    expectHolds(delegate(racing, TIMEOUT));
    expectBreaks(delegate({ ...racing, newestToken: false }, TIMEOUT), { "HANG row ended, token never completed": 14 });
  });

  it("C5 mark and row check do not survive a crash between send and mark", () => {
    expectBreaks(delegate({ ...MARKED, rowCheck: true }, CRASH), {
      "TWICE legacy worker did the delegated work twice": 10,
    });
  });

  it("C6 holds through crashes when the forward queue is FIFO, keyed by request", () => {
    expectHolds(delegate(ALL_RULES, { ...TIMEOUTS, crashes: 2 }));
  });

  it("C6r hangs when the outcome is not read after the last write", () => {
    expectBreaks(delegate({ ...ALL_RULES, readAfterStore: false }, CRASH), {
      "HANG row ended, token never completed": 12,
    });
  });

  it("C6t fails done work when a token may time out under its Lambda", () => {
    expectBreaks(delegate({ ...ALL_RULES, tokenOutlivesLambda: false }, CRASH), {
      "P7 action FAILED, legacy worker did the work": 7,
    });
  });

  it("C6f fails done work when an action may fail after its intent", () => {
    expectBreaks(delegate({ ...ALL_RULES, neverFailSent: false }, CRASH), {
      "P7 action FAILED, legacy worker did the work": 9,
    });
  });

  it("C6s fails done work when the send comes before the intent is stored", () => {
    expectBreaks(delegate({ ...ALL_RULES, storeFirst: false }, { ...TIMEOUTS, crashes: 2 }), {
      "P7 action FAILED, legacy worker did the work": 6,
    });
  });
});
