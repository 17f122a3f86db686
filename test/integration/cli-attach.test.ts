import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { RouteType } from "@crossfade/bridge";
import type { Deployed } from "@crossfade/bridge/deployment";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { crossfade } from "./support/cli.ts";
import { eventually } from "./support/eventually.ts";
import { flowOf } from "./support/flow.ts";
import { dnsUpdate, refresh } from "./support/messages.ts";
import { type Ran, runCommand } from "./support/run.ts";
import {
  type OldConsumer,
  oldConsumer,
  type Switching,
  startSwitching,
  type TestQueue,
  testQueue,
  VISIBILITY,
} from "./support/switching.ts";

const ROLE = "arn:aws:iam::000000000000:role/old";

let folder: string;
let file: string;
let world: Switching;
let queue: TestQueue;
let processQueue: TestQueue;
let old: OldConsumer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "crossfade-attach-test-"));
  file = path.join(folder, "outputs.json");
  world = await startSwitching(async ({ cloud, sqs }) => {
    [queue, processQueue] = [await testQueue(sqs), await testQueue(sqs)];
    old = oldConsumer(cloud, "old-refresher");
    cloud.mapQueue({
      ...{ queueUrl: queue.queueUrl, queueArn: queue.queueArn, functionName: "old-refresher" },
      ...{ batchSize: 5, maximumConcurrency: 2, reportBatchItemFailures: true },
    });
    const intercept = { attach: "intercept", at: "queue", visibilitySeconds: VISIBILITY } as const;
    const names = ({ queueUrl, queueArn }: TestQueue) => ({ queueUrl, queueArn });
    return {
      refreshes: {
        ...{ ...intercept, ...names(queue), routes: ["REFRESH_DOMAIN"] },
        consumer: { kind: "lambda", functionArn: old.functionArn, roleArn: ROLE },
      },
      dns: {
        ...intercept,
        ...names(processQueue),
        routes: ["UPDATE_DNS"],
        consumer: { kind: "process", roleArn: ROLE },
      },
    };
  });
  await writeFile(file, JSON.stringify({ crossfade: world.deployed, other: 1 }));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

const line = (words: string) => `${words} --deployment ${file}`;

/** The command in a process of its own, interrupted as soon as stdout matches. */
const inProcess = (words: string, until?: RegExp): Promise<Ran> =>
  runCommand(`"${process.execPath}" packages/cli/src/main.ts ${line(words)}`, until, {
    ...process.env,
    ...world.cloud.env,
  });

/** A deployment that is not this one. */
async function otherThan(change: (deployed: Deployed) => unknown): Promise<string> {
  const other = path.join(folder, "other.json");
  await writeFile(other, JSON.stringify(change(structuredClone(world.deployed))));
  return other;
}

const Plans = z.array(
  z.object({
    source: z.string(),
    steps: z.array(z.object({ step: z.string(), state: z.string(), calls: z.array(z.object({ action: z.string() })) })),
    notes: z.array(z.string()),
  }),
);

describe("what is not as the deployment says", () => {
  it.each([
    ["the account", "accountId", (d: Deployed) => ({ ...d, accountId: "123456789012" })],
    ["the region", "region", (d: Deployed) => ({ ...d, region: "eu-north-1" })],
    [
      "the queue",
      "sources.refreshes.intake.queueUrl",
      (d: Deployed) => with_(d, { intake: { queueUrl: processQueue.queueUrl, queueArn: queue.queueArn } }),
    ],
    [
      "ingest's mapping",
      "sources.refreshes.mappingId",
      (d: Deployed) => with_(d, { mappingId: d.sources["dns"]?.mappingId }),
    ],
    ["the old function", "sources.refreshes.config.consumer.functionArn", (d: Deployed) => withFunction(d, "nobody")],
    [
      "the visibility timeout",
      "sources.refreshes.intake.queueUrl",
      (d: Deployed) => ({ ...d, ingestTimeoutSeconds: 600 }),
    ],
  ])("is refused, and named: %s", async (_, field, change) => {
    const other = await otherThan(change);
    for (const action of ["--plan", "--apply"]) {
      const ran = await crossfade(`attach ${action} --source refreshes --deployment ${other}`);
      expect(ran).toMatchObject({ code: 4, stdout: "" });
      expect(ran.stderr).toContain(`${field}: expected `);
    }
    expect(await world.journal("refreshes")).toBeUndefined();
    expect(await world.mappings(old.functionArn)).toEqual([{ arn: queue.queueArn, state: "Enabled" }]);
  });

  it.each([
    ["account", (d: Deployed) => ({ ...d, accountId: "123456789012" })],
    ["region", (d: Deployed) => ({ ...d, region: "eu-north-1" })],
  ])("is refused by every command that changes a ledger: another %s", async (what, change) => {
    const other = await otherThan(change);
    const before = await world.rollouts.read(RouteType.parse("REFRESH_DOMAIN"));
    for (const words of ["rollout set REFRESH_DOMAIN --percentage 1 --reason test", "routes", "approvals list"]) {
      const ran = await crossfade(`${words} --deployment ${other}`);
      expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(`${what}`) });
      expect(ran.stderr).toContain("expected ");
    }
    expect(await world.rollouts.read(RouteType.parse("REFRESH_DOMAIN"))).toEqual(before);
  });

  it("was never attached: detach says so, for a person and for a script", async () => {
    const detach = "detach --apply --source refreshes";
    expect(await crossfade(line(detach))).toMatchObject({ code: 0, stdout: "refreshes  is detached\n" });
    const { stdout } = await crossfade(line(`${detach} --json`));
    expect(JSON.parse(stdout)).toEqual([{ source: "refreshes", kind: "finished", already: true }]);
  });

  it("is nobody who does it: a journal without a name could not be read again", async () => {
    const ran = await crossfade(line('attach --apply --source refreshes --by ""'));
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--by: ") });
    expect(await world.journal("refreshes")).toBeUndefined();
    const nobody = { source: "nobody", version: 1, direction: "attach", finished: false, by: "", at: 1 } as const;
    await expect(world.operator.deps.journals.write({ ...nobody, done: {}, kept: {} })).rejects.toThrow();
    expect(await world.journal("nobody")).toBeUndefined();
  });

  it("is no deployment at all, or a source that it has not", async () => {
    const none = await crossfade("attach --plan --deployment nowhere.json");
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("nowhere.json cannot be read") });
    const odd = await otherThan(() => ({ crossfade: { name: "x" } }));
    expect((await crossfade(`status --deployment ${odd}`)).stderr).toMatch(/describes no deployment.*accountId/);
    const unknown = await crossfade(line("attach --plan --source nothing"));
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("refreshes, dns") });
    expect(await crossfade(line("attach"))).toMatchObject({ code: 2, stderr: expect.stringContaining("--plan") });
  });
});

