import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../outcome.ts";
import { maskText } from "./personal-text.ts";
import { compareRules } from "./rules.ts";
import { fittedSample, LONGEST_PATH, MAX_SAMPLE_BYTES, type Sample, sampleOf } from "./sample.ts";
import { registered } from "./testing.ts";
import { judge } from "./verdict.ts";

const rules = compareRules({ personal: ["effects.*.details.registrant"] });

function kept(old: Outcome, other: Outcome) {
  const judged = judge(old, other, rules, { late: false });
  if (judged === undefined) throw new TypeError("both sides are there");
  return sampleOf(old, other, judged, rules);
}

describe("a sample that is too large to be kept", () => {
  const difference = (n: number, length = 10) => ({
    kind: "extra" as const,
    path: `effects[${n}].${"k".repeat(length)}${n % 30}`,
    group: `effects[*].${"k".repeat(length)}${n % 30}`,
    new: "v".repeat(300),
  });
  const differences = Array.from({ length: 60 }, (_, n) => difference(n));
  const size = (sample: Sample) => Buffer.byteLength(JSON.stringify(sample));

  it("that fits is kept as it is", () => {
    const small: Sample = { verdict: "mismatch", old: { a: 1 }, new: { a: 2 }, differences: [difference(1)] };
    expect(fittedSample(small)).toBe(small);
  });

  it.each([
    ["its outcomes", 5, 10, { differences: differences.slice(0, 5) }],
    ["all but twenty kinds of difference", 60, 10, {}],
    ["values, and the ends of long paths", 60, 700, {}],
  ])("loses %s", (_, many, length, expected) => {
    const large = Array.from({ length: many }, (_unused, n) => difference(n, length));
    const kept = fittedSample({ verdict: "late", old: "o".repeat(20_000), new: "n", differences: large });
    expect(kept).toMatchObject({ verdict: "late", cut: true, ...expected });
    expect([kept.old, kept.new]).toEqual([undefined, undefined]);
    expect(size(kept)).toBeLessThanOrEqual(MAX_SAMPLE_BYTES);
    expect(kept.differences.length).toBe(Math.min(20, many));
    expect(new Set(kept.differences.map(({ group }) => group)).size).toBe(
      length > LONGEST_PATH ? 1 : kept.differences.length,
    );
  });

  it("loses everything but its verdict where nothing else helps", () => {
    const paths = Array.from({ length: 60 }, (_, n) => ({
      ...difference(n),
      path: `${n}${"€".repeat(400)}`,
      group: `${n}${"€".repeat(400)}`,
    }));
    expect(fittedSample({ verdict: "mismatch", differences: paths })).toEqual({
      ...{ verdict: "mismatch", differences: [], cut: true },
    });
  });
});

