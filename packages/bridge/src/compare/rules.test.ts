import { describe, expect, it } from "vitest";
import { type CompareDefinition, compareRules, MAX_CODES } from "./rules.ts";
import { registered } from "./testing.ts";

const codes = (count: number) => Array.from({ length: count }, (_, n) => `CODE_${n}`);

describe("a route's rules", () => {
  it.each([
    ["a field that nobody knows", { ignored: ["a"] }],
    ["a pattern that is none", { ignore: ["a..b"] }],
    ["a tolerance of no kind", { tolerances: [{ path: "a" }] }],
    ["a tolerance of two kinds", { tolerances: [{ path: "a", absolute: 1, relative: 1 }] }],
    ["a negative tolerance", { tolerances: [{ path: "a", absolute: -1 }] }],
    ["a share above one", { tolerances: [{ path: "a", relative: 1.01 }] }],
    ["a code that cannot be in a counter's name", { unforeseen: ["no code"] }],
    ["more codes than are counted", { codes: codes(MAX_CODES + 1) }],
    ["a clean that is no function", { clean: "lower" }],
  ])("are refused: %s", (_, definition) => {
    expect(() => compareRules(definition as CompareDefinition)).toThrow();
  });

  it.each([
    ["throws", () => JSON.parse("{")],
    ["gives nothing", () => undefined],
    ["gives no outcome", () => ({ status: "DONE", effects: [] })],
    ["gives what has no JSON form", (outcome: object) => ({ ...outcome, result: { at: Number.NaN } })],
  ])("do without a clean that %s", (_, clean) => {
    const outcome = registered();
    expect(compareRules({ clean } as CompareDefinition).clean(outcome)).toBe(outcome);
  });

  it("count the unforeseen codes by name too, each once", () => {
    const rules = compareRules({ unforeseen: ["A", "B"], codes: ["B", "C"] });
    expect([...rules.codes]).toEqual(["A", "B", "C"]);
    expect(compareRules({ codes: codes(MAX_CODES), unforeseen: codes(MAX_CODES) }).codes.size).toBe(MAX_CODES);
  });
});
