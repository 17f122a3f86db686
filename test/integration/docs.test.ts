import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SqsQuarantine } from "@crossfade/bridge/adapters/sqs-quarantine";
import { type SimulatedRegistry, startSimulatedRegistry } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
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
  "npm run crossfade -- --help": { shows: /attach .*detach/s },
  "npm run crossfade -- status --help": { shows: /OLDEST is the age/ },
  "npm run crossfade -- redrive --help": { shows: /redrive .*<orderId>/ },
  "npm run crossfade -- dead-letters discard --help": { shows: /There is no way back/ },
  "npm run diagrams": { shows: /diagrams, as they were/ },
  "npm run costs": { shows: /the tables are as they were/ },
  "npm run cloud -- --json": { until: /"endpoints"/, shows: /AWS_ENDPOINT_URL_SFN/ },
};

/** The example order, which is over the threshold of approval. */
const ORDER = "0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11";

/** What a command shows in the end, and how it ends where it leaves something to a person. */
interface Expected {
  readonly shows: RegExp;
  readonly code?: number;
  /** What has happened by then. */
  readonly before?: (world: World) => Promise<void>;
}
const PERSON = 5;
const TOO_FEW = 5;

/** Something that nobody could read. */
async function refuseOne({ sqs, bridge }: World): Promise<void> {
  const queueArn = z.string().parse(bridge.sources.get("registrations")?.intake.queueArn);
  const refusal = { code: "INVALID_MESSAGE", field: "surprise", reason: "no such field", messageId: "m-1", queueArn };
  await new SqsQuarantine(sqs, bridge.quarantine.url).keep({ ...refusal, body: "{}", attributes: {} });
}

const set = (route: string, options: string, reason: string): string =>
  `npm run crossfade -- rollout set ${route} ${options} --reason "${reason}"`;
const step = (percentage: number, reason: string): [string, Expected] => [
  set("RENEW_DOMAIN", `--percentage ${percentage}`, reason),
  { shows: new RegExp(`RENEW_DOMAIN is at .*${percentage} %`) },
];

/** Executed one after the other in the environment of a bridge, in the order in which a reader would. */
const EXECUTED_IN_A_WORLD: Readonly<Record<string, Expected>> = {
  "npm run crossfade -- status": { shows: /registrations +detached +Disabled/ },
  "npm run crossfade -- attach --plan": { shows: /UpdateEventSourceMapping .*"Enabled":true/ },
  "npm run crossfade -- attach --apply --source registrations --yes --wait-at-most 600": {
    shows: /done {2}hold/,
    code: PERSON,
  },
  "npm run crossfade -- attach --apply --source registrations --yes --done move-consumer": { shows: /is attached/ },
  [set("RENEW_DOMAIN", "--stage shadow --sample 10", "does it plan what is done?")]: {
    shows: /RENEW_DOMAIN is at .*shadow, 10 % planned/,
  },
  "npm run crossfade -- compare RENEW_DOMAIN": { shows: /RENEW_DOMAIN +shadow +0 +0 / },
  "npm run crossfade -- diffs RENEW_DOMAIN": { shows: /No difference was found/ },
  "npm run crossfade -- compare RENEW_DOMAIN --max-mismatch 0.5 --min-compared 200": {
    shows: /RENEW_DOMAIN/,
    code: TOO_FEW,
  },
  "npm run crossfade -- watch --count 1": { shows: /RENEW_DOMAIN shadow/ },
  "npm run crossfade -- routes": { shows: /RENEW_DOMAIN +shadow +0 +10 / },
  [set("RENEW_DOMAIN", "--stage split --percentage 0 --include cust-own", "our own account first")]: {
    shows: /the share stays/,
  },
  [set("RENEW_DOMAIN", "--stage legacy --percentage 0", "an error that we do not understand")]: {
    shows: /is at .*legacy 0 %/,
  },
  ...Object.fromEntries([step(1, "first step")]),
  'npm run crossfade -- guard set RENEW_DOMAIN --ramp split:1,split:10,split:50 --bake 24h --reason "as far as we agreed"':
    {
      shows: /ramp: \[split 1 %\], split 10 %, split 50 %; each step lasts 24 h/,
    },
  "npm run crossfade -- guard list": { shows: /RENEW_DOMAIN +split 1 % +\[split 1 %\]/ },
  "npm run crossfade -- guard show RENEW_DOMAIN": { shows: /errors at most 1 % above legacy/ },
  'npm run crossfade -- rollout pause RENEW_DOMAIN --reason "the registry is down"': {
    shows: /resume puts it back to split 1 %/,
  },
  'npm run crossfade -- rollout resume RENEW_DOMAIN --reason "the registry is back"': {
    shows: /RENEW_DOMAIN is at .*split 1 %/,
  },
  'npm run crossfade -- guard remove RENEW_DOMAIN --reason "we raise it by hand"': { shows: /stays where it is/ },
  ...Object.fromEntries([
    step(10, "a day at 1 % without a surprise"),
    step(50, "three days at 10 % without a surprise"),
    step(100, "a week at 50 % without a surprise"),
  ]),
  "npm run crossfade -- status --json": { shows: /"stage":"order"/ },
  "npm run crossfade -- audit RENEW_DOMAIN": { shows: /: order +a week at 50 % without a surprise/ },
  "npm run crossfade -- detach --plan --source registrations": { shows: /RENEW_DOMAIN from order 100 %/ },
  "npm run crossfade -- detach --apply --source registrations --yes --wait-at-most 600": {
    shows: /done {2}forward-empty/,
    code: PERSON,
  },
  // Last: nobody does its work here, and detach would wait for it.
  "npm run crossfade -- order submit examples/order.json": { shows: /execution {2}order-/ },
  "npm run crossfade -- approvals list": { shows: new RegExp(`${ORDER} +60000 +50000 +3 .* waits`) },
  [`npm run crossfade -- approvals approve ${ORDER} --reason "a customer we know" --by Aino`]: {
    shows: /approved by Aino/,
  },
  "npm run crossfade -- approvals --help": { shows: /approve .*<orderId>/ },
  "npm run crossfade -- trace 5f0c3f3a-3c0e-4c43-9d5b-1f6d9d2a7e01": { shows: /placed directly.*\n.* order started/ },
  "npm run crossfade -- dead-letters list": {
    before: refuseOne,
    shows: /quarantine +1 +0 +where each came from/,
  },
  "npm run crossfade -- dead-letters show quarantine": { shows: /INVALID_MESSAGE at surprise: / },
  [`npm run crossfade -- dead-letters redrive quarantine --all --per-second 2 --reason "the schema knows the field now" --yes`]:
    { shows: /quarantine: 1 redriven, 0 discarded, about 0 left/ },
};

