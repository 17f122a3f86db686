import { describe, expect, it } from "vitest";
import { EventsError } from "./errors.ts";
import { compilePattern } from "./pattern.ts";

const event = {
  source: "aws.states",
  region: "eu-west-1",
  resources: ["arn:a", "arn:b"],
  detail: {
    status: "FAILED",
    count: 300,
    open: true,
    stopDate: null,
    empty: "",
    address: "10.0.0.17",
    address6: "2001:db8::9",
    path: "orders/2026/item*7.json",
    tags: [],
    items: [
      { name: "a", price: 1 },
      { name: "b", price: 2 },
    ],
  },
};

const detail = (pattern: unknown) => compilePattern(JSON.stringify({ detail: pattern }))(event);

describe("a pattern matches", () => {
  it.each([
    ["an exact string", { status: ["SUCCEEDED", "FAILED"] }],
    ["an exact number", { count: [300.0] }],
    ["a boolean", { open: [true] }],
    ["null", { stopDate: [null] }],
    ["an empty string", { empty: [""] }],
    ["a prefix", { status: [{ prefix: "FAI" }] }],
    ["a prefix in any case", { status: [{ prefix: { "equals-ignore-case": "fai" } }] }],
    ["a suffix", { status: [{ suffix: "LED" }] }],
    ["a suffix in any case", { status: [{ suffix: { "equals-ignore-case": "led" } }] }],
    ["another case", { status: [{ "equals-ignore-case": "failed" }] }],
    ["a wildcard", { path: [{ wildcard: "orders/*.json" }] }],
    ["an escaped star", { path: [{ wildcard: "*item\\*7*" }] }],
    ["anything but a value", { status: [{ "anything-but": "RUNNING" }] }],
    ["anything but a list", { count: [{ "anything-but": [1, 2] }] }],
    ["anything but a prefix", { status: [{ "anything-but": { prefix: "RUN" } }] }],
    ["anything but suffixes", { status: [{ "anything-but": { suffix: ["ING", "TED"] } }] }],
    ["anything but a wildcard", { status: [{ "anything-but": { wildcard: "*ING" } }] }],
    ["a number in a range", { count: [{ numeric: [">", 0, "<=", 300] }] }],
    ["an equal number", { count: [{ numeric: ["=", 300] }] }],
    ["a field that is there", { stopDate: [{ exists: true }] }],
    ["a field that is not", { output: [{ exists: false }] }],
    ["absence below absence", { output: { size: [{ exists: false }] } }],
    ["absence in an empty list", { tags: [{ exists: false }] }],
    ["an address in a block", { address: [{ cidr: "10.0.0.0/24" }] }],
    ["an IPv6 address in a block", { address6: [{ cidr: "2001:db8::/64" }] }],
    ["one of several", { $or: [{ status: ["RUNNING"] }, { count: [300] }] }],
    ["fields of one array element", { items: { name: ["b"], price: [2] } }],
  ])("%s", (_name, pattern) => expect(detail(pattern)).toBe(true));

  it("a list on the event's side, by any of its values", () => {
    expect(compilePattern('{"resources": ["arn:b"]}')(event)).toBe(true);
    expect(compilePattern('{"resources": ["arn:c"]}')(event)).toBe(false);
  });
});

describe("a pattern does not match", () => {
  it.each([
    ["another string", { status: ["failed"] }],
    ["a number as text", { count: ["300"] }],
    ["an absent field", { output: ["x"] }],
    ["null where the field is absent", { output: [null] }],
    ["anything-but where the field is absent", { output: [{ "anything-but": "x" }] }],
    ["anything-but a value of its list", { status: [{ "anything-but": ["FAILED", "x"] }] }],
    ["anything-but its prefix", { status: [{ "anything-but": { prefix: "FAI" } }] }],
    ["a range's open end", { count: [{ numeric: ["<", 300] }] }],
    ["text as a number", { status: [{ numeric: [">", 0] }] }],
    ["existence of an inner node", { items: [{ exists: true }] }],
    ["an address outside the block", { address: [{ cidr: "10.0.1.0/24" }] }],
    ["text in a block", { status: [{ cidr: "0.0.0.0/0" }] }],
    ["overlapping ends of a wildcard", { status: [{ wildcard: "FAILE*LED" }] }],
    ["fields of different array elements", { items: { name: ["a"], price: [2] } }],
    ["a field of its prototype", { toString: [{ exists: true }] }],
    ["no alternative", { $or: [{ status: ["RUNNING"] }, { count: [1] }] }],
  ])("%s", (_name, pattern) => expect(detail(pattern)).toBe(false));
});