describe("a sample without personal data", () => {
  it("shows that two values are equal or not, and nothing else of them", () => {
    const old = registered({ registrant: { name: "Aino Aalto", email: "aino@example.fi", age: 41 } });
    const other = registered({ registrant: { name: "Aino Aalto", email: "a@example.fi", age: 41 } });
    const { differences, old: was, new: is } = kept(old, other);
    expect(differences).toMatchObject([
      { kind: "changed", path: "effects[0].details.registrant.email", old: "[masked 2]", new: "[masked 4]" },
    ]);
    const registrant = { name: "[masked 1]", email: "[masked 2]", age: "[masked 3]" };
    expect(was).toMatchObject({ effects: [{ target: "example.fi", details: { registrant } }] });
    expect(is).toMatchObject({ effects: [{ details: { registrant: { ...registrant, email: "[masked 4]" } } }] });
  });

  it("holds none of it in messages and keys either", () => {
    const told = (name: string): Outcome => ({
      status: "FAILED",
      Error: {
        Code: "REFUSED",
        Message: `AINO AALTO <${name}@example.fi> at +358 40 123 4567 was refused`,
        Retryable: false,
      },
      effects: registered({ registrant: "Aino Aalto", [`${name}@example.fi`]: true }).effects,
    });
    const text = JSON.stringify(kept(told("aino"), told("eino")));
    expect(text).not.toMatch(/aino|aalto|eino|123 4567|@/i);
    expect(text).toContain("was refused");
  });

  it("holds none that only `clean` brings under a personal path", () => {
    const renamed = compareRules({
      personal: ["effects.*.details.registrant"],
      clean: (outcome) => ({
        ...outcome,
        effects: outcome.effects.map((effect) => {
          const { holder, ...details } = effect.details ?? {};
          return { ...effect, details: { ...details, ...(holder !== undefined && { registrant: holder }) } };
        }),
      }),
    });
    const [old, other] = [registered({ holder: "Aino Aalto" }), registered({ registrant: "Eino Eerola" })];
    const judged = judge(old, other, renamed, { late: false });
    if (judged === undefined) throw new TypeError("both sides are there");
    const sample = sampleOf(old, other, judged, renamed);
    expect(sample.old).toMatchObject({ effects: [{ details: { holder: expect.stringMatching(/^\[masked \d\]$/) } }] });
    expect(sample.differences).toHaveLength(1);
    expect(JSON.stringify(sample)).not.toMatch(/aalto|eerola/i);
  });

  it("never leaks what a personal path holds, wherever else it occurs (property)", () => {
    const word = fc.stringMatching(/^[QXZ][a-zåäöé' -]{4,20}[qxz]$/);
    fc.assert(
      fc.property(word, word, fc.string(), fc.emailAddress(), (name, second, around, email) => {
        const old = registered({ registrant: { name, nested: [name, { second }] }, note: `${around}${name}${around}` });
        const other = registered({ registrant: { name: second }, note: `${email} ${second}`, [email]: name });
        const text = JSON.stringify(kept(old, other));
        for (const value of [name, second, email]) {
          expect(text.includes(JSON.stringify(value).slice(1, -1))).toBe(false);
        }
      }),
    );
  });

  it("equal values have equal masks, and others others (property)", () => {
    const value = fc.oneof(fc.string({ minLength: 1 }), fc.integer());
    fc.assert(
      fc.property(value, value, (a, b) => {
        const { old: was, new: is } = kept(registered({ registrant: a }), registered({ registrant: b }));
        const mask = (side: unknown) =>
          (side as { effects: [{ details: { registrant: string } }] }).effects[0].details.registrant;
        expect(mask(was) === mask(is)).toBe(a === b);
        expect(mask(was)).toMatch(/^\[masked \d+\]$/);
      }),
    );
  });
});

describe("in any text", () => {
  const masked = (text: string) => maskText(text, [], () => "#");

  it.each([
    "aino@example.fi",
    "a.b+c@sub.example.co.uk",
    "ääkkö@esimerkki.fi",
    '"aino aalto"@example.fi',
    "+358401234567",
    "+358 40 123 4567",
    "+1 (555) 123-4567",
    "00358 40 1234567",
    "0401234567",
    "040-123 4567",
    "040 1234567",
    "(555) 123-4567",
    "555-123-4567",
    "555.123.4567",
  ])("%s is masked", (text) => {
    expect(masked(text)).toBe("#");
    expect(masked(`call (${text}), please`)).toMatch(/^call \(?#\)?, please$/);
  });

  it.each([
    "2027-03-02",
    "2027-03-02T09:30:00.000Z",
    "192.0.2.1",
    "203.0.113.200",
    "2001:db8::1",
    "6945a898-b1c8-4cf3-bf1d-1c200dbb28d0",
    "12345678-1234-4123-8123-123456789012",
    "1772445000000",
    "1290",
    "10 mail.example.fi",
    "@",
    "ns1.example.fi",
    "DOMAIN_TAKEN",
  ])("%s stays", (text) => {
    expect(masked(text)).toBe(text);
  });

  it("of any length, it takes no longer than the text is long", () => {
    const long = "a".repeat(100_000);
    expect(masked(long)).toBe(long);
    expect(masked("0".repeat(100_000)).length).toBeLessThanOrEqual(100_000);
  });

  it("any address that a mail server would take is masked (property)", () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        expect(masked(`to ${email} now`)).toBe("to # now");
      }),
    );
  });
});