const with_ = ({ sources, ...rest }: Deployed, change: Readonly<Record<string, unknown>>) => ({
  ...rest,
  sources: { ...sources, refreshes: { ...sources["refreshes"], ...change } },
});
const withFunction = (deployed: Deployed, name: string) =>
  with_(deployed, {
    config: {
      ...deployed.sources["refreshes"]?.config,
      consumer: {
        kind: "lambda",
        roleArn: ROLE,
        functionArn: `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
      },
    },
  });

describe("crossfade attach --plan", () => {
  it("prints every call and wait, and changes nothing", async () => {
    const ran = await crossfade(line("attach --plan --json --source refreshes"));
    expect(ran.code, ran.stderr).toBe(0);
    const [plan] = Plans.parse(JSON.parse(ran.stdout));
    expect(plan?.steps.map(({ step, calls }) => [step, ...calls.map(({ action }) => action)])).toEqual([
      ["hold", "HoldRollout"],
      ["forward-mapping", "CreateEventSourceMapping"],
      ["old-off", "UpdateEventSourceMapping"],
      ["ingest-on", "UpdateEventSourceMapping"],
      ["old-drained"],
      ["release", "ReleaseRollout"],
    ]);
    const text = await crossfade(line("attach --plan"));
    expect(text.stdout).toMatch(
      /next {3}1\. hold .*\n {12}ledger HoldRollout \{"route":"REFRESH_DOMAIN","from":"legacy 0 %","forced":true\}/,
    );
    const create = /lambda CreateEventSourceMapping (.*)/.exec(text.stdout)?.[1] ?? "";
    expect(JSON.parse(create)).toMatchObject({ BatchSize: 5, ScalingConfig: { MaximumConcurrency: 2 }, Enabled: true });
    expect(text.stdout).toContain("a person: stop every process");
    expect(await world.journal("refreshes")).toBeUndefined();
    expect(await world.mappings(old.functionArn)).toEqual([{ arn: queue.queueArn, state: "Enabled" }]);
  });
});

describe("crossfade status", () => {
  it("says that nothing needs a person, and what does", async () => {
    const calm = await crossfade(line("status"));
    expect(calm.code, calm.stdout).toBe(0);
    expect(calm.stdout).toMatch(/refreshes {2}detached {2}Disabled {2}Enabled/);
    const dead = world.deployed.deadLetters["quarantine"]?.queueUrl;
    await world.sqs.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: "odd" }));
    const ran = await crossfade(line("status --json"));
    expect(ran.code).toBe(5);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      deadLetters: { quarantine: 1 },
      needs: ["1 dead letters of quarantine"],
    });
  });
});

/** Runs the command again and again; each time it dies as soon as the next of these steps is done. */
async function dyingAfter(words: string, steps: readonly string[]): Promise<void> {
  for (const step of steps) {
    const ran = await crossfade(line(words), { dieAt: new RegExp(`done {2}${step}[\n:]`) });
    expect(ran.stderr, ran.stdout).toContain("the command died");
  }
}

/** Sends to the source queue until it is stopped. */
const publisher = () =>
  flowOf(async () => {
    const message = refresh();
    await world.send(queue.queueUrl, message);
    return message;
  });

describe.concurrent("crossfade attach and detach", () => {
  it("go on where they were killed, after each step, while messages flow: none lost, none done twice", async () => {
    const flow = publisher();
    await dyingAfter("attach --apply --source refreshes", ["hold", "forward-mapping", "old-off", "ingest-on"]);
    const killed = await inProcess("attach --apply --source refreshes", /done {2}old-drained/);
    expect(killed.code, killed.stderr).toBeNull();
    expect(await world.journal("refreshes")).toMatchObject({ direction: "attach", finished: false });
    // Two operators go on at once: one ends it, and the other is told so, or comes too late to do anything.
    const both = await Promise.all([1, 2].map(() => crossfade(line("attach --apply --source refreshes"))));
    const [ended, other] = both.sort((a, b) => Number(a.code) - Number(b.code));
    expect(ended?.code, ended?.stderr).toBe(0);
    if (other?.code !== 0)
      expect(other).toMatchObject({ code: 3, stderr: expect.stringContaining("another operator") });
    const written = await world.journal("refreshes");
    const again = written && world.operator.deps.journals.write(written);
    await expect(again).rejects.toMatchObject({ code: "ATTACH_CHANGED" });
    expect((await crossfade(line("attach --apply --source refreshes"))).stdout).toContain("refreshes  is attached");

    // Routes go back to legacy only where that was said.
    process.env["LEDGER_TABLE"] = world.bridge.ledgerTable;
    const raised = await crossfade("rollout set REFRESH_DOMAIN --percentage 5 --reason test");
    expect(raised.code, raised.stderr).toBe(0);
    const plan = await crossfade(line("detach --plan --source refreshes"));
    expect(plan.stdout).toContain("these routes go back to legacy: REFRESH_DOMAIN from split 5 %");
    expect(await crossfade(line("detach --apply --source refreshes"))).toMatchObject({
      ...{ code: 6, stderr: expect.stringContaining("REFRESH_DOMAIN") },
    });
    const detach = "detach --apply --yes --source refreshes";
    await dyingAfter(detach, ["hold", "orders-ended", "ingest-off", "ingest-drained"]);
    const killedAgain = await inProcess(detach, /done {2}sweep/);
    expect(killedAgain.code, killedAgain.stderr).toBeNull();
    await dyingAfter(detach, ["orders-ended-again", "old-on", "forward-empty", "forward-off"]);
    expect(await crossfade(line("detach --apply --source refreshes"))).toMatchObject({ code: 0 });
    await flow.stop();
    await eventually(
      "every message to be done",
      async () => (flow.sent.every(({ requestId }) => old.did.has(requestId)) ? true : undefined),
      20_000,
    );
    expect(new Set(old.did.values())).toEqual(new Set([1]));
    expect(await world.mappings(old.functionArn)).toEqual([{ arn: queue.queueArn, state: "Enabled" }]);
    const held = await crossfade("rollout set REFRESH_DOMAIN --percentage 5 --reason test");
    expect(held).toMatchObject({ code: 2, stderr: expect.stringContaining("held") });
  });

  it("wait for a person where the old consumer is a process, there and back", async () => {
    const asked = await crossfade(line("attach --apply --source dns"));
    expect(asked).toMatchObject({ code: 5, stderr: expect.stringContaining("--done move-consumer") });
    expect(asked.stderr).toContain(processQueue.queueUrl);
    // As it stands, in another terminal too: the default file may be that of another stage.
    expect(asked.stderr).toContain(`crossfade attach --apply --source dns --done move-consumer --deployment ${file}`);
    const stuck = await crossfade(line("status --source dns"));
    expect(stuck).toMatchObject({ code: 5, stdout: expect.stringContaining("attaching at move-consumer") });
    const attached = await crossfade(line("attach --apply --source dns --done move-consumer"));
    expect(attached.code, attached.stderr).toBe(0);
    // What the process did not take yet comes by the forward queue.
    const message = dnsUpdate();
    await world.send(processQueue.queueUrl, message);
    const forward = world.deployed.sources["dns"]?.forward;
    const forwardUrl = forward && "queueUrl" in forward ? forward.queueUrl : "";
    const taken = await eventually("the message to be forwarded", async () => {
      const records = await world.operator.deps.queues.receive(forwardUrl, "arn:forward", 30);
      return records[0];
    });
    expect(JSON.parse(taken.body)).toEqual(message);
    await world.operator.deps.queues.acknowledge(forwardUrl, [taken.receiptHandle]);

    expect(await crossfade(line("detach --apply --source dns"))).toMatchObject({
      ...{ code: 5, stderr: expect.stringContaining("--done move-back") },
    });
    expect(await crossfade(line("detach --apply --source dns --done move-back"))).toMatchObject({ code: 0 });
  });
});