/** Every operator on one value that just passes and one that just does not. */
describe("a limit", () => {
  const a = (test: unknown, value: unknown) => compilePattern(JSON.stringify({ a: [test] }))({ a: value });
  it.each<[string, unknown, unknown, unknown]>([
    ["exact text", "ab", "ab", "aB"],
    ["exact number", 0.5, 5e-1, 0.51],
    ["true", true, true, "true"],
    ["false", false, false, 0],
    ["null", null, null, "null"],
    ["prefix", { prefix: "ab" }, "ab", "a"],
    ["prefix by case", { prefix: "ab" }, "abc", "Abc"],
    ["empty prefix", { prefix: "" }, "", 0],
    ["prefix in any case", { prefix: { "equals-ignore-case": "aB" } }, "Abc", "a"],
    ["suffix", { suffix: "ab" }, "ab", "b"],
    ["suffix by case", { suffix: "ab" }, "cab", "caB"],
    ["suffix in any case", { suffix: { "equals-ignore-case": "aB" } }, "cAb", "b"],
    ["any case", { "equals-ignore-case": "aB" }, "Ab", "ab "],
    ["wildcard alone", { wildcard: "*" }, "", 1],
    ["wildcard without a star", { wildcard: "ab" }, "ab", "abc"],
    ["wildcard for nothing", { wildcard: "a*b" }, "ab", "a"],
    ["wildcard in the middle", { wildcard: "*b*" }, "abc", "ac"],
    ["wildcards in order", { wildcard: "*a*b*" }, "ab", "ba"],
    ["overlap of pieces", { wildcard: "*aba*ab" }, "abaab", "abab"],
    ["escaped star", { wildcard: "a\\*" }, "a*", "ab"],
    ["escaped backslash", { wildcard: "a\\\\*" }, "a\\b", "ab"],
    ["anything but text", { "anything-but": "a" }, "A", "a"],
    ["anything but text, of another type", { "anything-but": "1" }, 1, "1"],
    ["anything but a number", { "anything-but": 1 }, 2, 1],
    ["anything but a list", { "anything-but": ["a", "b"] }, "c", "b"],
    ["anything but numbers", { "anything-but": [1, 2] }, null, 2],
    ["anything but a prefix", { "anything-but": { prefix: "ab" } }, "a", "ab"],
    ["anything but prefixes", { "anything-but": { prefix: ["a", "b"] } }, "ca", "bc"],
    ["anything but a suffix", { "anything-but": { suffix: "ab" } }, "b", "ab"],
    ["anything but any case", { "anything-but": { "equals-ignore-case": "ab" } }, "abc", "AB"],
    ["anything but wildcards", { "anything-but": { wildcard: ["a*", "*b"] } }, "ba", "cb"],
    ["anything but a prefix, of another type", { "anything-but": { prefix: "1" } }, 1, "1"],
    ["number =", { numeric: ["=", 5] }, 5, 5.000001],
    ["number <", { numeric: ["<", 5] }, 4.999999, 5],
    ["number <=", { numeric: ["<=", 5] }, 5, 5.000001],
    ["number >", { numeric: [">", 5] }, 5.000001, 5],
    ["number >=", { numeric: [">=", 5] }, 5, 4.999999],
    ["lower end, open", { numeric: [">", 0, "<=", 5] }, 0.000001, 0],
    ["lower end, closed", { numeric: [">=", 0, "<", 5] }, 0, -0.000001],
    ["upper end, open", { numeric: [">=", 0, "<", 5] }, 4.999999, 5],
    ["upper end, closed", { numeric: [">", 0, "<=", 5] }, 5, 5.000001],
    ["largest number", { numeric: [">", 0] }, 5e9, 5e9 + 1],
    ["smallest number", { numeric: ["<", 0] }, -5e9, -5e9 - 1],
    ["number as text", { numeric: ["=", 5] }, 5, "5"],
    ["existence", { exists: true }, null, undefined],
    ["existence of a leaf", { exists: true }, [0], [{}]],
    ["absence", { exists: false }, undefined, ""],
    ["absence of a leaf", { exists: false }, { b: 1 }, [1]],
    ["first of a block", { cidr: "10.0.1.0/24" }, "10.0.1.0", "10.0.0.255"],
    ["last of a block", { cidr: "10.0.1.0/24" }, "10.0.1.255", "10.0.2.0"],
    ["block of one", { cidr: "10.0.1.7/32" }, "10.0.1.7", "10.0.1.6"],
    ["block given by an address inside", { cidr: "10.0.1.9/24" }, "10.0.1.0", "10.0.0.9"],
    ["IPv6 block", { cidr: "2001:db8::/32" }, "2001:db8:ffff::1", "2001:db9::"],
    ["any IPv4 address", { cidr: "0.0.0.0/0" }, "255.255.255.255", "::1"],
    ["list on the event's side", "a", ["b", "a"], ["b", "c"]],
    ["anything but, in a list", { "anything-but": "a" }, ["a", "b"], ["a", "a"]],
    ["list in a list", "a", [["b"], ["a"]], [[]]],
  ])("%s", (_name, test, passing, failing) => {
    expect(a(test, passing)).toBe(true);
    expect(a(test, failing)).toBe(false);
  });

  it("both alternatives of $or need their other fields", () => {
    const pattern = compilePattern(
      '{"a": [1], "$or": [{"b": [1], "c": [1]}, {"d": {"$or": [{"e": [1]}, {"f": [1]}]}}]}',
    );
    expect(pattern({ a: 1, b: 1, c: 1 })).toBe(true);
    expect(pattern({ a: 1, d: { f: 1 } })).toBe(true);
    expect(pattern({ a: 2, d: { f: 1 } })).toBe(false);
    expect(pattern({ a: 1, b: 1 })).toBe(false);
    expect(pattern({ a: 1, c: 1, d: { g: 1 } })).toBe(false);
  });

  it("1000 combinations, and no more", () => {
    const tens = (fields: string) => `"$or": [${[...Array(10).keys()].map((n) => `{"${fields}${n}": [1]}`)}]`;
    const pattern = (more: string) => `{"p": {${tens("x")}}, "q": {${tens("x")}}, "r": {${tens("x")}}${more}}`;
    expect(compilePattern(pattern(""))({ p: { x9: 1 }, q: { x0: 1 }, r: { x5: 1 } })).toBe(true);
    expect(() => compilePattern(pattern(', "$or": [{"s": [1]}, {"t": [1]}]'))).toThrow("more than 1000");
  });
});

