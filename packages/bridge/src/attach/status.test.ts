import { describe, expect, it } from "vitest";
import { carryOut } from "./run.ts";
import { type SourceState, statusOf } from "./status.ts";
import type { Attachment, Direction } from "./steps.ts";
import { FakeCloud, placeOf } from "./testing.ts";

const FORWARD = "https://sqs.eu-west-1.amazonaws.com/000000000000/forward.fifo";
const DEAD = "https://sqs.eu-west-1.amazonaws.com/000000000000/dead";

async function after(kind: Attachment, ...ways: readonly Direction[]): Promise<FakeCloud> {
  const cloud = new FakeCloud(kind);
  for (const direction of ways) {
    const order = { direction, by: "aino", onProgress: () => {} };
    const ended = await carryOut(cloud.deps, placeOf(kind), order);
    if (ended.kind === "person") await carryOut(cloud.deps, placeOf(kind), { ...order, done: ended.step });
    expect(cloud.journal?.finished).toBe(true);
  }
  return cloud;
}

async function statusIn(
  cloud: FakeCloud,
  kind: Attachment,
): Promise<{ readonly state: SourceState; readonly needs: readonly string[] }> {
  const { sources, needs } = await statusOf(cloud.deps, [placeOf(kind)], { deadLetters: {} });
  const [source] = sources;
  if (source === undefined) throw new Error("no source");
  expect(needs).toEqual(source.needs);
  return source;
}

/** What a person may have done by hand, and what is said of it. */
type ByHand = readonly [string, Attachment, (cloud: FakeCloud) => void, RegExp];
const gone = (endpoint: RegExp) => (cloud: FakeCloud) => {
  cloud.subscriptions = cloud.subscriptions.filter((each) => !endpoint.test(each.endpoint));
};
const subscribed = (endpoint: string) => (cloud: FakeCloud) => {
  cloud.subscriptions.push({ arn: "by-hand", protocol: "any", endpoint, attributes: {} });
};
const switched = (id: string, on: boolean) => (cloud: FakeCloud) => {
  cloud.now += 10_000;
  cloud.switchByHand(id, on);
  cloud.now += 10_000;
};
const OLD = "arn:aws:lambda:eu-west-1:000000000000:function:old";
const INTAKE = "arn:aws:sqs:eu-west-1:000000000000:intake";

