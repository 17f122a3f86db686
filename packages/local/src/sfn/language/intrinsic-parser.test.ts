import { describe, expect, test } from "vitest";
import { parseCall } from "./intrinsic-parser.ts";

const literal = (value: string | number | boolean | null) => ({ kind: "literal", value });
const path = (text: string) => ({ kind: "path", path: text });

describe("parseCall", () => {
  test("reads every kind of argument", () => {
    expect(parseCall("States.Array('a', 1.5, -2, true, null, $.x, $$.State.Name)")).toEqual({
      kind: "call",
      name: "States.Array",
      args: [literal("a"), literal(1.5), literal(-2), literal(true), literal(null), path("$.x"), path("$$.State.Name")],
    });
  });

  test("keeps commas and parentheses inside quotes, brackets and nested calls", () => {
    const { args } = parseCall("States.Format('a, (b\\'c', $.l[0,1], States.Array(1, 2))");
    expect(args).toEqual([
      literal("a, (b'c"),
      path("$.l[0,1]"),
      { kind: "call", name: "States.Array", args: [literal(1), literal(2)] },
    ]);
  });

  test("reads a call without arguments", () => {
    expect(parseCall("States.UUID()")).toEqual({ kind: "call", name: "States.UUID", args: [] });
  });

  test.each(["States.UUID", "States.Format('a'", "States.Format(bare)", ""])("refuses %j", (text) => {
    expect(() => parseCall(text)).toThrow(expect.objectContaining({ error: "States.IntrinsicFailure" }));
  });
});
