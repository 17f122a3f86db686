import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyHash, canonicalJson, derivedUuid } from "./hash.ts";

/** The same value with the keys of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, reversed(inner)])
      .reverse(),
  );
}

const values = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes("__proto__"));

describe("canonical JSON", () => {
  it("is the same bytes for the same value, whatever the order of its keys (property)", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it("says what the value says (property)", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("keeps the order of an array", () => {
    expect(canonicalJson({ b: [2, 1], a: { d: null, c: "ä" } })).toBe('{"a":{"c":"ä","d":null},"b":[2,1]}');
  });

  it("orders the keys of large objects too", () => {
    const names = Array.from({ length: 500 }, (_, n) => `k${n}`);
    const large = Object.fromEntries(names.map((name) => [name, 1]));
    expect(canonicalJson(reversed(large))).toBe(canonicalJson(large));
  });

  it.each([
    ["nothing", undefined],
    ["a function", () => 1],
    ["a number that JSON has not", { n: Number.POSITIVE_INFINITY }],
  ])("refuses %s", (_, value) => {
    expect(() => canonicalJson(value)).toThrow();
  });
});

describe("the hash of a body", () => {
  it("differs where the value differs (property)", () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        expect(bodyHash(one) === bodyHash(other)).toBe(canonicalJson(one) === canonicalJson(other));
      }),
    );
  });

  it("never changes: it is stored with every claim", () => {
    // Computed with: printf '%s' '{"a":1,"b":[true,null]}' | sha256sum
    expect(bodyHash({ b: [true, null], a: 1 })).toBe(
      "1cc69c7fa23616ca2ec3ee70d24390a6225c8832db8a4c814c7e0e7f942f8668",
    );
  });
});

describe("a derived UUID", () => {
  it("has version 5 and follows from its parts alone, for any text (property)", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (parts) => {
        expect(derivedUuid(...parts)).toBe(derivedUuid(...parts));
        expect(derivedUuid(...parts)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  it("tells parts apart that read the same when joined", () => {
    const ids = [derivedUuid("a", "bc"), derivedUuid("ab", "c"), derivedUuid("abc"), derivedUuid("a,bc")];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("tells lone surrogates apart", () => {
    expect(derivedUuid("\ud800")).not.toBe(derivedUuid("\ud801"));
  });
});
