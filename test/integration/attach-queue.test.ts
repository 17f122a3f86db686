import { bodyHash, type Claim, initialRollout, RouteType } from "@crossfade/bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { flowOf } from "./support/flow.ts";
import { keyOfMessage, type Message, refresh } from "./support/messages.ts";
import { depth } from "./support/queues.ts";
import { aClaim, refused } from "./support/samples.ts";
import {
  type OldConsumer,
  oldConsumer,
  type Switching,
  startSwitching,
  type TestQueue,
  testQueue,
  VISIBILITY,
} from "./support/switching.ts";

const REFRESH = RouteType.parse("REFRESH_DOMAIN");

let world: Switching;
let queue: TestQueue;
let old: OldConsumer;
beforeAll(async () => {
  world = await startSwitching(async ({ cloud, sqs }) => {
    queue = await testQueue(sqs);
    old = oldConsumer(cloud, "old-refresher");
    const consumer = {
      kind: "lambda",
      functionArn: old.functionArn,
      roleArn: "arn:aws:iam::000000000000:role/old",
    } as const;
    cloud.mapQueue({
      ...{ queueUrl: queue.queueUrl, queueArn: queue.queueArn, functionName: "old-refresher" },
      ...{ batchSize: 5, maximumConcurrency: 2, reportBatchItemFailures: true },
    });
    const { queueUrl, queueArn } = queue;
    return {
      refreshes: {
        ...{ attach: "intercept", at: "queue", queueUrl, queueArn, visibilitySeconds: VISIBILITY, consumer },
        routes: ["REFRESH_DOMAIN"],
      },
    };
  });
});
afterAll(() => world.close());

/** Sends to the source queue until it is stopped. */
const publisher = () =>
  flowOf(async () => {
    const message = refresh();
    await world.send(queue.queueUrl, message);
    return message;
  });

/** A message that ingest claimed for the order path before it crashed: neither started nor acknowledged. */
async function orderNotStarted(): Promise<Claim> {
  const message = refresh();
  const given = { ...keyOfMessage(message), bodyHash: bodyHash(message), decidedAt: Date.now() };
  const { pinKey: _, ...claim } = aClaim("order", given);
  expect(await world.claims.claim(claim)).toMatchObject({ kind: "claimed" });
  await world.send(queue.queueUrl, message);
  return claim;
}

/** Nobody works on orders here: it is ended by hand, after a look at who reads the queue meanwhile. */
async function orderEnds(order: Promise<Claim> | undefined): Promise<void> {
  const claim = await order;
  if (claim === undefined) throw new Error("there is no order");
  expect(await world.mappings(old.functionArn)).toContainEqual({ arn: queue.queueArn, state: "Disabled" });
  await world.claims.mirror(claim, { fence: 7, image: {} }, { generation: 0, outcome: refused, at: Date.now() });
}

const everyOneDone = (sent: readonly Message[]) =>
  eventually(
    "every message to be done by the old consumer",
    async () => (sent.every(({ requestId }) => old.did.has(requestId)) ? true : undefined),
    20_000,
  );

const timesDone = () => Math.max(...old.did.values());

describe("a queue whose old consumer is a function", () => {
  it("is attached and detached while messages flow, crashes included: none is lost, none done twice", async () => {
    // The old consumer crashes in the middle of every tenth request, once each.
    const crashed = new Set<string>();
    let n = 0;
    old.crash = (requestId) => {
      if (crashed.has(requestId) || ++n % 10 !== 0) return false;
      crashed.add(requestId);
      return true;
    };
    const flow = publisher();
    await eventually("the old consumer to work", async () => (old.did.size > 5 ? true : undefined));
    expect(await world.go("attach", "refreshes")).toEqual({ kind: "finished", already: false });
    const before = flow.sent.length;
    await eventually("messages to flow by the bridge", async () => (flow.sent.length > before + 20 ? true : undefined));
    const { hold, legacyBefore } = await world.rollouts.read(REFRESH);
    expect(hold).toBeUndefined();
    expect(legacyBefore).toBeGreaterThan(Date.now());
    const forwardArn = world.deployed.sources["refreshes"]?.forward;
    expect(await world.mappings(old.functionArn)).toEqual(
      expect.arrayContaining([
        { arn: queue.queueArn, state: "Disabled" },
        { arn: forwardArn && "queueArn" in forwardArn ? forwardArn.queueArn : "", state: "Enabled" },
      ]),
    );

    // Ingest crashes between sending and acknowledging, more often than not, up to its end.
    let batches = 0;
    const unacknowledged = new Set<string>();
    world.crashIngest = (ids) => {
      if (++batches % 3 === 0) return false;
      for (const id of ids) unacknowledged.add(id);
      return true;
    };
    const swept: number[] = [];
    let order: Promise<Claim> | undefined;
    let over: Promise<void> | undefined;
    const ended = await world.go("detach", "refreshes", {
      onProgress: (progress) => {
        if (progress.kind === "done" && progress.swept !== undefined) swept.push(progress.swept.takenOut);
        if (progress.kind === "done" && progress.step === "ingest-off") order = orderNotStarted();
        if (progress.kind === "waiting" && progress.step === "orders-ended-again") over ??= orderEnds(order);
      },
    });
    expect(over, "detach waited for the order that the sweep had begun").toBeDefined();
    await over;
    const claim = await order;
    expect(claim && (await world.claims.read(claim))).toMatchObject({ path: "order", startedAt: expect.any(Number) });
    expect(old.did.has(String(claim?.requestId))).toBe(false);
    expect(ended).toEqual({ kind: "finished", already: false });
    const sent = await flow.stop();
    await everyOneDone(sent);
    expect(unacknowledged.size).toBeGreaterThan(0);
    expect(timesDone()).toBe(1);
    expect(swept[0], "the sweep had something to do").toBeGreaterThan(0);
    expect(old.did.size).toBe(sent.length);
    expect(await world.mappings(old.functionArn)).toEqual([{ arn: queue.queueArn, state: "Enabled" }]);
    expect(await depth(world.sqs, queue.deadLetterUrl)).toBe(0);
  });

  it("stays held when it is detached, and its flag cannot be raised", async () => {
    const rollout = await world.rollouts.read(REFRESH);
    expect(rollout).toMatchObject({ stage: "legacy", hold: { source: "refreshes" } });
    const raised = { ...initialRollout(REFRESH), stage: "split" as const, percentage: 5, version: rollout.version + 1 };
    const audit = { by: "test", reason: "test", at: Date.now() };
    await expect(world.rollouts.write(raised, audit)).rejects.toMatchObject({ code: "ROLLOUT_HELD" });
    await expect(world.rollouts.write({ ...rollout, ...raised }, audit)).rejects.toThrow(/held/);
  });
});
