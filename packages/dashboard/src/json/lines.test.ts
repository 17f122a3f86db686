import { groupText, type Json, type Path, pathText } from "@crossfade/bridge/compare";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inOrderOf, jsonLines, markLines, pathsOf, valueAt } from "./lines.ts";

const value = {
  status: "COMPLETED",
  effects: [{ target: "a.fi", nameServers: ["ns1", "ns2"] }],
  none: {},
  "a.b": null,
};
const difference = (kind: "changed" | "missing" | "extra", at: Path, sides: { old?: Json; new?: Json }) => ({
  ...{ kind, path: pathText(at), group: groupText(at) },
  ...(JSON.parse(JSON.stringify(sides)) as object),
});

describe("a value line by line", () => {
  it("shows what JSON shows, and knows where each line stands", () => {
    const lines = jsonLines(value);
    expect(lines.map(({ depth, text }) => "  ".repeat(depth) + text).join("\n")).toBe(JSON.stringify(value, null, 2));
    expect(lines.find(({ text }) => text === '"ns2"')?.path).toBe("effects[0].nameServers[1]");
    expect(lines.find(({ text }) => text.startsWith('"a.b"'))?.path).toBe('["a.b"]');
  });

  it("reads back as the value (property)", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (any) => {
        const text = jsonLines(any as Json)
          .map((line) => line.text)
          .join("\n");
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(any)));
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it("stands in the order of another one's keys, and stays the same (property)", () => {
    const old = { b: 1, a: { y: 1, x: 2 }, list: [{ q: 1, p: 2 }] };
    const other = { extra: 0, list: [{ p: 2, q: 1 }, 5], a: { x: 2, y: 1, z: 3 }, b: 1 };
    expect(JSON.stringify(inOrderOf(other, old))).toBe(
      JSON.stringify({ b: 1, a: { y: 1, x: 2, z: 3 }, list: [{ q: 1, p: 2 }, 5], extra: 0 }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(inOrderOf(a as Json, b as Json)).toEqual(a);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it("finds the value at a path", () => {
    expect(valueAt(value, ["effects", 0, "nameServers", 1])).toBe("ns2");
    expect(valueAt(value, ["effects", 3, "x"])).toBeUndefined();
    expect(valueAt(value, ["status", "x"])).toBeUndefined();
  });
});

describe("what a difference marks", () => {
  it("the line on both sides, where a value changed", () => {
    const changed = difference("changed", ["effects", 0, "target"], { old: "a.fi", new: "b.fi" });
    expect(pathsOf(changed, "old", value)).toEqual([["effects", 0, "target"]]);
    expect(pathsOf(changed, "new", { effects: [{ target: "b.fi" }] })).toEqual([["effects", 0, "target"]]);
  });

  it("another index of the new side, where the lists were aligned", () => {
    const changed = difference("changed", ["effects", 1, "target"], { old: "a.fi", new: "b.fi" });
    const moved = { effects: [{ target: "b.fi" }, { target: "c.fi" }] };
    expect(pathsOf(changed, "new", moved)).toEqual([["effects", 0, "target"]]);
  });

  it("the old side alone, where something is missing; with everything below it", () => {
    const missing = difference("missing", ["effects", 0], { old: value.effects[0] ?? null });
    expect(pathsOf(missing, "new", { effects: [] })).toEqual([]);
    const lines = jsonLines(value);
    const marked = markLines(lines, pathsOf(missing, "old", value));
    expect([...marked].map(({ text }) => text)).toEqual([
      "{",
      '"target": "a.fi",',
      '"nameServers": [',
      '"ns1",',
      '"ns2"',
      "]",
      "}",
    ]);
  });
});
