import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { DynamoDbMoves } from "@crossfade/bridge/adapters/dynamodb-moves";
import { RequestStories, RouteDetail } from "@crossfade/bridge/console";
import { createPublisher, draw } from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { crossfade } from "./support/cli.ts";
import { eventually } from "./support/eventually.ts";
import { keyOfMessage, ON_LEGACY, ON_ORDER, registration } from "./support/messages.ts";
import { type People, SEED, startPeople, TAKEN_RATE } from "./support/people.ts";
import { depth } from "./support/queues.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
let people: People;
let folder: string;
beforeAll(async () => {
  world = await startWorld();
  people = await startPeople(world);
  await world.bridge.attach();
  folder = await mkdtemp(path.join(tmpdir(), "crossfade-trace-test-"));
  await writeFile(path.join(folder, "outputs.json"), JSON.stringify({ crossfade: world.bridge.deployed }));
});
afterAll(async () => {
  await people.stop();
  await world.close();
  await rm(folder, { recursive: true });
});

type Message = ReturnType<typeof registration>;

/** A name that the registry has for sale. */
function free(stem: string): string {
  for (let n = 0; ; n++) {
    const name = `${stem}-${n}.fi`;
    if (draw(SEED, "taken", name) >= TAKEN_RATE) return name;
  }
}

async function publish(body: unknown): Promise<void> {
  const { sns, sqs, documents, payments, legacy } = world;
  const deps = { sns, sqs, documents, payments, clock: { now: () => Date.now() }, resources: legacy };
  const record = z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(body)));
  await createPublisher(deps, { lateRate: 0 }).publish({ source: "registrations", body: record }, "journey");
}

const ended = (message: Message) =>
  eventually(`the claim of ${message.requestId} ends`, async () => {
    const claim = await world.claims.read(keyOfMessage(message));
    return claim?.endedAt === undefined ? undefined : claim;
  });

/** What `trace --json` tells of one request. */
async function traced(id: string, options = "") {
  const ran = await crossfade(`trace ${id} --json ${options}`);
  expect(ran.code, ran.stderr).toBe(0);
  const { stories } = RequestStories.parse(JSON.parse(ran.stdout));
  const [story] = stories;
  if (story === undefined || stories.length > 1) throw new Error(`${stories.length} stories`);
  return { story, text: ran.stdout };
}

