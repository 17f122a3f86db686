import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { ROOT, runCommand } from "./support/run.ts";

/** How a reader would see that the command worked, and where it goes on for ever, when to end it. */
const EXECUTED_HERE: Readonly<Record<string, { readonly until?: RegExp; readonly shows: RegExp }>> = {
  "npm start -- --help": { shows: /--steps <list>/ },
  "npm start -- --once --messages 120 --rate 40 --steps 0,50,100 --input examples/webcat-small.jsonl": {
    shows: /Every promise held/,
  },
  "npm run diagrams": { shows: /diagrams, as they were/ },
  "npm run cloud -- --json": { until: /"endpoints"/, shows: /AWS_ENDPOINT_URL_SFN/ },
};

/** What .ci/run executes on a clean checkout. */
const EXECUTED_BY_CI = ["npm ci", "npm test", "npm start -- --once --json --messages 400 --seed 7"];

/** `npm start` alone serves until Ctrl-C; its options are executed above. */
const SAME_AS = new Map([["npm start", "npm start -- --once --json --messages 400 --seed 7"]]);

async function documents(): Promise<string[]> {
  const docs = (await readdir(path.join(ROOT, "docs"))).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.map((name) => path.join("docs", name))];
}

async function commands(): Promise<string[]> {
  const found = new Set<string>();
  for (const file of await documents()) {
    const text = await readFile(path.join(ROOT, file), "utf8");
    for (const [, block = ""] of text.matchAll(/```sh\n(.*?)```/gs)) {
      for (const line of block.trim().split("\n")) for (const part of line.split(" && ")) found.add(part.trim());
    }
  }
  return [...found];
}

it("executes every command of the docs, here or in CI", async () => {
  const known = new Set([...Object.keys(EXECUTED_HERE), ...EXECUTED_BY_CI, ...SAME_AS.keys()]);
  expect((await commands()).filter((command) => !known.has(command))).toEqual([]);
  const ci = await readFile(path.join(ROOT, ".ci/run"), "utf8");
  for (const command of [...EXECUTED_BY_CI, ...SAME_AS.values()]) expect(ci.split("\n")).toContain(command);
});

it.each(Object.entries(EXECUTED_HERE))("%s", async (command, { until, shows }) => {
  expect(await commands()).toContain(command);
  const ran = await runCommand(command, until);
  expect(ran.stdout, ran.stderr).toMatch(shows);
  // One that serves was ended by us, with Ctrl-C; npm then reports the signal.
  if (until === undefined) expect(ran.code).toBe(0);
});
