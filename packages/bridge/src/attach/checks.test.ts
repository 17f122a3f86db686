import { describe, expect, it } from "vitest";
import { checkIdentity } from "./checks.ts";
import { settingsFor, settingsLost } from "./mapping.ts";
import { carryOut, prepare } from "./run.ts";
import type { Place } from "./seen.ts";
import type { Attachment, Direction } from "./steps.ts";
import { FakeCloud, placeOf, QUEUE } from "./testing.ts";

const at = (name: string) => `https://sqs.eu-west-1.amazonaws.com/000000000000/${name}`;

/** The fields that are refused, and the warnings where none is. */
async function checked(cloud: FakeCloud, place: Place, direction: Direction = "attach"): Promise<readonly string[]> {
  const prepared = await prepare(cloud.deps, place, { direction, by: "aino" });
  if (prepared.kind === "refused") return prepared.mismatches.map(({ field }) => field);
  if (prepared.kind === "nothing") return ["nothing"];
  return prepared.warnings;
}

function placeWith(
  kind: Attachment,
  change: { config?: object; intake?: object; forward?: object },
  deployed = {},
): Place {
  const place = placeOf(kind);
  const { source } = place;
  const { config, intake, forward } = change;
  return {
    ...place,
    deployed: { ...place.deployed, ...deployed },
    source: {
      ...source,
      config: { ...source.config, ...config },
      intake: { ...source.intake, ...intake },
      forward: { ...source.forward, ...forward },
    },
  };
}

function put(cloud: FakeCloud, name: string, change: object): void {
  const sight = cloud.queues.get(at(name));
  if (sight === undefined) throw new Error(`no queue ${name}`);
  cloud.queues.set(at(name), { ...sight, ...change });
}

async function attached(kind: Attachment): Promise<FakeCloud> {
  const cloud = new FakeCloud(kind);
  const order = { direction: "attach", by: "aino", done: "move-consumer", onProgress: () => {} } as const;
  expect(await carryOut(cloud.deps, placeOf(kind), order)).toMatchObject({ kind: "finished" });
  return cloud;
}

const OTHER = "arn:aws:sqs:eu-west-1:000000000000:other";
const source = "sources.refreshes";

describe("a source whose resources are those of the deployment", () => {
  it.each(["queue-lambda", "queue-process", "topic", "tap"] as const)("of kind %s is let through", async (kind) => {
    expect(await checked(new FakeCloud(kind), placeOf(kind))).toEqual([]);
    expect(await checked(await attached(kind), placeOf(kind), "detach")).toEqual([]);
  });
});

