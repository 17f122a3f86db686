import { ItemOutcome, type Outcome } from "@crossfade/bridge";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { effectsOf, legacyOutcome, toTracking } from "./outcomes.ts";
import { errorOf } from "./reasons.ts";
import { JobRow, tracking } from "./tracking.ts";

const ref = "J-2026-7f3k0q2m";
const NOW = Date.UTC(2026, 2, 2, 9, 30, 0, 999);
const done = (outcome: Outcome) =>
  ItemOutcome.parse({ itemId: ref, route: "BOOK_SHIPMENT", requestId: ref, ...outcome });

const completed: fc.Arbitrary<Outcome> = fc
  .record({ status: fc.constantFrom("COMPLETED" as const, "COMPLETED_UNPAID" as const), label: fc.webUrl() })
  .map(({ status, label }) => {
    const result = { parcel: "JJ123456789FI", label };
    return { status, result, effects: effectsOf("book", result) };
  });

/** Refused by the carrier, or failed for a reason of the bridge's own. */
const failed: fc.Arbitrary<Outcome> = fc
  .record({
    code: fc.oneof(
      fc.constantFrom("TOO_HEAVY", "ADDRESS_UNKNOWN").map((Code) => ({ Code, Retryable: false })),
      fc.record({ Code: fc.constantFrom("WORK_NOT_DONE", "ORDER_TIMED_OUT"), Retryable: fc.boolean() }),
    ),
    Message: fc.string({ unit: "binary", maxLength: 1000 }),
  })
  .map(({ code, Message }) => ({ status: "FAILED", Error: { ...code, Message }, effects: [] }));

/** Every end of a booking that the carrier, or the bridge in its place, may give it. */
const outcomes = fc.oneof(completed, failed);

describe("the table's words", () => {
  test("legacyOutcome reads what toTracking wrote", () => {
    fc.assert(
      fc.property(outcomes, (outcome) => {
        expect(legacyOutcome("book")(toTracking(done(outcome), NOW))).toEqual(outcome);
      }),
    );
  });

  test("every end is a row that the table's readers know, with its attributes of an end among those that go", () => {
    const first = { ref, merchant: "m-17", parcel: "JJ123456789FI", since: 1_772_443_800 };
    const before = ["event", "state", "changed"];
    fc.assert(
      fc.property(outcomes, (outcome) => {
        const image = toTracking(done(outcome), NOW);
        expect(JobRow.strict().parse({ ...first, ...image }).changed).toBe(1_772_443_800);
        expect(tracking.read({ ...first, ...image })).toEqual({
          key: { route: "BOOK_SHIPMENT", requestId: ref },
          phase: outcome.status === "FAILED" ? "failed" : "completed",
        });
        const ending = Object.keys(image).filter((name) => !before.includes(name));
        expect(tracking.endAttributes).toEqual(expect.arrayContaining(ending));
      }),
    );
  });

  test("say of a job that has not ended that it has not", () => {
    for (const row of [{ state: "NEW" }, { state: "BUSY" }, {}, undefined, "OK"])
      expect(legacyOutcome("book")(row)).toBeUndefined();
    expect(tracking.read({ ref, event: "BOOK_SHIPMENT", ...tracking.working(NOW) })?.phase).toBe("working");
  });

  test("of a row that is none of these jobs nothing is read", () => {
    for (const row of [{ ref, event: "BOOK_SHIPMENT", state: "LOST" }, { ref, state: "OK" }, {}, undefined])
      expect(tracking.read(row)).toBeUndefined();
  });

  test("the old service's own ends are read: a number for each refusal, and words that may be missing", () => {
    expect(legacyOutcome("cancel-pickup")({ state: "KO", reason: 22, note: "gone at nine" })).toEqual({
      status: "FAILED",
      Error: { Code: "ALREADY_PICKED_UP", Message: "gone at nine", Retryable: false },
      effects: [],
    });
    expect(errorOf(undefined)).toEqual({ Code: "UNKNOWN", Message: "", Retryable: true });
    expect(legacyOutcome("book")({ state: "KO", reason: "eleven", note: 5 })).toMatchObject({ status: "FAILED" });
  });
});
