import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { askOn, coloursOf, table } from "./terminal.ts";

const ROWS = [
  ["a", 5, "yes"],
  ["longer", 1234, "no"],
] as const;

describe("a table", () => {
  it("has columns as wide as their longest text, numbers to the right, and no blanks at its ends", () => {
    const plain = coloursOf({ isTTY: false }, undefined);
    expect(table(["NAME", "SUM", "SO"], ROWS, plain)).toBe("NAME    SUM   SO\na          5  yes\nlonger  1234  no\n");
  });
});

describe("colours", () => {
  it.each([
    ["a terminal", { isTTY: true }, undefined, true],
    ["a terminal with an empty NO_COLOR", { isTTY: true }, "", true],
    ["a terminal with NO_COLOR", { isTTY: true }, "1", false],
    ["a pipe", {}, undefined, false],
  ])("on %s", (_, stream, noColor, coloured) => {
    expect(table(["NAME"], [], coloursOf(stream, noColor)).includes("\u001b[1m")).toBe(coloured);
  });
});

describe("a question", () => {
  it.each([
    ["y\n", true],
    ["YES\n", true],
    ["n\n", false],
    ["\n", false],
    ["yesterday\n", false],
    ["", false],
  ])("answered by %j, and the end of the input, is %s", async (answer, yes) => {
    const input = new PassThrough();
    const asked = askOn(input, new PassThrough())("Really? ");
    input.end(answer);
    expect(await asked).toBe(yes);
  });
});
