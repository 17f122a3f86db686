import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClaimCheck, contentOf, type Found, payloadOf } from "./claim-check.ts";
import { bridgeError } from "./testing.ts";

const VALUE = { name: "Åke Mäki-Öljymäki €", n: 1 };
const { check, text } = payloadOf(VALUE);
const found = (content: string): Found => ({ kind: "found", content: Buffer.from(content) });

/** What JSON can say; the empty prototype of `__proto__` is none of it. */
const objects = fc
  .dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" }))
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => !JSON.stringify(value).includes("__proto__"));

describe("a payload", () => {
  it("has one check, whatever the order of its keys, and its size in bytes", () => {
    expect(payloadOf({ n: 1, name: VALUE.name })).toEqual({ check, text });
    expect(check.bytes).toBe(Buffer.byteLength(JSON.stringify(VALUE)));
    expect(check.bytes).toBeGreaterThan(text.length);
    expect(ClaimCheck.parse(check)).toEqual(check);
  });

  it("comes back as it was (property)", () => {
    fc.assert(
      fc.property(objects, (value) => {
        const payload = payloadOf(value);
        expect(contentOf(payload.check, found(payload.text))).toEqual(value);
      }),
    );
  });
});

describe("what is found under a check is looked at before it is used", () => {
  const another = JSON.stringify({ ...VALUE, n: 2 });

  it.each([
    ["nothing", { kind: "missing" as const }, "CLAIM_CHECK_MISSING" as const],
    ["another size, by the store's word", { kind: "other-size" as const }, "CLAIM_CHECK_FORGED" as const],
    ["a byte more", found(`${text} `), "CLAIM_CHECK_FORGED" as const],
    ["a byte less", found(text.slice(0, -1)), "CLAIM_CHECK_FORGED" as const],
    ["other data of the same size", found(another), "CLAIM_CHECK_FORGED" as const],
  ])("%s", (_, what, code) => {
    expect(Buffer.byteLength(another)).toBe(check.bytes);
    expect(() => contentOf(check, what)).toThrow(bridgeError(code, "reject"));
  });

  it("a check that lies about the size is forged, whatever its hash", () => {
    const lie = { ...check, bytes: check.bytes + 1 };
    expect(() => contentOf(lie, found(text))).toThrow(bridgeError("CLAIM_CHECK_FORGED", "reject"));
  });

  it.each(["[]", "7", '"text"', "no JSON"])("a check made of %s is forged", (content) => {
    const made = { ...payloadOf(null).check, bytes: content.length };
    const honest = content === "no JSON" ? made : payloadOf(JSON.parse(content)).check;
    expect(() => contentOf(honest, found(content))).toThrow(bridgeError("CLAIM_CHECK_FORGED", "reject"));
  });
});

describe("a claim check is refused", () => {
  it.each([
    ["with a hash in capitals", { sha256: check.sha256.toUpperCase() }],
    ["with a hash that is a path", { sha256: `../${check.sha256.slice(3)}` }],
    ["with a longer hash", { sha256: `${check.sha256}0` }],
    ["with half a byte", { bytes: 1.5 }],
    ["with less than nothing", { bytes: -1 }],
    ["with a field of its own", { bucket: "another" }],
  ])("%s", (_, given) => {
    expect(ClaimCheck.safeParse({ ...check, ...given }).success).toBe(false);
  });
});