/** Needs an AWS account, and is therefore not executed; it may say no other commands than these. */
const IN_AN_ACCOUNT = [
  /^# in your account$/,
  /^aws sts get-caller-identity$/,
  /^export CROSSFADE_ACCOUNT_ID=<your account>$/,
  /^npx sst (diff|deploy|remove) --stage staging$/,
  /^npx sst secret set TokenKey "\$\(openssl rand -base64 32\)" --stage staging$/,
  /^export LEDGER_TABLE=<name> PAYLOAD_BUCKET=<name> METRICS_NAMESPACE=<name>$/,
  /^([A-Z_]+=<\w+> )+node packages\/functions\/src\/webcat\/registry-worker\.ts$/,
];

/** What .ci/run executes on a clean checkout. */
const EXECUTED_BY_CI = ["npm ci", "npm test", "npm start -- --once --json --messages 400 --seed 7"];

/** `npm start` alone serves until Ctrl-C; its options are executed. */
const SAME_AS = new Map([
  ["npm start", "npm start -- --once --json --messages 400 --seed 7"],
  // One of the projects that it runs.
  ["npm run infra", "npm test"],
]);

async function documents(): Promise<string[]> {
  const docs = (await readdir(path.join(ROOT, "docs"))).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.map((name) => path.join("docs", name))];
}

async function linesOf(blocks: "sh" | "console"): Promise<string[]> {
  const texts = await Promise.all((await documents()).map((file) => readFile(path.join(ROOT, file), "utf8")));
  const found = texts.flatMap((text) => [...text.matchAll(new RegExp(`\`\`\`${blocks}\n(.*?)\`\`\``, "gs"))]);
  return found.flatMap(([, block = ""]) => block.trim().split("\n"));
}

async function commands(): Promise<string[]> {
  const parts = (await linesOf("sh")).flatMap((line) => line.split(" && "));
  return [...new Set(parts.map((part) => part.trim()))];
}

it("says of a command that is not executed that it needs an account, and of no other", async () => {
  const lines = await linesOf("console");
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => !IN_AN_ACCOUNT.some((known) => known.test(line)))).toEqual([]);
});

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
  let folder: string;
  beforeAll(async () => {
    registry = await startSimulatedRegistry({ takenRate: 0 });
    world = await startWorld({ registryUrl: registry.url, sourceVisibilitySeconds: 12 });
    await world.setRollouts({ stage: "legacy", percentage: 0, include: [] });
    folder = await mkdtemp(path.join(tmpdir(), "crossfade-docs-test-"));
    await writeFile(path.join(folder, "outputs.json"), JSON.stringify({ crossfade: world.bridge.deployed }));
  });
  afterAll(async () => {
    await world.close();
    await Promise.all([registry.stop(), rm(folder, { recursive: true })]);
  });

  it.each(Object.entries(EXECUTED_IN_A_WORLD))("%s", async (command, { shows, code = 0, before }) => {
    expect(await commands()).toContain(command);
    await before?.(world);
    const env = { ...process.env, ...world.bridge.env, CROSSFADE_DEPLOYMENT: path.join(folder, "outputs.json") };
    const run = async () => {
      const ran = await runCommand(command, undefined, env);
      expect(ran.code, ran.stderr).toBe(code);
      return shows.test(ran.stdout) ? ran : undefined;
    };
    await eventually(`the command to show ${shows}`, run, 30_000);
  });
});
