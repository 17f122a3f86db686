import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPartialBatch } from "./partial-batch.ts";

const known = new Set(["a", "b", "c"]);

describe("everything succeeded", () => {
  test.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty object", {}],
    ["an object about something else", { statusCode: 200 }],
    ["a null list", { batchItemFailures: null }],
    ["an empty list", { batchItemFailures: [] }],
  ])("%s", (_, response) => {
    expect(readPartialBatch(response, known)).toEqual({ kind: "succeeded" });
  });
});

describe("everything failed", () => {
  test.each([
    ["a null itemIdentifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["an empty itemIdentifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a good and an empty itemIdentifier", { batchItemFailures: [{ itemIdentifier: "a" }, { itemIdentifier: "" }] }],
    ["another key name", { batchItemFailures: [{ messageId: "a" }] }],
    ["an id that was not in the batch", { batchItemFailures: [{ itemIdentifier: "a" }, { itemIdentifier: "z" }] }],
    ["a number for an id", { batchItemFailures: [{ itemIdentifier: 1 }] }],
    ["bare ids", { batchItemFailures: ["a"] }],
    ["no list", { batchItemFailures: { itemIdentifier: "a" } }],
    ["text", "done"],
    ["empty text", ""],
    ["a boolean", true],
    ["a list", [{ itemIdentifier: "a" }]],
  ])("%s", (_, response) => {
    expect(readPartialBatch(response, known)).toMatchObject({ kind: "all-failed", reason: expect.stringMatching(/./) });
  });
});

test("what is named has failed, in whatever order and however often it is named", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1 }), (ids) => {
      const batchItemFailures = ids.map((itemIdentifier) => ({ itemIdentifier, note: "more keys do no harm" }));
      expect(readPartialBatch({ batchItemFailures }, known)).toEqual({ kind: "some-failed", failed: new Set(ids) });
    }),
  );
});
