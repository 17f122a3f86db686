import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SqsRecord } from "../envelope.ts";
import type { Rollout } from "../rollout.ts";
import { aRecord } from "../testing.ts";
import { type AttachDeps, carryOut, prepare } from "./run.ts";
import type { Place } from "./seen.ts";
import type { Attachment, Direction, StepName } from "./steps.ts";
import { Crash, FakeCloud, placeOf, QUEUE } from "./testing.ts";

const MINUTE = 60_000;

async function go(
  cloud: FakeCloud,
  place: Place,
  direction: Direction,
  change: (deps: AttachDeps) => Partial<AttachDeps> = () => ({}),
): Promise<void> {
  const { deps } = cloud;
  const order = { direction, by: "aino", onProgress: () => {} };
  const ended = await carryOut({ ...deps, ...change(deps) }, place, order);
  expect(ended).toMatchObject({ kind: "finished" });
}

const doneAt = ({ journal }: FakeCloud, step: StepName): number => journal?.done[step]?.at ?? Number.NaN;

/** Milliseconds between the ends of two steps. */
const between = (cloud: FakeCloud, from: StepName, to: StepName): number => doneAt(cloud, to) - doneAt(cloud, from);

/** The place with other settings of its source. */
const placeWith = (kind: Attachment, config: object, forward: object = {}): Place => {
  const place = placeOf(kind);
  const { source } = place;
  const changed = { ...source, config: { ...source.config, ...config }, forward: { ...source.forward, ...forward } };
  return { ...place, source: changed };
};

describe("the old deliveries", () => {
  it("are over after the visibility timeout, and the window of the old mapping", async () => {
    const cloud = new FakeCloud("queue-lambda");
    const old = cloud.mappings.get("old");
    if (old === undefined) throw new Error("no old mapping");
    const settings = { ...old.mapping.settings, MaximumBatchingWindowInSeconds: 45 };
    cloud.mappings.set("old", { ...old, mapping: { ...old.mapping, settings } });
    await go(cloud, placeOf("queue-lambda"), "attach");
    expect(between(cloud, "old-off", "old-drained")).toBeGreaterThanOrEqual(75_000);
    expect(cloud.journal?.kept.oldMapping).toEqual({ id: "old", settings });
  });

  it("were sent before the switch by Lambda's clock too, which may be ahead", async () => {
    const cloud = new FakeCloud("queue-lambda");
    const ahead = 60 * MINUTE;
    await go(cloud, placeOf("queue-lambda"), "attach", ({ mappings }) => ({
      mappings: {
        ...mappings,
        find: async (...of) =>
          (await mappings.find(...of)).map((each) => ({ ...each, changedAt: each.changedAt + ahead })),
      },
    }));
    expect(cloud.rollout.legacyBefore).toBeGreaterThanOrEqual(doneAt(cloud, "hold") + ahead + MINUTE);
  });
});

describe("both subscriptions", () => {
  it("stand for as long as was configured, there and back", async () => {
    const cloud = new FakeCloud("topic");
    await go(cloud, placeOf("topic"), "attach");
    expect(between(cloud, "subscribe-intake", "unsubscribe-old")).toBeGreaterThanOrEqual(20_000);
    await go(cloud, placeOf("topic"), "detach");
    expect(between(cloud, "subscribe-old", "unsubscribe-intake")).toBeGreaterThanOrEqual(20_000);
    expect(between(cloud, "unsubscribe-intake", "intake-empty")).toBeGreaterThanOrEqual(MINUTE);
  });

  it.each([
    ["15 minutes where a filter takes so long to work everywhere", true, 15 * MINUTE],
    ["a minute without a filter", false, MINUTE],
  ])("stand for %s, where nothing was configured", async (_, filtered, ms) => {
    const cloud = new FakeCloud("topic");
    if (!filtered) cloud.subscriptions = cloud.subscriptions.map((each) => ({ ...each, attributes: {} }));
    await go(cloud, placeWith("topic", { overlapSeconds: undefined }), "attach");
    const waited = between(cloud, "subscribe-intake", "overlap");
    expect(waited).toBeGreaterThanOrEqual(ms);
    expect(waited).toBeLessThan(ms + MINUTE);
  });

  it("have each what is its own: the bridge no raw delivery, the old one nothing that SNS computes", async () => {
    const cloud = new FakeCloud("topic");
    await go(cloud, placeOf("topic"), "attach");
    expect(cloud.subscriptions[0]?.attributes).toMatchObject({ RawMessageDelivery: "false" });
    await go(cloud, placeOf("topic"), "detach");
    expect(Object.keys(cloud.subscriptions[0]?.attributes ?? {}).sort()).toEqual(["FilterPolicy", "FilterPolicyScope"]);
  });
});

