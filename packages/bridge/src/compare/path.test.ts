import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { covers, groupText, names, parsePattern, pathText } from "./path.ts";

describe("a path", () => {
  it.each([
    [
      ["effects", 0, "details", "nameServers", 2],
      "effects[0].details.nameServers[2]",
      "effects[*].details.nameServers[*]",
    ],
    [[0, "a"], "[0].a", "[*].a"],
    [["a.b", "c d", ""], '["a.b"]["c d"][""]', '["a.b"]["c d"][""]'],
    [[], "", ""],
  ])("%j reads %s", (path, text, group) => {
    expect(pathText(path)).toBe(text);
    expect(groupText(path)).toBe(group);
  });

  it("is named by its own text and its group's, and by no other path's (property)", () => {
    const segment = fc.oneof(fc.nat(20), fc.string(), fc.constantFrom("a", "at", "*", "a.b", '"'));
    const path = fc.array(segment, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(path, path, (one, other) => {
        expect(names(parsePattern(pathText(one)), one)).toBe(true);
        expect(names(parsePattern(groupText(one)), one)).toBe(true);
        if (one.map(String).join("\0") !== other.map(String).join("\0"))
          expect(names(parsePattern(pathText(one)), other)).toBe(false);
      }),
    );
  });
});

describe("a pattern", () => {
  it.each([
    ["effects.*.at", ["effects", 3, "at"], true],
    ["effects[*].at", ["effects", 3, "at"], true],
    ["effects[3].at", ["effects", 3, "at"], true],
    ["effects.3.at", ["effects", 3, "at"], true],
    ["effects[2].at", ["effects", 3, "at"], false],
    ["effects.*", ["effects", 3, "at"], true],
    ["effects.*.at", ["effects", 3], false],
    ["result", ["results"], false],
    ['details["*"]', ["details", "www"], false],
    ['details["*"]', ["details", "*"], true],
  ])("%s covers %j: %s", (text, path, expected) => {
    expect(covers([parsePattern(text)], path)).toBe(expected);
  });

  it.each(["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a b", "a[*", "**", 'a["b]', "a]"])(
    "is not %j",
    (text) => {
      expect(() => parsePattern(text)).toThrow(TypeError);
    },
  );
});