describe("the status of a source", () => {
  it.each(["queue-lambda", "queue-process", "topic", "tap"] as const)(
    "of kind %s is calm there and back",
    async (kind) => {
      for (const [ways, state] of [
        [[], "detached"],
        [["attach"], "attached"],
        [["attach", "detach"], "detached"],
      ] as const) {
        expect(await statusIn(await after(kind, ...ways), kind)).toMatchObject({ state: { kind: state }, needs: [] });
      }
    },
  );

  it.each<ByHand>([
    ["ingest is off", "queue-process", switched("ingest", false), /ingest's mapping is not on/],
    ["the old consumer is on", "queue-lambda", switched("old", true), /old consumer's mapping is not off/],
    ["the forward queue has no reader", "queue-lambda", switched("forward", false), /nobody reads the forward queue/],
    ["the intake hears nothing", "topic", gone(/intake$/), /messages are lost/],
    ["the tap hears nothing", "tap", gone(/intake$/), /messages are lost/],
    ["the old consumer hears too", "topic", subscribed(OLD), /messages are done twice/],
  ])("says of one that is attached: %s", async (_, kind, byHand, says) => {
    const cloud = await after(kind, "attach");
    byHand(cloud);
    const { state, needs } = await statusIn(cloud, kind);
    expect(state).toEqual({ kind: "attached" });
    expect(needs).toEqual([expect.stringMatching(/^refreshes: it is attached, and /)]);
    expect(needs[0]).toMatch(says);
  });

  it.each<ByHand>([
    ["ingest is on", "queue-process", switched("ingest", true), /ingest's mapping is on/],
    ["the old consumer is off", "queue-lambda", switched("old", false), /old consumer's mapping is not on/],
    [
      "the forward queue is not empty",
      "queue-lambda",
      ({ queues }) => queues.set(FORWARD, { ...queueOf(queues.get(FORWARD)), visible: 1 }),
      /holds messages that nobody reads/,
    ],
    ["the intake hears", "topic", subscribed(INTAKE), /intake queue is subscribed/],
    ["the tap hears", "tap", subscribed(INTAKE), /intake queue is subscribed/],
    ["the old consumer hears nothing", "topic", gone(/old$/), /messages are lost/],
  ])("says of one that is detached: %s", async (_, kind, byHand, says) => {
    const cloud = await after(kind, "attach", "detach");
    byHand(cloud);
    const { state, needs } = await statusIn(cloud, kind);
    expect(state).toEqual({ kind: "detached" });
    expect(needs).toEqual([expect.stringMatching(/^refreshes: it is detached, and /)]);
    expect(needs[0]).toMatch(says);
  });

  it("names the one source in what to run next, so that no other is touched", async () => {
    const cloud = new FakeCloud("queue-process");
    await carryOut(cloud.deps, placeOf("queue-process"), { direction: "attach", by: "aino", onProgress: () => {} });
    const asked = await statusIn(cloud, "queue-process");
    expect(asked.state).toMatchObject({ kind: "attaching", step: "move-consumer", by: "aino" });
    expect(asked.needs).toEqual([
      expect.stringContaining("crossfade attach --apply --source refreshes --done move-consumer"),
    ]);

    const other = await after("queue-lambda", "attach");
    const order = { direction: "detach", by: "aino", waitAtMost: 0, onProgress: () => {} } as const;
    expect(await carryOut(other.deps, placeOf("queue-lambda"), order)).toMatchObject({ kind: "still-waiting" });
    other.now = (other.journal?.at ?? 0) + 15 * 60_000;
    expect((await statusIn(other, "queue-lambda")).needs).toEqual([]);
    other.now += 1;
    expect((await statusIn(other, "queue-lambda")).needs).toEqual([
      expect.stringMatching(/detaching stopped at \S+: run crossfade detach --apply --source refreshes$/),
    ]);
  });

  it("tells how far it was even where its queue or its topic is gone", async () => {
    const cloud = await after("queue-lambda", "attach");
    for (const url of cloud.queues.keys()) cloud.queues.delete(url);
    const { state, needs } = await statusIn(cloud, "queue-lambda");
    expect([state, needs]).toEqual([{ kind: "attached" }, [expect.stringContaining("there is no queue https://")]]);
    const topic = await after("topic", "attach");
    topic.topicGone = true;
    expect((await statusIn(topic, "topic")).needs).toEqual(["refreshes: there is no topic"]);
  });

  it("tells of dead letters, and of a queue for them that is gone", async () => {
    const cloud = new FakeCloud("tap");
    const deadLetters = { quarantine: { queueUrl: DEAD, queueArn: "arn:dead" } };
    expect((await statusOf(cloud.deps, [], { deadLetters })).needs).toEqual([
      "there is no dead-letter queue of quarantine",
    ]);
    cloud.queues.set(DEAD, queueOf(cloud.queues.get(FORWARD)));
    expect((await statusOf(cloud.deps, [], { deadLetters })).needs).toEqual([]);
    cloud.queues.set(DEAD, { ...queueOf(cloud.queues.get(FORWARD)), inFlight: 2 });
    expect(await statusOf(cloud.deps, [], { deadLetters })).toMatchObject({
      ...{ deadLetters: { quarantine: 2 }, needs: ["2 dead letters of quarantine"] },
    });
  });
});

function queueOf<Sight>(sight: Sight | undefined): Sight {
  if (sight === undefined) throw new Error("no such queue");
  return sight;
}
