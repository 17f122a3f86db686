import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type SimulatedRegistry, startSimulatedRegistry } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { ROOT, runCommand } from "./support/run.ts";
import { startWorld, type World } from "./support/world.ts";

/** How a reader would see that the command worked, and where it goes on for ever, when to end it. */
const EXECUTED_HERE: Readonly<Record<string, { readonly until?: RegExp; readonly shows: RegExp }>> = {
  "npm start -- --help": { shows: /--steps <list>/ },
  "npm start -- --once --messages 120 --rate 40 --steps 0,50,100 --input examples/webcat-small.jsonl --payments stripe":
    {
      shows: /Every promise held/,
    },
  "npm run crossfade -- redrive --help": { shows: /redrive .*<orderId>/ },
  "npm run diagrams": { shows: /diagrams, as they were/ },
  "npm run costs": { shows: /the tables are as they were/ },
  "npm run cloud -- --json": { until: /"endpoints"/, shows: /AWS_ENDPOINT_URL_SFN/ },
};

/** The example order, which is over the threshold of approval. */
const ORDER = "0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11";

/** Executed one after the other in the environment of a bridge, and what each shows; in the end. */
const EXECUTED_IN_A_WORLD: Readonly<Record<string, RegExp>> = {
  "npm run crossfade -- order submit examples/order.json": /execution {2}order-/,
  "npm run crossfade -- approvals list": new RegExp(`${ORDER} +60000 +50000 +3 .* waits`),
  [`npm run crossfade -- approvals approve ${ORDER} --reason "a customer we know" --by Aino`]: /approved by Aino/,
  "npm run crossfade -- approvals --help": /approve .*<orderId>/,
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
  const here = [...Object.keys(EXECUTED_HERE), ...Object.keys(EXECUTED_IN_A_WORLD)];
  const known = new Set([...here, ...EXECUTED_BY_CI, ...SAME_AS.keys()]);
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

// In a describe of its own: a world changes the environment, which the commands above must not see.
describe("in a world", () => {
  let registry: SimulatedRegistry;
  let world: World;
  beforeAll(async () => {
    registry = await startSimulatedRegistry({ takenRate: 0 });
    world = await startWorld({ registryUrl: registry.url });
  });
  afterAll(async () => {
    await world.close();
    await registry.stop();
  });

  it.each(Object.entries(EXECUTED_IN_A_WORLD))("%s", async (command, shows) => {
    expect(await commands()).toContain(command);
    const env = { ...process.env, ...world.bridge.env };
    const run = async () => {
      const ran = await runCommand(command, undefined, env);
      expect(ran.code, ran.stderr).toBe(0);
      return shows.test(ran.stdout) ? ran : undefined;
    };
    await eventually(`the command to show ${shows}`, run, 30_000);
  });
});
