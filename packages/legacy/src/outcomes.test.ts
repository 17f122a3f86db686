import { ItemOutcome, type Outcome } from "@crossfade/bridge";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ACTIONS, type WebcatAction } from "./actions.ts";
import { COMMANDS, effectsOf, RefusalCode, softError } from "./commands.ts";
import { legacyOutcome, toTracking } from "./outcomes.ts";
import { PAYMENT_NOT_CAPTURED, TrackingRow } from "./tracking.ts";

const requestId = "6945a898-b1c8-4cf3-bf1d-1c200dbb28d0";
const item = (outcome: Outcome) =>
  ItemOutcome.parse({ itemId: requestId, route: "REGISTER_DOMAIN", requestId, ...outcome });

/** The end of one request as either path can give it. */
const outcomes = (action: WebcatAction): fc.Arbitrary<Outcome> => {
  const result = fc.record(
    { domain: fc.domain(), years: fc.integer({ min: 1, max: 10 }), expiresAt: fc.constant("2027-03-02") },
    { requiredKeys: ["domain", "expiresAt"] },
  );
  const code = fc.oneof(fc.constantFrom(...RefusalCode.options), fc.constant("SERVICE_UNAVAILABLE"));
  return fc.oneof(
    fc.tuple(fc.constantFrom("COMPLETED" as const, "COMPLETED_UNPAID" as const), result).map(([status, done]) => ({
      ...{ status, result: { ...done }, effects: effectsOf(COMMANDS[action], done) },
    })),
    fc.tuple(code, fc.string({ maxLength: 1000 })).map(
      ([name, message]): Outcome => ({
        ...{ status: "FAILED", Error: softError(name, message), effects: [] },
      }),
    ),
  );
};

describe("the old table's words", () => {
  test.each(ACTIONS)("legacyOutcome reads what toTracking wrote (%s)", (action) => {
    fc.assert(
      fc.property(outcomes(action), (outcome) => {
        expect(legacyOutcome(action)(toTracking(item(outcome), 1_772_445_000_000))).toEqual(outcome);
      }),
    );
  });

  test("what toTracking writes keeps the contract of the row", () => {
    const first = { requestId, customerId: "cust-1", domain: "example.fi", createdAt: "2026-03-02T09:30:00.000Z" };
    fc.assert(
      fc.property(outcomes("RegisterDomain"), (outcome) => {
        const row = { ...first, ...toTracking(item(outcome), 1_772_445_000_000) };
        expect(TrackingRow.safeParse(row).success).toBe(true);
      }),
    );
  });

  test("done without its capture is COMPLETED with a code of its own", () => {
    const result = { domain: "example.fi", years: 1, expiresAt: "2027-03-02" };
    expect(toTracking(item({ status: "COMPLETED_UNPAID", effects: [], result }), 0)).toEqual({
      type: "REGISTER_DOMAIN",
      status: "COMPLETED",
      result,
      errorCode: PAYMENT_NOT_CAPTURED,
      errorMessage: "the work is done, but its charge was not captured",
      updatedAt: "1970-01-01T00:00:00.000Z",
    });
  });

  test("done without a result that can be had is COMPLETED and says why; a missing capture outranks it", () => {
    const resultCheck = { sha256: "a".repeat(64), bytes: 300_000 };
    const gone = { Code: "CLAIM_CHECK_MISSING", Message: "nothing is kept", Retryable: false };
    const row = { type: "REGISTER_DOMAIN", status: "COMPLETED", updatedAt: "1970-01-01T00:00:00.000Z" };
    const told = (status: "COMPLETED" | "COMPLETED_UNPAID") =>
      toTracking(item({ status, effects: [], resultCheck, Error: gone }), 0);
    expect(told("COMPLETED")).toEqual({ ...row, errorCode: gone.Code, errorMessage: gone.Message });
    expect(told("COMPLETED_UNPAID")).toMatchObject({ ...row, errorCode: PAYMENT_NOT_CAPTURED });
  });

  test("the error of an earlier attempt on a completed row does not count", () => {
    const row = { status: "COMPLETED", errorCode: "ORDER_TIMED_OUT", result: { domain: "example.fi" } };
    expect(legacyOutcome("RefreshDomain")(row)).toEqual({
      status: "COMPLETED",
      effects: [{ service: "registry", command: "refresh", target: "example.fi" }],
      result: { domain: "example.fi" },
    });
  });

  test("only what a service refused for good is not to be tried again", () => {
    expect(softError("DOMAIN_TAKEN", "").Retryable).toBe(false);
    expect(softError("SERVICE_UNAVAILABLE", "").Retryable).toBe(true);
  });

  test.each([{ status: "RECEIVED" }, { status: "PROCESSING" }, {}, undefined, "COMPLETED"])(
    "%j has not ended",
    (row) => {
      expect(legacyOutcome("UpdateDns")(row)).toBeUndefined();
    },
  );

  test("a failed row without its words is still a failure", () => {
    expect(legacyOutcome("UpdateDns")({ status: "FAILED" })).toEqual({
      status: "FAILED",
      Error: { Code: "UNKNOWN", Message: "", Retryable: true },
      effects: [],
    });
  });
});