describe("a tap that is taken away", () => {
  it("switches ingest off only when its queue has been empty for a while", async () => {
    const cloud = new FakeCloud("tap");
    await go(cloud, placeOf("tap"), "attach");
    await go(cloud, placeOf("tap"), "detach");
    expect(between(cloud, "unsubscribe-intake", "ingest-off")).toBeGreaterThanOrEqual(MINUTE);
  });
});

describe("ingest's deliveries", () => {
  it.each([
    ["the visibility timeout", "fifo", 30_000],
    ["15 minutes where a lease may be waited for", "standard", 15 * MINUTE],
  ])("are over after %s", async (_, forward, ms) => {
    const place = placeWith("queue-lambda", { forward }, { kind: forward });
    const cloud = new FakeCloud("queue-lambda");
    await go(cloud, place, "attach");
    await go(cloud, place, "detach");
    const waited = between(cloud, "ingest-off", "ingest-drained");
    expect(waited).toBeGreaterThanOrEqual(ms);
    expect(waited).toBeLessThan(ms + 10_000);
  });

  it("are swept once they are over, whenever ingest may have been on (property)", async () => {
    const stop = fc.record({ at: fc.integer({ min: 1, max: 30 }), after: fc.boolean() });
    const stops = fc.tuple(stop, stop, stop);
    const ways = ["attach", "detach", "attach"] as const;
    await fc.assert(
      fc.asyncProperty(stops, async (list) => {
        const cloud = new FakeCloud("queue-lambda");
        const place = placeOf("queue-lambda");
        let onSince = false;
        let offAt = 0;
        const sweptAt: number[] = [];
        const deps = () => {
          const { deps: given } = cloud;
          return {
            mappings: {
              ...given.mappings,
              perform: async (call: Parameters<typeof given.mappings.perform>[0]) => {
                if (call.action === "UpdateEventSourceMapping" && call.input.UUID === "ingest") {
                  if (call.input.Enabled) onSince = true;
                  else offAt = cloud.now;
                }
                await given.mappings.perform(call);
              },
            },
            queues: {
              ...given.queues,
              receive: async () => {
                sweptAt.push(cloud.now);
                return [];
              },
            },
          };
        };
        for (const [n, direction] of ways.entries()) {
          cloud.crashAt(list[n]?.at ?? 0, list[n]?.after);
          await go(cloud, place, direction, deps).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
        }
        cloud.crashAt(0);
        if (cloud.journal === undefined) return;
        await go(cloud, place, "detach", deps);
        if (!onSince) return;
        expect(sweptAt.at(-1) ?? 0).toBeGreaterThanOrEqual(offAt + 30_000);
        expect(cloud.journal.kept.ingestOnAt).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });
});

describe("the sweep of a way back", () => {
  it("waits until what an earlier one has hidden is back", async () => {
    const cloud = new FakeCloud("queue-lambda");
    await go(cloud, placeOf("queue-lambda"), "attach");
    const died = go(cloud, placeOf("queue-lambda"), "detach", ({ queues }) => ({
      queues: {
        ...queues,
        receive: async () => {
          throw new Crash("in the sweep");
        },
      },
    }));
    await expect(died).rejects.toBeInstanceOf(Crash);
    const until = cloud.journal?.kept.sweptUntil ?? 0;
    expect(until).toBeGreaterThan(cloud.now + 30_000);
    await go(cloud, placeOf("queue-lambda"), "detach");
    expect(doneAt(cloud, "sweep")).toBeGreaterThanOrEqual(until);
  });

  it.each([
    [30_000, 50],
    [60_001, 10],
  ])(
    "looks for what ingest may have had by clocks that differ, and spares the last receive: %i ms",
    async (ms, most) => {
      const cloud = new FakeCloud("queue-lambda");
      await go(cloud, placeOf("queue-lambda"), "attach");
      let looks = 0;
      const acknowledged: string[] = [];
      const worn = (n: number): SqsRecord =>
        aRecord("no request", {
          ...{ messageId: `m-${n}`, receiptHandle: `m-${n}`, eventSourceARN: QUEUE },
          attributes: {
            SentTimestamp: doneAt(cloud, "ingest-off") + ms,
            ApproximateReceiveCount: n === 0 ? 10 : 1,
          },
        });
      await go(cloud, placeOf("queue-lambda"), "detach", ({ queues }) => ({
        queues: {
          ...queues,
          receive: async () => (looks < 50 ? [worn(looks++)] : []),
          acknowledge: async (_, receipts) => void acknowledged.push(...receipts),
        },
      }));
      // Ten looks at nothing but newer messages end it.
      expect(looks).toBe(most);
      expect(acknowledged).toEqual(["m-0"]);
    },
  );
});

describe("a raised route", () => {
  const raised = (rollout: Rollout): Rollout => ({ ...rollout, stage: "split", percentage: 5 });

  it("is taken back whole where its source is detached, and the next version holds it", async () => {
    const cloud = new FakeCloud("queue-lambda");
    await go(cloud, placeOf("queue-lambda"), "attach");
    cloud.rollout = raised(cloud.rollout);
    const { version } = cloud.rollout;
    const { deps } = cloud;
    const prepared = await prepare(deps, placeOf("queue-lambda"), { direction: "detach", by: "aino" });
    expect(prepared).toMatchObject({
      plan: { notes: expect.arrayContaining([expect.stringContaining("REFRESH_DOMAIN from split 5 %")]) },
    });
    await go(cloud, placeOf("queue-lambda"), "detach");
    expect(cloud.rollout).toMatchObject({ stage: "legacy", percentage: 0, version: version + 1 });
  });
});

describe("a route that is raised between the look and the hold", () => {
  it.each(["attach", "detach"] as const)("is not taken back unsaid by %s", async (direction) => {
    const cloud = new FakeCloud("queue-lambda");
    if (direction === "detach") await go(cloud, placeOf("queue-lambda"), "attach");
    const raise = (deps: AttachDeps) => ({
      journals: {
        ...deps.journals,
        write: async (journal: Parameters<typeof deps.journals.write>[0]) => {
          await deps.journals.write(journal);
          if (journal.doing === "hold") cloud.rollout = { ...cloud.rollout, stage: "split", percentage: 5 };
        },
      },
    });
    await expect(go(cloud, placeOf("queue-lambda"), direction, raise)).rejects.toMatchObject({
      code: "ROLLOUT_CHANGED",
    });
    expect(cloud.rollout).toMatchObject({ stage: "split", percentage: 5 });
    expect(cloud.rollout.hold).toBeUndefined();
  });
});

describe("an end of a way", () => {
  it("has a plan of nothing, whatever the resources look like now", async () => {
    const cloud = new FakeCloud("queue-lambda");
    await go(cloud, placeOf("queue-lambda"), "attach");
    const odd = placeWith("queue-lambda", { visibilitySeconds: 31 });
    const prepared = await prepare(cloud.deps, odd, { direction: "attach", by: "aino" });
    expect(prepared).toMatchObject({ kind: "ready", plan: { finished: true, notes: [] } });
    const back = await prepare(cloud.deps, odd, { direction: "detach", by: "aino" });
    expect(back).toMatchObject({
      kind: "refused",
      mismatches: [{ field: "sources.refreshes.config.visibilitySeconds" }],
    });
  });
});