describe("a pattern is refused", () => {
  it.each([
    ["text that is no JSON", "{"],
    ["a list", "[]"],
    ["an empty pattern", "{}"],
    ["an empty list", '{"source": []}'],
    ["an empty object", '{"detail": {}}'],
    ["a bare value", '{"source": "aws.states"}'],
    ["a list in a list", '{"source": [["a"]]}'],
    ["an unknown operator", '{"source": [{"contains": "a"}]}'],
    ["two operators in one", '{"source": [{"prefix": "a", "suffix": "b"}]}'],
    ["an empty operator", '{"source": [{}]}'],
    ["a prefix that is no text", '{"source": [{"prefix": 1}]}'],
    ["exists with text", '{"source": [{"exists": "yes"}]}'],
    ["an unknown comparison", '{"a": [{"numeric": ["!", 1]}]}'],
    ["a range upside down", '{"a": [{"numeric": [">", 2, "<", 1]}]}'],
    ["a range with three parts", '{"a": [{"numeric": [">", 2, "<"]}]}'],
    ["a bound that is text", '{"a": [{"numeric": [">", "2"]}]}'],
    ["a bound out of range", '{"a": [{"numeric": ["<", 6e9]}]}'],
    ["a block that is none", '{"a": [{"cidr": "10.0.0.0/33"}]}'],
    ["double stars", '{"a": [{"wildcard": "a**b"}]}'],
    ["an empty exclusion", '{"a": [{"anything-but": []}]}'],
    ["an affix of another kind", '{"a": [{"prefix": {"suffix": "a"}}]}'],
    ["a list of comparisons", '{"a": [{"numeric": [">", 0, "<", 1, "<", 2]}]}'],
    ["a comparison that is no list", '{"a": [{"numeric": 1}]}'],
    ["an address without a length", '{"a": [{"cidr": "10.0.0.0"}]}'],
    ["an IPv6 block too narrow", '{"a": [{"cidr": "::/129"}]}'],
    ["an escape of another letter", '{"a": [{"wildcard": "a\\\\b"}]}'],
    ["an exclusion of mixed types", '{"a": [{"anything-but": ["a", 1]}]}'],
    ["an exclusion of null", '{"a": [{"anything-but": null}]}'],
    ["an exclusion of an empty prefix", '{"a": [{"anything-but": {"prefix": ""}}]}'],
    ["an exclusion by number", '{"a": [{"anything-but": {"numeric": ["=", 1]}}]}'],
    ["an operator of every object", '{"a": [{"toString": 1}]}'],
    ["a single alternative", '{"$or": [{"a": [1]}]}'],
    ["alternatives that are no list", '{"$or": {"a": [1]}}'],
    ["an alternative that is no object", '{"$or": [{"a": [1]}, 1]}'],
    ["an operator as a field of an alternative", '{"$or": [{"prefix": ["a"]}, {"b": [1]}]}'],
    ["one path twice", '{"a": [1], "$or": [{"a": [1]}, {"b": [1]}]}'],
  ])("%s", (_name, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(EventsError);
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ code: "InvalidEventPatternException" }));
  });
});
