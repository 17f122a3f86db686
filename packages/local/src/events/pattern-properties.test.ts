import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePattern } from "./pattern.ts";

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const name = fc.stringMatching(/^[a-z]{1,4}$/);
/** Letters that collide often, so that wildcards meet partial matches. */
const shortText = fc.stringMatching(/^[ab]{0,8}$/);
const fields = fc.dictionary(name, scalar, { minKeys: 1 });
const matches = (pattern: unknown, event: unknown) => compilePattern(JSON.stringify(pattern))(event);
const exactly = (event: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(event).map(([key, value]) => [key, [value]]));

describe("event patterns, for any input", () => {
  it("an event matches the pattern made of its own values, whatever else it holds", () => {
    fc.assert(
      fc.property(fields, fields, (event, more) =>
        matches({ detail: exactly(event) }, { detail: { ...more, ...event } }),
      ),
    );
  });

  it("a changed value no longer matches", () => {
    fc.assert(
      fc.property(name, scalar, scalar, (key, wanted, found) => {
        expect(matches({ [key]: [wanted] }, { [key]: found })).toBe(Object.is(wanted, found) || wanted === found);
      }),
    );
  });

  it("anything-but is the opposite of the exact match where the field is there", () => {
    const value = fc.oneof(fc.string(), fc.integer());
    const list = fc.oneof(fc.array(fc.string(), { minLength: 1 }), fc.array(fc.integer(), { minLength: 1 }));
    fc.assert(
      fc.property(list, value, (excluded, found) => {
        const passes = matches({ a: [{ "anything-but": excluded }] }, { a: found });
        expect(passes).toBe(!matches({ a: excluded }, { a: found }));
      }),
    );
  });

  it("a list of entries and $or of single entries agree", () => {
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 2 }), scalar, (list, found) => {
        const either = { $or: list.map((entry) => ({ a: [entry] })) };
        expect(matches(either, { a: found })).toBe(matches({ a: list }, { a: found }));
      }),
    );
  });

  it("a numeric range agrees with the comparisons", () => {
    const number = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(number, number, number, (low, high, found) => {
        fc.pre(low < high);
        expect(matches({ a: [{ numeric: [">=", low, "<", high] }] }, { a: found })).toBe(low <= found && found < high);
      }),
    );
  });

  it("a wildcard agrees with the regular expression that says the same", () => {
    const pattern = fc.stringMatching(/^\*?([ab]{1,2}\*)*[ab]{0,2}$/);
    fc.assert(
      fc.property(pattern, shortText, (wildcard, found) => {
        const same = new RegExp(`^${wildcard.replaceAll("*", ".*")}$`);
        expect(matches({ a: [{ wildcard }] }, { a: found })).toBe(same.test(found));
      }),
      { numRuns: 500 },
    );
  });

  it("prefix and suffix agree with text comparison", () => {
    fc.assert(
      fc.property(shortText, shortText, (part, found) => {
        expect(matches({ a: [{ prefix: part }] }, { a: found })).toBe(found.startsWith(part));
        expect(matches({ a: [{ suffix: part }] }, { a: found })).toBe(found.endsWith(part));
      }),
    );
  });

  it("an address is in a block exactly when their first bits agree", () => {
    const bits = fc.integer({ min: 0, max: 0xffffffff });
    const near = fc.tuple(bits, fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 31 }));
    const dotted = (address: number) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
    fc.assert(
      fc.property(near, ([base, length, flipped]) => {
        const found = (base ^ (1 << flipped)) >>> 0;
        const pattern = { a: [{ cidr: `${dotted(base)}/${length}` }] };
        expect(matches(pattern, { a: dotted(base) })).toBe(true);
        expect(matches(pattern, { a: dotted(found) })).toBe(flipped < 32 - length);
      }),
    );
  });

  it("exists true and exists false are opposites", () => {
    fc.assert(
      fc.property(name, fc.jsonValue(), (key, value) => {
        const event = { [key]: value };
        expect(matches({ [key]: [{ exists: true }] }, event)).toBe(!matches({ [key]: [{ exists: false }] }, event));
      }),
    );
  });
});
