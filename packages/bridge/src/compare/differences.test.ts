import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differences, groupOf, jsonDifferences } from "./differences.ts";
import type { Json } from "./json.ts";
import { type CompareDefinition, compareRules, STRICT } from "./rules.ts";
import { json, registered } from "./testing.ts";

const said = (old: Json, other: Json, rules: CompareDefinition = {}) =>
  jsonDifferences(old, other, compareRules(rules)).map(({ kind, path }) => `${kind} ${path}`);

describe("a wrong translation is found, with its path and kind (X4)", () => {
  const details = "effects[0].details";

  it.each([
    ["a price in the wrong unit", { price: 12.9 }, "changed", `${details}.price`, 1290, 12.9],
    [
      "a lost name server",
      { nameServers: ["ns1.example.fi", "ns3.example.fi"] },
      "missing",
      `${details}.nameServers[1]`,
      "ns2.example.fi",
      undefined,
    ],
    ["a date a day off", { expiresAt: "2027-03-03" }, "changed", `${details}.expiresAt`, "2027-03-02", "2027-03-03"],
    ["a number as text", { years: "1" }, "type", `${details}.years`, 1, "1"],
    ["a field too many", { premium: true }, "extra", `${details}.premium`, undefined, true],
  ])("%s", (_, wrong, kind, path, old, other) => {
    const found = differences(registered(), registered(wrong), STRICT);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ kind, path });
    expect(found[0]?.old).toEqual(old);
    expect(found[0]?.new).toEqual(other);
  });

  it("name servers in another order: one difference, and none where their order says nothing", () => {
    const turned = registered({ nameServers: ["ns3.example.fi", "ns1.example.fi", "ns2.example.fi"] });
    expect(differences(registered(), turned, STRICT)).toMatchObject([
      { kind: "order", path: `${details}.nameServers` },
    ]);
    expect(differences(registered(), turned, compareRules({ unordered: ["effects.*.details.nameServers"] }))).toEqual(
      [],
    );
  });

  it("the same fault at another index falls into the same group", () => {
    const lost = (at: number) =>
      differences(registered(), registered({ nameServers: ["1", "2", "3"].filter((_, n) => n !== at) }), STRICT);
    const names = { nameServers: ["1", "2", "3"] };
    const groups = [0, 1, 2].map((at) =>
      differences(
        registered(names),
        registered({ nameServers: names.nameServers.filter((_, n) => n !== at) }),
        STRICT,
      ).map(groupOf),
    );
    expect(new Set(groups.flat())).toEqual(new Set(["missing effects[*].details.nameServers[*]"]));
    expect(lost(0).length).toBeGreaterThan(1);
  });
});

describe("what does not count", () => {
  it.each([
    ["an ignored field", { ignore: ["a.b"] }, { a: { b: 1, c: 1 } }, { a: { b: 2, c: 1 } }],
    [
      "an ignored field of every element",
      { ignore: ["a.*.at"] },
      { a: [{ at: 1 }, { at: 2 }] },
      { a: [{ at: 3 }, {}] },
    ],
    ["all below an ignored path", { ignore: ["a"] }, { a: { b: [1] }, c: 1 }, { c: 1 }],
    ["an ignored field with a dot in its name", { ignore: ['a["b.c"]'] }, { a: { "b.c": 1 } }, { a: {} }],
    ["a number within its absolute tolerance", { tolerances: [{ path: "a", absolute: 2 }] }, { a: 10 }, { a: 12 }],
    ["a number within its relative tolerance", { tolerances: [{ path: "a", relative: 0.1 }] }, { a: 90 }, { a: 100 }],
    ["a day within its days", { tolerances: [{ path: "a", withinDays: 1 }] }, { a: "2027-03-02" }, { a: "2027-03-01" }],
    [
      "a time within its milliseconds",
      { tolerances: [{ path: "a", withinMs: 1000 }] },
      { a: "2027-03-02T00:00:00Z" },
      { a: "2027-03-02T00:00:01.000Z" },
    ],
    [
      "the same moment in another zone",
      { tolerances: [{ path: "a", withinMs: 0 }] },
      { a: "2027-03-02T00:00:00Z" },
      { a: "2027-03-02T02:00:00+02:00" },
    ],
    ["a tolerated element", { tolerances: [{ path: "a.*", absolute: 1 }] }, { a: [1, 5] }, { a: [2, 5] }],
    ["a field that is undefined", {}, { a: 1, b: undefined }, { a: 1 }],
    ["the order of keys", {}, { a: 1, b: 2 }, { b: 2, a: 1 }],
  ] satisfies [string, CompareDefinition, Json, Json][])("%s", (_, rules, old, other) => {
    expect(said(old, other, rules)).toEqual([]);
    expect(said(other, old, rules)).toEqual([]);
  });

  it.each([
    ["just beyond the absolute tolerance", { tolerances: [{ path: "a", absolute: 2 }] }, { a: 10 }, { a: 12.01 }],
    ["just beyond the relative tolerance", { tolerances: [{ path: "a", relative: 0.1 }] }, { a: 89 }, { a: 100 }],
    ["just beyond its days", { tolerances: [{ path: "a", withinDays: 1 }] }, { a: "2027-03-02" }, { a: "2027-02-28" }],
    ["a text that is no date", { tolerances: [{ path: "a", withinDays: 9 }] }, { a: "2027" }, { a: "2028" }],
    [
      "a time without its zone",
      { tolerances: [{ path: "a", withinDays: 9 }] },
      { a: "2027-03-02T00:00" },
      { a: "2027-03-02T00:01" },
    ],
    ["a tolerance of another path", { tolerances: [{ path: "a", absolute: 9 }] }, { a: [1] }, { a: [2] }],
  ] satisfies [string, CompareDefinition, Json, Json][])("but %s does", (_, rules, old, other) => {
    expect(said(old, other, rules)).toHaveLength(1);
  });
});

