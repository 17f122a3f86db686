import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_ORDER_RECORD } from "../charge.ts";
import { ExecutionName } from "../ids.ts";
import { aClaim, aKey, COMPLETED, NOW, TAKEN } from "../testing.ts";
import { type StoryFacts, timelineOf } from "./timeline.ts";
import type { ExecutionView } from "./views.ts";

const nothing: Omit<StoryFacts, "claim"> = {
  ...{ effects: [], charge: undefined, redrives: [], order: undefined, shadow: undefined, verdicts: [] },
};
const SECOND = 1_000;
const told = (facts: StoryFacts): string[] =>
  timelineOf(facts).map(
    ({ at, lane, what, detail }) =>
      `${(at - NOW) / SECOND} ${lane}: ${what}${detail === undefined ? "" : ` (${detail})`}`,
  );

const execution = (machine: string, given: Partial<ExecutionView>): ExecutionView => ({
  ...{ name: `${machine}-x`, arn: `arn:${machine}`, machine: `webcat-${machine}`, status: "SUCCEEDED" },
  ...{ startedAt: NOW, redriveCount: 0, history: [], children: [], ...given },
});
const effect = {
  ...{ n: 0, generation: 0, role: "whole" as const, owner: "w", begunAt: NOW + 2 * SECOND },
  ...{ sentAt: undefined, outcome: undefined },
};

describe("a request's timeline", () => {
  it("of the legacy path tells when it was sent, when its row ended, how its plan did and what was judged", () => {
    const shadow = { executionName: ExecutionName.parse("shadow-1"), outcome: COMPLETED, endedAt: NOW + 2 * SECOND };
    const claim = aClaim("legacy", {
      forwardedAt: NOW + SECOND,
      endedAt: NOW + 9 * SECOND,
      legacyOutcome: TAKEN,
      shadow,
    });
    const sample = { verdict: "mismatch" as const, differences: [{ kind: "changed" as const, path: "a", group: "a" }] };
    const verdict = { ...aKey("request-1"), against: "legacy" as const, verdict: "mismatch" as const, at: NOW + 9_500 };
    expect(told({ ...nothing, claim, verdicts: [{ ...verdict, sample }] })).toEqual([
      "0 bridge: claimed for the legacy path (stage split, rollout version 1, bucket 7)",
      "0 shadow: sampled: a plan was asked for",
      "1 legacy: sent to the legacy consumer",
      "2 shadow: plan ended: COMPLETED",
      "9 legacy: ended by the old row: FAILED DOMAIN_TAKEN",
      "9.5 bridge: judged against legacy: mismatch (1 difference)",
    ]);
  });

  it("of the order path tells of its execution, Action, effect, charge and redrive", () => {
    const claim = aClaim("order", {
      ...{ startedAt: NOW + SECOND, endedAt: NOW + 8 * SECOND, orderOutcome: COMPLETED, generation: 1 },
    });
    const done = {
      ...COMPLETED,
      effects: [{ service: "registry", command: "register", target: "x", at: NOW + 5_000 }],
    };
    const child = execution("RegisterDomain", { startedAt: NOW + 1_500, stoppedAt: NOW + 5_500 });
    const order = {
      execution: execution("Order", { startedAt: NOW + 1_000, stoppedAt: NOW + 7_000, children: [child] }),
      own: [child.name],
    };
    const charge = {
      ...EMPTY_ORDER_RECORD,
      decision: { kind: "capture" as const, items: ["REGISTER_DOMAIN#request-1"], sum: 1200 },
      ...{ decidedAt: NOW + 6_000, carriedOut: true },
    };
    const redrives = [{ by: "Aino", reason: "it is back", at: NOW + 500, executionArn: "arn" }];
    expect(told({ ...nothing, claim, order, charge, redrives, effects: [{ ...effect, outcome: done }] })).toEqual([
      "0 bridge: claimed for the order path (stage split, rollout version 1, bucket 7)",
      "0.5 bridge: redriven by Aino (it is back)",
      "1 order: order started (Order-x)",
      "1.5 order: action RegisterDomain started (RegisterDomain-x)",
      "2 order: effect 0 (whole) begun",
      "5 order: effect 0 (whole) ended: COMPLETED",
      "5.5 order: action RegisterDomain SUCCEEDED",
      "6 order: charge decided: capture 1200, items: 1 (carried out)",
      "7 order: order SUCCEEDED",
      "8 order: ended, and its row says so: COMPLETED",
    ]);
  });

  it("says of delegated work when the legacy service was asked, and of an open effect that it is open", () => {
    const claim = aClaim("order", { integration: "delegate", origin: "direct" });
    const asked = { ...effect, generation: 2, sentAt: NOW + 3_000 };
    expect(told({ ...nothing, claim, effects: [asked] })).toEqual([
      "0 bridge: placed directly, and claimed for the order path (stage split, rollout version 1, bucket 7, the work is delegated to the legacy service)",
      "2 legacy: effect 0 (whole, generation 2) begun (it is open: nobody has told its end)",
      "3 legacy: delegated message sent to the legacy service",
    ]);
  });

  it("says of an order that Step Functions has forgotten that it has", () => {
    expect(told({ ...nothing, claim: aClaim("order", { startedAt: NOW }) })[1]).toMatch(/does not know .* 90 days/);
  });

  it("says who reads of an end that was recorded without a time of its own no earlier time than its beginning", () => {
    const [, begun, ended] = told({ ...nothing, claim: aClaim("order"), effects: [{ ...effect, outcome: TAKEN }] });
    expect([begun, ended]).toEqual([
      "2 order: effect 0 (whole) begun",
      "2 order: effect 0 (whole) ended: FAILED DOMAIN_TAKEN (when is not recorded)",
    ]);
  });

  it("is in order of time, whatever came when, and tells no message of an error", () => {
    const time = fc.integer({ min: 0, max: 1_000_000 }).map((after) => NOW + after);
    const outcome = { ...TAKEN, Error: { Code: "X", Message: "Aino Aalto", Retryable: false } };
    fc.assert(
      fc.property(time, time, time, time, (startedAt, endedAt, begunAt, decidedAt) => {
        const claim = aClaim("order", { startedAt, endedAt, orderOutcome: outcome });
        const charge = { ...EMPTY_ORDER_RECORD, decision: { kind: "cancel" as const }, decidedAt };
        const events = timelineOf({ ...nothing, claim, charge, effects: [{ ...effect, begunAt, outcome }] });
        const times = events.map(({ at }) => at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(JSON.stringify(events)).not.toContain("Aino");
      }),
      { seed: 7 },
    );
  });
});
