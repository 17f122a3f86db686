import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const DOCUMENT = fileURLToPath(new URL("../../docs/adopting.md", import.meta.url));

/** A line of dots stands for lines that are left out. */
const LEFT_OUT = /^[ \t]*(?:\/\/ )?\.\.\.[ \t]*\n/m;

const source = await readFile(DOCUMENT, "utf8");
const blocks = [...source.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = ""]) => block);

const files: string[] = [];
for await (const file of glob("**/*.ts", {
  cwd: HERE,
  exclude: ["**/*.test.ts", "**/*.itest.ts", "**/node_modules/**"],
}))
  files.push(await readFile(`${HERE}${file}`, "utf8"));

/** True where the pieces stand in the text one after the other, each of them whole lines. */
function holds(text: string, pieces: readonly string[]): boolean {
  let from = 0;
  return pieces.every((piece) => {
    const at = `\n${text}`.indexOf(`\n${piece}`, from);
    from = at + piece.length;
    return at !== -1;
  });
}

test("the guide shows the contract, the worker and the configuration", () => {
  expect(blocks.length).toBeGreaterThan(8);
});

test.each(blocks.map((block) => [block.slice(0, block.indexOf("\n")).trim(), block]))(
  "`%s` ... stands in the example as the guide shows it",
  (_, block) => {
    const pieces = block.split(LEFT_OUT).filter((piece) => piece !== "");
    expect(files.filter((file) => holds(file, pieces))).toHaveLength(1);
  },
);