describe("a source is refused", () => {
  it.each([
    ["a queue of another ARN", { intake: { queueArn: OTHER } }, "intake.queueUrl"],
    ["a forward queue of another ARN", { forward: { queueArn: OTHER.replace("other", "x.fifo") } }, "forward.queueUrl"],
    ["a forward queue of another kind", { config: { forward: "standard" } }, "forward.kind"],
    ["another visibility timeout than configured", { config: { visibilitySeconds: 31 } }, "config.visibilitySeconds"],
  ])("for %s", async (_, change, field) => {
    expect(await checked(new FakeCloud("queue-lambda"), placeWith("queue-lambda", change))).toContain(
      `${source}.${field}`,
    );
  });

  it("for a FIFO queue, whose order would not be kept", async () => {
    const fifo = { queueArn: `${QUEUE}.fifo` };
    expect(await checked(new FakeCloud("queue-lambda"), placeWith("queue-lambda", { intake: fifo }))).toContain(
      `${source}.intake.queueArn`,
    );
  });

  it.each([
    [30, []],
    [31, [`${source}.intake.queueUrl`]],
    [5, []],
    [6, [expect.stringContaining("below 6 times ingest's timeout (6 s)")]],
  ])("where ingest may take longer than the visibility timeout, and warned of: %i s", async (timeout, found) => {
    const place = placeWith("queue-process", {}, { ingestTimeoutSeconds: timeout });
    const says = await checked(new FakeCloud("queue-process"), place);
    expect(says).toEqual(timeout === 30 ? [expect.stringContaining("below 6 times")] : found);
  });

  it("for a forward queue that holds messages of somebody else, before the first attach alone", async () => {
    const cloud = new FakeCloud("queue-process");
    put(cloud, "forward.fifo", { visible: 1 });
    expect(await checked(cloud, placeOf("queue-process"))).toEqual([`${source}.forward.queueUrl`]);
    const later = await attached("queue-process");
    put(later, "forward.fifo", { visible: 1 });
    expect(await checked(later, placeOf("queue-process"), "detach")).toEqual([]);
  });

  it("for a queue that a sweep could not hide whole, on the way back alone", async () => {
    const before = new FakeCloud("queue-process");
    put(before, "old", { visible: 100_001 });
    expect(await checked(before, placeOf("queue-process"))).toEqual([]);
    const cloud = await attached("queue-process");
    put(cloud, "old", { visible: 100_000 });
    expect(await checked(cloud, placeOf("queue-process"), "detach")).toEqual([]);
    put(cloud, "old", { visible: 100_000, inFlight: 1 });
    expect(await checked(cloud, placeOf("queue-process"), "detach")).toEqual([`${source}.intake.queueUrl`]);
  });

  it("for two mappings of the old consumer, for none, and for another than the one that was switched off", async () => {
    const cloud = await attached("queue-lambda");
    const old = cloud.mappings.get("old");
    if (old === undefined) throw new Error("no old mapping");
    const second = { ...old, mapping: { ...old.mapping, id: "second" } };
    cloud.mappings.set("second", second);
    expect(await checked(cloud, placeOf("queue-lambda"), "detach")).toEqual([`${source}.config.consumer.functionArn`]);
    cloud.mappings.delete("old");
    expect(await checked(cloud, placeOf("queue-lambda"), "detach")).toEqual([`${source}.config.consumer.functionArn`]);
    cloud.mappings.delete("second");
    expect(await checked(cloud, placeOf("queue-lambda"), "detach")).toEqual([`${source}.config.consumer.functionArn`]);
  });

  it("for an old consumer that is not subscribed, before the first attach alone", async () => {
    const cloud = new FakeCloud("topic");
    cloud.subscriptions = [];
    expect(await checked(cloud, placeOf("topic"))).toEqual([`${source}.config.consumer.functionArn`]);
    expect(await checked(await attached("topic"), placeOf("topic"), "detach")).toEqual([]);
  });

  it("for a queue that is not there", async () => {
    const cloud = new FakeCloud("queue-lambda");
    cloud.queues.delete(at("old"));
    expect(await checked(cloud, placeOf("queue-lambda"))).toEqual([`${source}.intake.queueUrl`]);
    const none = new FakeCloud("queue-lambda");
    none.queues.delete(at("forward.fifo"));
    expect(await checked(none, placeOf("queue-lambda"))).toContain(`${source}.forward.queueUrl`);
  });
});

describe("an operator is warned", () => {
  it("of what a FIFO queue does not take, and of filters", async () => {
    const cloud = new FakeCloud("queue-lambda");
    const old = cloud.mappings.get("old");
    if (old === undefined) throw new Error("no old mapping");
    const FilterCriteria = { Filters: [{ Pattern: "{}" }] };
    const settings = { BatchSize: 11, MaximumBatchingWindowInSeconds: 1, FilterCriteria };
    cloud.mappings.set("old", { ...old, mapping: { ...old.mapping, settings } });
    expect(await checked(cloud, placeOf("queue-lambda"))).toEqual([
      expect.stringContaining("its window of 1 s is left out"),
      expect.stringContaining("its batch size of 11 becomes 10"),
      expect.stringContaining("filters"),
    ]);
    expect(settingsFor(settings, "fifo")).toEqual({ BatchSize: 10, FilterCriteria });
    expect(settingsFor(settings, "standard")).toEqual(settings);
    expect(settingsLost({ BatchSize: 10, MaximumBatchingWindowInSeconds: 0 }, "fifo")).toEqual([]);
    expect(settingsLost(settings, "standard")).toEqual([]);
  });
});

it("an identity is compared field by field", () => {
  const deployed = { accountId: "1", region: "eu-west-1" };
  expect(checkIdentity(deployed, deployed)).toEqual([]);
  expect(checkIdentity(deployed, { accountId: "2", region: "eu-north-1" })).toEqual([
    { field: "accountId", expected: "1", found: "2" },
    { field: "region", expected: "eu-west-1", found: "eu-north-1" },
  ]);
});
