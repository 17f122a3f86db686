import { describe, it } from "vitest";
import { expectBreaks, expectHolds } from "./expectations.ts";
import { type ShadowRules, shadow } from "./shadow.ts";

const AS_BUILT: ShadowRules = {
  ...{ planLast: true, failureIsItsOwn: true, endIsItsOwn: true, twinIsItsOwn: true },
  givesUp: "when forwarded",
};
const TROUBLE = { receives: 3, crashes: 1, failures: 1, losses: 1 };
/** The starts of plans fail for as long as the message is received. */
const THROTTLED = { receives: 3, crashes: 0, failures: 3, losses: 0 };

describe("model S: a message in shadow and its plan", () => {
  it("S1 holds as it is built, through a crash, a failed start and a lost event", () => {
    expectHolds(shadow(AS_BUILT, TROUBLE));
  });

  it("S2 a plan that comes first, and fails its record, keeps the message from the legacy path", () => {
    expectBreaks(shadow({ ...AS_BUILT, planLast: false, failureIsItsOwn: false }, THROTTLED), {
      "P1 the message never reaches the legacy consumer": 6,
      "X3 the shadow never ends": 6,
    });
  });

  it.each(["planLast", "failureIsItsOwn"] as const)("S2t holds by either of the two: %s", (rule) => {
    const rules = { ...AS_BUILT, planLast: false, failureIsItsOwn: false, [rule]: true };
    expectHolds(shadow(rules, THROTTLED));
  });

  it("S3 a plan's end that is taken for its request's lets an order begin beside the legacy consumer", () => {
    expectBreaks(shadow({ ...AS_BUILT, endIsItsOwn: false }, TROUBLE), { "P4 legacy and order at work at once": 8 });
  });

  it("S4 without reconcile a crash between mark and start leaves the shadow open for ever", () => {
    expectBreaks(shadow({ ...AS_BUILT, givesUp: "never" }, TROUBLE), { "X3 the shadow never ends": 10 });
  });

  it("S5 giving a plan up before its message was forwarded gives up one that is still to come", () => {
    expectBreaks(shadow({ ...AS_BUILT, givesUp: "always" }, TROUBLE), {
      "X3 given up while its message was on its way": 3,
    });
  });

  it("S6 a twin's end that is taken for the plan's tells of a plan that still runs", () => {
    expectBreaks(shadow({ ...AS_BUILT, twinIsItsOwn: false }, TROUBLE), {
      "X3 a twin's end is taken for the plan's": 6,
    });
  });
});