describe("lists", () => {
  it.each([
    ["lost in front", [1, 2, 3], [2, 3], ["missing [0]"]],
    ["lost at the end", [1, 2, 3], [1, 2], ["missing [2]"]],
    ["put in between", [1, 3], [1, 2, 3], ["extra [1]"]],
    ["changed in its place", [1, 2, 3], [1, 9, 3], ["changed [1]"]],
    [
      "two changed and one lost",
      [
        { a: 1, b: 1, c: 1 },
        { a: 2, b: 2, c: 2 },
        { a: 3, b: 3, c: 3 },
      ],
      [
        { a: 1, b: 9, c: 1 },
        { a: 3, b: 3, c: 9 },
      ],
      ["changed [0].b", "missing [1]", "changed [2].c"],
    ],
    [
      "one too many in front, and a change",
      [{ a: 1, b: 1 }],
      [{ z: 0 }, { a: 1, b: 2 }],
      ["extra [0]", "changed [0].b"],
    ],
    ["another order", [1, 2, 2], [2, 1, 2], ["order (root)"]],
    ["not another order: other elements", [1, 2, 2], [2, 1, 1], ["missing [0]", "changed [2]", "extra [2]"]],
    ["another type", [1], [[1]], ["type [0]"]],
  ] satisfies [string, Json, Json, string[]][])("an element %s", (_, old, other, expected) => {
    const found = said(old, other).map((text) => (text.endsWith(" ") ? `${text}(root)` : text));
    expect(found.sort()).toEqual([...expected].sort());
  });

  it("of which the order says nothing pair what is alike", () => {
    const rules = { unordered: ["a"] };
    const people = [
      { id: 1, n: "x" },
      { id: 2, n: "y" },
    ];
    expect(
      said(
        { a: people },
        {
          a: [
            { id: 2, n: "z" },
            { id: 1, n: "x" },
          ],
        },
        rules,
      ),
    ).toEqual(["changed a[1].n"]);
    expect(said({ a: ["p", "q"] }, { a: ["r", "p"] }, rules)).toEqual(["missing a[1]", "extra a[0]"]);
  });

  it("too long to be aligned are compared index by index", () => {
    const long = Array.from({ length: 400 }, (_, n) => n);
    expect(said(long, long.slice(0, -1))).toEqual(["missing [399]"]);
    expect(said(long, long.slice(1)).length).toBe(400);
  });

  it("of lists of lists cannot make it compare for minutes", () => {
    const nested = (by: number) =>
      Array.from({ length: 90 }, (_, i) => Array.from({ length: 90 }, (_, j) => [i, j + by, [i * j + by]]));
    expect(said(nested(0), nested(1)).length).toBeGreaterThan(90);
  });
});

describe("for any two values (property)", () => {
  it("nothing differs from itself", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(said(value, structuredClone(value))).toEqual([]);
      }),
    );
  });

  it("what is unlike differs, and what is alike does not", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const equal = jsonDifferences(a, b, STRICT).length === 0;
        let alike = true;
        try {
          // -0 has no JSON form of its own
          expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)));
        } catch {
          alike = false;
        }
        expect(equal).toBe(alike);
      }),
    );
  });

  it("with the roles exchanged, missing is extra and the rest stays", () => {
    const small = fc.jsonValue({ maxDepth: 3, noUnicodeString: true }) as fc.Arbitrary<Json>;
    const few = fc.array(fc.constantFrom<Json>(1, 2, "a", { a: 1, b: 2 }, { a: 1, b: 3 }, [1, 2]), { maxLength: 5 });
    const either = fc.oneof(fc.tuple(small, small), fc.tuple(few, few)) as fc.Arbitrary<[Json, Json]>;
    const turned = { missing: "extra", extra: "missing", changed: "changed", type: "type", order: "order" } as const;
    fc.assert(
      fc.property(either, fc.boolean(), ([a, b], unordered) => {
        const rules = compareRules(unordered ? { unordered: ["*"] } : {});
        const there = jsonDifferences(a, b, rules).map(({ kind, group }) => `${turned[kind]} ${group}`);
        const back = jsonDifferences(b, a, rules).map(groupOf);
        expect(back.sort()).toEqual(there.sort());
      }),
      { numRuns: 500 },
    );
  });

  it("one more ignored path never makes a difference, and none is told below an ignored path", () => {
    const key = fc.constantFrom("a", "b", "c");
    const tree = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof({ maxDepth: 3 }, fc.nat(2), fc.dictionary(key, tie("tree"), { maxKeys: 3 })) as fc.Arbitrary<Json>,
    })).tree;
    const pattern = fc
      .array(fc.constantFrom("a", "b", "c", "*"), { minLength: 1, maxLength: 3 })
      .map((keys) => keys.join("."));
    fc.assert(
      fc.property(tree, tree, fc.array(pattern, { maxLength: 2 }), pattern, (a, b, ignore, more) => {
        const before = said(a, b, { ignore });
        const after = said(a, b, { ignore: [...ignore, more] });
        expect(before).toEqual(expect.arrayContaining(after));
      }),
      { numRuns: 500 },
    );
  });
});