describe("crossfade trace", () => {
  it("tells of a request on the order path when it was claimed, started, done, charged and ended", async () => {
    const domain = free("kolmelta");
    const message = registration({ customerId: ON_ORDER, domain });
    await publish(message);
    const { orderId } = await ended(message);
    const { story, text } = await traced(message.requestId);
    expect(story).toMatchObject({
      ...{ route: "REGISTER_DOMAIN", claim: { path: "order", orderId } },
      execution: {
        ...{ status: "SUCCEEDED", machine: "webcat-Order" },
        children: [{ machine: "webcat-RegisterDomain", status: "SUCCEEDED" }],
      },
      effects: [{ n: 0, role: "whole" }],
    });
    expect(story.execution?.history.at(-1)).toMatchObject({ type: "ExecutionSucceeded" });
    const whats = story.timeline.map(({ what }) => what.replace(/:.*/, ""));
    expect(whats).toEqual(
      expect.arrayContaining([
        ...["claimed for the order path", "order started", "action RegisterDomain started", "effect 0 (whole) begun"],
        ...["action RegisterDomain SUCCEEDED", "charge decided", "order SUCCEEDED", "ended, and its row says so"],
      ]),
    );
    expect(whats[0]).toBe("claimed for the order path");
    // Without --personal nothing tells whose it is, and nowhere does a task token stand.
    for (const secret of [domain, ON_ORDER]) expect(text).not.toContain(secret);
    const personal = await traced(message.requestId, "--personal");
    expect(personal.story.personal).toMatchObject({ cohortKey: ON_ORDER, row: { domain } });
    expect(personal.text).not.toMatch(/token/i);

    const shown = await crossfade(`trace ${message.requestId}`);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^REGISTER_DOMAIN .* order path: ended COMPLETED after .*\norder /);
    expect(shown.stdout).toMatch(/\n {2}webcat-Order SUCCEEDED in .*\n.*\n {4}webcat-RegisterDomain SUCCEEDED/);
  });

  it("tells of a request on the legacy path when it was sent, how its row ended and what was planned", async () => {
    await world.setRollouts({ stage: "shadow", sample: 100, include: [] });
    const message = registration({ customerId: ON_LEGACY, domain: free("varjo") });
    await publish(message);
    await ended(message);
    const planned = await eventually("the plan has ended", async () => {
      const { story } = await traced(message.requestId);
      return story.timeline.some(({ what }) => what.startsWith("plan ended")) ? story : undefined;
    });
    expect(planned.claim).toMatchObject({ path: "legacy", stage: "shadow" });
    expect(planned.shadow).toMatchObject({ status: "SUCCEEDED", machine: "webcat-Order", children: [] });
    const lanes = planned.timeline.map(({ lane, what }) => `${lane}: ${what.replace(/:.*/, "")}`);
    expect(lanes).toEqual(
      expect.arrayContaining([
        "legacy: sent to the legacy consumer",
        "shadow: plan started",
        "legacy: ended by the old row",
      ]),
    );
    // What was planned is compared with what was done, and every command tells the same of it.
    const judged = await eventually("the two are compared", async () => {
      const { story } = await traced(message.requestId);
      return story.verdicts.find(({ against }) => against === "legacy");
    });
    expect(judged.verdict).toBe("match");
    expect((await crossfade(`trace ${message.requestId}`)).stdout).toMatch(/; judged match\n/);
    const diffs = await crossfade(`diffs REGISTER_DOMAIN --request ${message.requestId}`);
    expect(diffs.stdout).toMatch(/^match against legacy, judged /);
    const compared = RouteDetail.parse(JSON.parse((await crossfade("compare REGISTER_DOMAIN --json")).stdout));
    expect(compared.summary.parity).toMatchObject({ compared: 1, matched: 1, mismatched: 0 });
    expect(compared.summary.paths).toMatchObject({ legacy: { ended: 1 }, order: { ended: 1 } });
    expect(await crossfade("compare REGISTER_DOMAIN --max-mismatch 0")).toMatchObject({ code: 0 });
    await world.setRollouts({});
  });

  it("says of an id that nobody knows that it is unknown, and of none that it is none", async () => {
    const unknown = await crossfade(`trace ${randomUUID()}`);
    expect(unknown).toMatchObject({ code: 4, stdout: "" });
    expect(unknown.stderr).toContain("crossfade dead-letters list");
    expect((await crossfade('trace ""')).code).toBe(2);
  });
});

const Mirror = z.object({ queueUrl: z.string(), returnsTo: z.object({ queueArn: z.string() }) });

const deadLetters = (rest: string, options: Parameters<typeof crossfade>[1] = {}) =>
  crossfade(`dead-letters ${rest} --deployment ${path.join(folder, "outputs.json")}`, options);

const Shown = z.object({ messages: z.array(z.object({ messageId: z.string(), code: z.string().optional() })) });
async function idsIn(queue: string): Promise<readonly string[]> {
  const { stdout } = await deadLetters(`show ${queue} --json`);
  return Shown.parse(JSON.parse(stdout)).messages.map(({ messageId }) => messageId);
}

