import { expect, it } from "vitest";
import { carryOut } from "./run.ts";
import type { Attachment, Direction, StepName } from "./steps.ts";
import { FakeCloud, placeOf } from "./testing.ts";

const OLD = "arn:aws:lambda:eu-west-1:000000000000:function:old";

/** By hand: a mapping that is switched, and has settled; a subscription that is ended, or made. */
const switched = (id: string, on: boolean) => (cloud: FakeCloud) => {
  cloud.now += 10_000;
  cloud.switchByHand(id, on);
  cloud.now += 10_000;
};
const ended = (protocol: string) => (cloud: FakeCloud) => {
  cloud.subscriptions = cloud.subscriptions.filter((each) => each.protocol !== protocol);
};
const subscribed = (cloud: FakeCloud) => {
  cloud.subscriptions.push({ arn: "by-hand", protocol: "lambda", endpoint: OLD, attributes: {} });
};

type Case = readonly [
  kind: Attachment,
  direction: Direction,
  after: StepName,
  byHand: (cloud: FakeCloud) => void,
  says: string,
  never: string,
];

it.each<Case>([
  ["queue-lambda", "attach", "old-off", switched("old", true), "old consumer's mapping is not off", "Mapping ingest"],
  ["queue-lambda", "attach", "old-drained", switched("forward", false), "forward queue is not on", "released"],
  ["queue-lambda", "attach", "old-drained", switched("ingest", false), "ingest's mapping is not on", "released"],
  ["queue-lambda", "detach", "ingest-drained", switched("ingest", true), "ingest's mapping is not off", "sweep"],
  ["queue-process", "detach", "ingest-drained", switched("ingest", true), "ingest's mapping is not off", "sweep"],
  ["queue-lambda", "detach", "ingest-drained", switched("old", true), "old consumer's mapping is not off", "sweep"],
  [
    "queue-lambda",
    "detach",
    "orders-ended-again",
    switched("ingest", true),
    "ingest's mapping is not off",
    "Mapping old",
  ],
  ["topic", "attach", "overlap", switched("ingest", false), "ingest's mapping is not on", "Unsubscribe"],
  ["topic", "attach", "overlap", ended("sqs"), "intake queue is not subscribed", "Unsubscribe"],
  ["topic", "attach", "old-drained", subscribed, "old consumer is subscribed", "released"],
  ["topic", "detach", "overlap", ended("lambda"), "old consumer is not subscribed", "Unsubscribe"],
])("%s, %s: what was changed by hand after %s stops it", async (kind, direction, after, byHand, says, never) => {
  const cloud = new FakeCloud(kind);
  const place = placeOf(kind);
  const order = { by: "aino", done: "move-consumer", onProgress: () => {} } as const;
  if (direction === "detach") await carryOut(cloud.deps, place, { ...order, direction: "attach" });
  const changes = cloud.changes.length;
  const { deps } = cloud;
  const queues = {
    ...deps.queues,
    receive: async () => {
      cloud.changes.push("sweep");
      return [];
    },
  };
  const going = carryOut({ ...deps, queues }, place, {
    ...{ ...order, direction },
    onProgress: (progress) => {
      if (progress.kind === "done" && progress.step === after) byHand(cloud);
    },
  });
  await expect(going).rejects.toMatchObject({ code: "ATTACH_REFUSED", message: expect.stringContaining(says) });
  expect(cloud.changes.slice(changes).filter((change) => change.includes(never))).toEqual([]);
  expect(cloud.journal?.finished).toBe(false);
});
