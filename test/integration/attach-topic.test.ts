import { ListSubscriptionsByTopicCommand, PublishCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { RouteType } from "@crossfade/bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { flowOf } from "./support/flow.ts";
import { dnsUpdate, keyOfMessage, type Message, refresh } from "./support/messages.ts";
import { type OldConsumer, oldConsumer, type Switching, startSwitching, testTopic } from "./support/switching.ts";

/** Seconds for which both subscriptions stand. */
const OVERLAP = 1;
const FILTER = JSON.stringify({ kind: ["refresh"] });

let world: Switching;
let topic: string;
let tapped: string;
let old: OldConsumer;
let watched: OldConsumer;
beforeAll(async () => {
  world = await startSwitching(async ({ cloud, sns }) => {
    [topic, tapped] = await Promise.all([testTopic(sns), testTopic(sns)]);
    old = oldConsumer(cloud, "old-topic-consumer");
    watched = oldConsumer(cloud, "watched-consumer");
    const subscribe = (TopicArn: string, Endpoint: string, Attributes: Record<string, string>) =>
      sns.send(new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint, Attributes }));
    await subscribe(topic, old.functionArn, { FilterPolicy: FILTER });
    await subscribe(tapped, watched.functionArn, {});
    const consumer = { kind: "lambda", functionArn: old.functionArn } as const;
    return {
      refreshes: {
        ...{ attach: "intercept", at: "topic", topicArn: topic, consumer, overlapSeconds: OVERLAP, drainSeconds: 2 },
        routes: ["REFRESH_DOMAIN"],
      },
      dns: { attach: "tap", topicArn: tapped, routes: ["UPDATE_DNS"] },
    };
  });
});
afterAll(() => world.close());

async function publish(TopicArn: string, message: Message, kind: string): Promise<void> {
  const MessageAttributes = { kind: { DataType: "String", StringValue: kind } };
  await world.sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(message), MessageAttributes }));
}

async function subscribers(TopicArn: string): Promise<readonly (string | undefined)[]> {
  const { Subscriptions = [] } = await world.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  return Subscriptions.map(({ Protocol }) => Protocol).sort();
}

/** Publishes until it is stopped: what the old consumer wants, and now and then what its filter keeps away. */
function publisher() {
  const unwanted: Message[] = [];
  let count = 0;
  const flow = flowOf(async () => {
    const message = refresh();
    await publish(topic, message, "refresh");
    const sent = { message, at: Date.now() };
    if (++count % 5 === 0) {
      const other = refresh();
      unwanted.push(other);
      await publish(topic, other, "other");
    }
    return sent;
  });
  return { ...flow, unwanted };
}

describe("a function that is subscribed to a topic", () => {
  it("is attached and detached while messages flow: none is lost, and only those of the overlap may come twice", async () => {
    const flow = publisher();
    const times: Record<string, number> = {};
    const note = (way: string) => (progress: { kind: string; step: string }) => {
      if (progress.kind === "done") times[`${way} ${progress.step}`] = Date.now();
    };
    await eventually("the old consumer to work", async () => (old.did.size > 3 ? true : undefined));
    expect(await subscribers(topic)).toEqual(["lambda"]);
    const began = Date.now();
    expect(await world.go("attach", "refreshes", { onProgress: note("attach") })).toMatchObject({ kind: "finished" });
    expect(await subscribers(topic)).toEqual(["sqs"]);
    const attached = flow.sent.length;
    await eventually("messages to flow by the bridge", async () =>
      flow.sent.length > attached + 10 ? true : undefined,
    );
    const back = Date.now();
    expect(await world.go("detach", "refreshes", { onProgress: note("detach") })).toMatchObject({ kind: "finished" });
    expect(await subscribers(topic)).toEqual(["lambda"]);
    await flow.stop();
    await eventually(
      "every message to be done",
      async () => (flow.sent.every(({ message }) => old.did.has(message.requestId)) ? true : undefined),
      20_000,
    );
    await world.cloud.invocationsSettled();
    expect(flow.unwanted.filter(({ requestId }) => old.did.has(requestId))).toEqual([]);
    const twice = flow.sent.filter(({ message }) => (old.did.get(message.requestId) ?? 0) > 1);
    const overlaps = [
      [began, times["attach unsubscribe-old"] ?? 0],
      [back, times["detach unsubscribe-intake"] ?? 0],
    ] as const;
    for (const { at } of twice) expect(overlaps.some(([from, to]) => from <= at && at <= to + 500)).toBe(true);
    expect(twice.length, "this world has overlaps").toBeGreaterThan(0);
  });

  it("gets its subscription back as it was", async () => {
    const place = world.place("refreshes");
    const found = await world.operator.deps.subscriptions.find(topic, { endpoint: old.functionArn });
    expect(found).toMatchObject([{ protocol: "lambda", attributes: { FilterPolicy: FILTER } }]);
    expect(place.name).toBe("refreshes");
  });
});

describe("a tap", () => {
  it("sees every message, changes nothing for the old consumer, and its route stays held", async () => {
    expect(await world.go("attach", "dns")).toMatchObject({ kind: "finished" });
    expect(await subscribers(tapped)).toEqual(["lambda", "sqs"]);
    const message = dnsUpdate();
    await publish(tapped, message, "dns");
    const claim = await eventually("the tap to see it", () => world.claims.read(keyOfMessage(message)));
    expect(claim).toMatchObject({ path: "legacy", tap: expect.any(String), forwardedAt: expect.any(Number) });
    await eventually("the old consumer to do it", async () => watched.did.get(message.requestId));
    const rollout = await world.rollouts.read(RouteType.parse("UPDATE_DNS"));
    expect(rollout).toMatchObject({ stage: "legacy", hold: { source: "dns" } });
  });

  it("is taken away again once its queue is empty", async () => {
    expect(await world.go("detach", "dns")).toMatchObject({ kind: "finished" });
    expect(await subscribers(tapped)).toEqual(["lambda"]);
    expect([...watched.did.values()]).toEqual([1]);
  });
});