describe("crossfade dead-letters", () => {
  it("shows a refused message with its reason, sends it back, and discards it when it is refused again", async () => {
    const domain = free("vino");
    await publish({ ...registration({ domain }), surprise: "somebody@example.fi" });
    const [first = ""] = await eventually("it is in quarantine", async () => {
      const ids = await idsIn("quarantine");
      return ids.length === 1 ? ids : undefined;
    });
    const list = await deadLetters("list");
    expect(list.stdout).toMatch(/quarantine +1 +0 +where each came from/);
    expect(list.stdout).toMatch(/registrations-forward +0 +0 +crossfade-registrations-forward\.fifo/);
    const shown = await deadLetters(`show quarantine ${first}`);
    expect(shown.stdout).toMatch(/INVALID_MESSAGE at surprise/);
    expect(shown.stdout).not.toContain(domain);
    expect((await deadLetters(`show quarantine ${first} --personal`)).stdout).toContain(domain);

    const redrive = `redrive quarantine ${first} --reason "is it mended?" --by Aino`;
    expect(await deadLetters(redrive)).toMatchObject({ code: 7, stderr: expect.stringContaining("--yes") });
    const refusing = await deadLetters(redrive, { ask: async () => false });
    expect(refusing).toMatchObject({ code: 7, stderr: expect.stringContaining("nothing was changed") });
    const asked: string[] = [];
    const ask = async (question: string) => asked.push(question) > 0;
    expect(await deadLetters(redrive, { ask })).toMatchObject({
      ...{ code: 0, stdout: "quarantine: 1 redriven, 0 discarded, about 0 left\n" },
    });
    expect(asked).toEqual(["redrive 1 of quarantine to where each came from? [y/N] "]);

    const [second = ""] = await eventually("ingest refused it again", async () => {
      const ids = (await idsIn("quarantine")).filter((id) => id !== first);
      return ids.length === 1 ? ids : undefined;
    });
    const discarded = await deadLetters(`discard quarantine ${second} --reason "a test" --by Aino --yes --json`);
    expect(JSON.parse(discarded.stdout)).toMatchObject({ discarded: 1, moved: 0, left: 0, done: true });
    expect(await idsIn("quarantine")).toEqual([]);
    const record = await deadLetters(`show quarantine ${second}`);
    expect(record.stdout).toMatch(/was discarded by Aino at .*: a test/);
    expect(await deadLetters(`show quarantine ${randomUUID()}`)).toMatchObject({ code: 4 });
  });

  it("gives the old consumer what it gave up, and it does the work once", async () => {
    const message = registration({ customerId: ON_LEGACY, domain: free("uusi") });
    const { deadLetters: queues } = world.bridge.deployed;
    const QueueUrl = z.string().parse(queues["registrations-forward"]?.queueUrl);
    const group = { MessageGroupId: message.requestId, MessageDeduplicationId: message.requestId };
    await world.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message), ...group }));
    const redrive = `redrive registrations-forward --all --reason "the registry is back" --yes`;
    expect(await deadLetters(redrive)).toMatchObject({ code: 0, stdout: expect.stringContaining("1 redriven") });
    const commands = () => people.registry.commands().filter(({ requestId }) => requestId === message.requestId);
    await eventually("the old consumer does it", async () => (commands().length > 0 ? true : undefined));
    expect(await deadLetters(redrive)).toMatchObject({ code: 0, stdout: expect.stringContaining("0 redriven") });
    expect(commands()).toHaveLength(1);
  });

  it("tells of what may have been sent before, and sends it when a person says so", async () => {
    const { queueUrl, returnsTo } = Mirror.parse(world.bridge.deployed.deadLetters["mirror"]);
    await world.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "{}" }));
    const [messageId = ""] = await idsIn("mirror");
    const moves = new DynamoDbMoves(world.documents, world.bridge.ledgerTable);
    const somebody = { by: "Aino", reason: "it was the database", at: Date.now() };
    const intent = { ...{ queue: "mirror", messageId, ...somebody }, attempt: 1, bodyHash: "0", bytes: 2 };
    await moves.write({ ...intent, state: "intended" }, undefined);

    const redrive = `redrive mirror --all --reason "the database is back" --yes`;
    const uncertain = await deadLetters(redrive);
    expect(uncertain).toMatchObject({ code: 5, stdout: expect.stringContaining("0 redriven") });
    expect(uncertain.stderr).toContain(`nobody knows whether these were sent:\n  ${messageId}`);
    expect(await idsIn("mirror")).toEqual([messageId]);
    expect(await deadLetters(`${redrive} --again ${messageId}`)).toMatchObject({ code: 0 });
    expect(await depth(world.sqs, queueUrl)).toBe(0);
    expect(await moves.read("mirror", messageId)).toMatchObject({ state: "sent", attempt: 2, to: returnsTo.queueArn });
  });

  it.each([
    ["redrive quarantine --reason x --yes", /name the messages, or say --all/],
    ["redrive quarantine m-1 --all --reason x --yes", /name the messages, or say --all/],
    ["redrive nowhere --all --reason x --yes", /no dead-letter queue "nowhere": use one of quarantine/],
    ["redrive quarantine --all --yes", /--reason/],
    ['discard quarantine --all --yes --reason " "', /--reason/],
    ["redrive quarantine --all --yes --reason x --per-second 0", /number from 0.1 to 300/],
    ["show quarantine --limit 101", /whole number from 1 to 100/],
  ])("refuses %s", async (line, says) => {
    expect(await deadLetters(line)).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
  });

  it("says of messages that are not there that they are not", async () => {
    const ran = await deadLetters("discard quarantine m-1 --reason x --yes");
    expect(ran).toMatchObject({ code: 4, stderr: expect.stringContaining("m-1: the queue did not give it out") });
  });
});
