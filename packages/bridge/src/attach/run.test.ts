import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aClaim } from "../testing.ts";
import { carryOut, type Ended, type Progress, prepare } from "./run.ts";
import { type Attachment, attachmentOf, type Direction, STEPS } from "./steps.ts";
import { Crash, FakeCloud, FILTER, OLD_SETTINGS, placeOf, ROUTE } from "./testing.ts";

const KINDS: readonly Attachment[] = ["queue-lambda", "queue-process", "topic", "tap"];

/** Goes the way, and does what a person is asked to do. */
async function go(
  cloud: FakeCloud,
  kind: Attachment,
  direction: Direction,
  by = "aino",
  onProgress: (progress: Progress) => void = () => {},
): Promise<Ended> {
  const order = { direction, by, onProgress };
  const ended = await carryOut(cloud.deps, placeOf(kind), order);
  return ended.kind === "person" ? carryOut(cloud.deps, placeOf(kind), { ...order, done: ended.step }) : ended;
}

async function straight(kind: Attachment, ...ways: readonly Direction[]): Promise<FakeCloud> {
  const cloud = new FakeCloud(kind);
  for (const way of ways) expect(await go(cloud, kind, way)).toEqual({ kind: "finished", already: false });
  return cloud;
}

describe.each(KINDS)("a source of kind %s", (kind) => {
  it("is attached, and attaching it again changes nothing", async () => {
    const cloud = await straight(kind, "attach");
    expect(cloud.broken).toEqual(new Set());
    const changes = cloud.changes.length;
    expect(await go(cloud, kind, "attach")).toEqual({ kind: "finished", already: true });
    expect(cloud.changes).toHaveLength(changes);
  });

  it("comes back to where it was, but for the hold", async () => {
    const before = new FakeCloud(kind);
    const cloud = await straight(kind, "attach", "detach");
    const [now, then] = [cloud.end, before.end];
    expect(now).toMatchObject({ mappings: Reflect.get(Object(then), "mappings") });
    expect(now).toMatchObject({ subscriptions: Reflect.get(Object(then), "subscriptions") });
    expect(cloud.rollout).toMatchObject({ stage: "legacy", hold: { source: "refreshes" } });
    expect(cloud.broken).toEqual(new Set());
  });

  it("ends the same after crashes at any change, before it or after it, either way (property)", async () => {
    const ends = {
      attach: (await straight(kind, "attach")).end,
      detach: (await straight(kind, "attach", "detach")).end,
    };
    const crashes = fc.array(fc.record({ at: fc.integer({ min: 1, max: 25 }), after: fc.boolean() }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(crashes, crashes, async (there, back) => {
        const cloud = new FakeCloud(kind);
        for (const [direction, list] of [
          ["attach", there],
          ["detach", back],
        ] as const) {
          for (const { at, after } of list) {
            cloud.crashAt(at, after);
            await go(cloud, kind, direction).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
          }
          cloud.crashAt(0);
          await go(cloud, kind, direction);
          expect(cloud.end).toEqual(ends[direction]);
          expect(cloud.broken).toEqual(new Set());
        }
      }),
      { numRuns: 60 },
    );
  });

  it("comes back from an attach that stopped at any change (property)", async () => {
    const { end } = await straight(kind, "attach", "detach");
    const stop = fc.record({ at: fc.integer({ min: 2, max: 25 }), after: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(stop, async ({ at, after }) => {
        const cloud = new FakeCloud(kind);
        cloud.crashAt(at, after);
        await go(cloud, kind, "attach").catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
        cloud.crashAt(0);
        if (cloud.journal === undefined) return;
        await go(cloud, kind, "detach");
        expect(cloud.end).toEqual({
          ...Object(end),
          rollout: {
            ...Reflect.get(Object(end), "rollout"),
            held: cloud.rollout.hold?.source,
            released: cloud.rollout.legacyBefore !== undefined,
          },
        });
        expect(cloud.broken).toEqual(new Set());
      }),
      { numRuns: 60 },
    );
  });

  it("has a plan of exactly the changes that are made then", async () => {
    const cloud = new FakeCloud(kind);
    const place = placeOf(kind);
    const prepared = await prepare(cloud.deps, place, { direction: "attach", by: "aino" });
    expect(cloud.changes).toEqual([]);
    expect(cloud.journal).toBeUndefined();
    const planned = prepared.kind === "ready" ? prepared.plan.steps.flatMap(({ calls }) => calls) : [];
    const made: unknown[] = [];
    await go(cloud, kind, "attach", "aino", (progress) => {
      if (progress.kind === "calling") made.push(progress.call.action);
    });
    expect(planned.map(({ action }) => action)).toEqual(made);
  });
});

describe("the steps of a function's queue", () => {
  it("give the forward queue the very same settings", async () => {
    const cloud = await straight("queue-lambda", "attach");
    expect(cloud.mappings.get("forward")?.mapping.settings).toEqual(OLD_SETTINGS);
  });

  it("never let two mappings read the source queue, and never act out of order", async () => {
    const cloud = await straight("queue-lambda", "attach", "detach");
    expect(cloud.changes).toEqual([
      "rollout held",
      "CreateEventSourceMapping arn:aws:sqs:eu-west-1:000000000000:forward.fifo",
      "UpdateEventSourceMapping old",
      "UpdateEventSourceMapping ingest",
      "rollout released",
      "rollout held",
      "UpdateEventSourceMapping ingest",
      "UpdateEventSourceMapping old",
      "UpdateEventSourceMapping forward",
      "DeleteEventSourceMapping forward",
    ]);
  });

  it("say of every message that the old mapping could have had that it was sent before the switch", async () => {
    const cloud = await straight("queue-lambda", "attach");
    const offAt = cloud.journal?.done["old-off"]?.at ?? Number.NaN;
    expect(cloud.rollout.legacyBefore).toBeGreaterThanOrEqual(offAt + 30_000 + 60_000);
  });

  it("stop where somebody has switched the old mapping on again by hand", async () => {
    const cloud = new FakeCloud("queue-lambda");
    const place = placeOf("queue-lambda");
    const { deps } = cloud;
    const wait = async (ms: number) => {
      // While the old deliveries are awaited.
      if (cloud.journal?.done["ingest-on"] !== undefined) cloud.switchByHand("old", true);
      await deps.pause.for(ms);
    };
    const order = { direction: "attach", by: "aino", onProgress: () => {} } as const;
    await expect(carryOut({ ...deps, pause: { for: wait } }, place, order)).rejects.toMatchObject({
      code: "ATTACH_REFUSED",
    });
    expect(cloud.rollout.hold).toBeDefined();
  });
});

describe("a way back that stopped half-way", () => {
  it.each([
    ["queue-lambda", "UpdateEventSourceMapping old", 30],
    ["topic", "Unsubscribe ", 60],
  ] as const)(
    "and an attach after it, of a %s: the old deliveries are awaited anew (D14, property)",
    async (kind, off, seconds) => {
      const stop = fc.record({ at: fc.integer({ min: 1, max: 25 }), after: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(stop, async ({ at, after }) => {
          const cloud = await straight(kind, "attach");
          cloud.crashAt(at, after);
          await go(cloud, kind, "detach").catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
          cloud.crashAt(0);
          await go(cloud, kind, "attach");
          const offAt = cloud.changedAt[cloud.changes.findLastIndex((change) => change.startsWith(off))];
          const releasedAt = cloud.changedAt[cloud.changes.lastIndexOf("rollout released")];
          expect((releasedAt ?? 0) - (offAt ?? 0)).toBeGreaterThanOrEqual(seconds * 1_000);
        }),
        { numRuns: 60 },
      );
    },
  );

  it("asks for a process that may have been moved already", async () => {
    const cloud = new FakeCloud("queue-process");
    const order = { by: "aino", onProgress: () => {} } as const;
    const place = placeOf("queue-process");
    expect(await carryOut(cloud.deps, place, { ...order, direction: "attach" })).toMatchObject({
      ...{ kind: "person", step: "move-consumer" },
    });
    expect(await carryOut(cloud.deps, place, { ...order, direction: "detach" })).toMatchObject({
      ...{ kind: "person", step: "move-back" },
    });
  });
});

describe("a call whose effect does not show", () => {
  it("is not made again and again, and counts as a wait", async () => {
    const cloud = await straight("topic", "attach");
    const { deps } = cloud;
    // An endpoint that must confirm its subscription first.
    const subscriptions = { ...deps.subscriptions, find: deps.subscriptions.find };
    const made: string[] = [];
    const ended = await carryOut(
      { ...deps, subscriptions: { ...subscriptions, perform: async ({ action }) => void made.push(action) } },
      placeOf("topic"),
      { direction: "detach", by: "aino", waitAtMost: 100, onProgress: () => {} },
    );
    expect(ended).toMatchObject({ kind: "still-waiting", step: "subscribe-old" });
    expect(made.length).toBeLessThanOrEqual(3);
  });
});

describe("the hold", () => {
  const place = placeOf("queue-lambda");
  const order = { by: "aino", waitAtMost: 0, onProgress: () => {} } as const;

  it("is forced on the way there only, and stays so when a half-done attach is taken back", async () => {
    const cloud = await straight("queue-lambda", "attach", "detach");
    expect(cloud.rollout.hold).toMatchObject({ forced: false });
    expect(await carryOut(cloud.deps, place, { ...order, direction: "attach" })).toMatchObject({
      kind: "still-waiting",
    });
    expect(cloud.rollout.hold).toMatchObject({ forced: true });
    expect(await go(cloud, "queue-lambda", "detach")).toMatchObject({ kind: "finished" });
    expect(cloud.rollout.hold).toMatchObject({ forced: true });
    await go(cloud, "queue-lambda", "attach");
    expect(cloud.rollout.hold).toBeUndefined();
  });

  it("ends a pause: a source begins anew at legacy, and nothing is left to be resumed", async () => {
    const cloud = await straight("queue-lambda", "attach");
    const { version, ...rollout } = cloud.rollout;
    const paused = { stage: "split", percentage: 25 } as const;
    const stood = { ...rollout, paused, version: version + 1 };
    await cloud.deps.rollouts.write(stood, { by: "aino", reason: "pause", at: 0 });
    expect(await go(cloud, "queue-lambda", "detach")).toMatchObject({ kind: "finished" });
    expect(cloud.rollout).toMatchObject({ stage: "legacy", percentage: 0, hold: { source: "refreshes" } });
    expect(cloud.rollout).not.toHaveProperty("paused");
  });
});

describe("a tap's hold", () => {
  const inShadow = async (cloud: Awaited<ReturnType<typeof straight>>) => {
    const rollout = await cloud.deps.rollouts.read(cloud.rollout.route);
    const next = { ...rollout, stage: "shadow" as const, version: rollout.version + 1 };
    await cloud.deps.rollouts.write(next, { by: "aino", reason: "look", at: 0 });
  };

  it("says whose it is, so that its routes may be in shadow", async () => {
    const cloud = await straight("tap", "attach");
    await inShadow(cloud);
    expect(cloud.rollout).toMatchObject({ stage: "shadow", hold: { tap: true, forced: true } });
  });

  it("is none of another source's: that one is held at legacy", async () => {
    const cloud = await straight("queue-lambda", "attach", "detach");
    expect(cloud.rollout.hold).not.toHaveProperty("tap");
    await expect(inShadow(cloud)).rejects.toThrow(/must be legacy while the route is held/);
  });

  it("is taken anew by the intercept that follows, which wants the route back at legacy first", async () => {
    const tapped = await straight("tap", "attach");
    const cloud = await straight("queue-lambda", "attach", "detach");
    cloud.rollout = { ...tapped.rollout, stage: "shadow" };
    const place = placeOf("queue-lambda");
    const order = { by: "aino", direction: "attach", waitAtMost: 0, onProgress: () => {} } as const;
    expect(await carryOut(cloud.deps, place, order)).toMatchObject({ kind: "refused", step: "hold" });
    cloud.rollout = tapped.rollout;
    await carryOut(cloud.deps, place, order);
    expect(cloud.rollout.hold).toMatchObject({ forced: true });
    expect(cloud.rollout.hold).not.toHaveProperty("tap");
  });
});

describe("the steps at a topic", () => {
  it("give the bridge the old filter, and the old consumer its own back", async () => {
    const attached = await straight("topic", "attach");
    expect(attached.subscriptions.map(({ endpoint, attributes }) => [endpoint, attributes])).toEqual([
      [expect.stringMatching(/intake$/), { ...FILTER, RawMessageDelivery: "false" }],
    ]);
    const back = await straight("topic", "attach", "detach");
    expect(back.subscriptions).toMatchObject([{ protocol: "lambda", attributes: FILTER }]);
  });
});

describe("two operators", () => {
  it("cannot be at it at once: the one who wrote first is stopped at its next write", async () => {
    const cloud = new FakeCloud("queue-lambda");
    const { deps } = cloud;
    let other: Promise<Ended> | undefined;
    const wait = async (ms: number) => {
      other ??= go(cloud, "queue-lambda", "attach", "other");
      await other;
      await deps.pause.for(ms);
    };
    const first = carryOut({ ...deps, pause: { for: wait } }, placeOf("queue-lambda"), {
      ...{ direction: "attach", by: "first", onProgress: () => {} },
    });
    await expect(first).rejects.toMatchObject({ code: "ATTACH_CHANGED" });
    expect(await other).toMatchObject({ kind: "finished" });
  });
});

describe("detach", () => {
  it.each(KINDS.filter((kind) => kind !== "tap"))(
    "of a %s waits for orders, and not for what is legacy",
    async (kind) => {
      const cloud = await straight(kind, "attach");
      cloud.inFlight = [aClaim("legacy"), aClaim("order")];
      const order = { direction: "detach", by: "aino", waitAtMost: 3_600, onProgress: () => {} } as const;
      const changes = cloud.changes.length;
      expect(await carryOut(cloud.deps, placeOf(kind), order)).toMatchObject({
        kind: "still-waiting",
        step: "orders-ended",
      });
      expect(cloud.changes.slice(changes)).toEqual(["rollout held"]);
      cloud.inFlight = [aClaim("legacy")];
      expect(await go(cloud, kind, "detach")).toMatchObject({ kind: "finished" });
    },
  );

  it("sees an order that stands behind a page of legacy requests", async () => {
    const cloud = await straight("queue-lambda", "attach");
    const { deps } = cloud;
    const inFlight: typeof deps.claims.inFlight = async (_, __, ___, after) =>
      after === undefined
        ? { entries: [aClaim("legacy")], next: "2" }
        : { entries: [aClaim("order")], next: undefined };
    const order = { direction: "detach", by: "aino", waitAtMost: 0, onProgress: () => {} } as const;
    expect(await carryOut({ ...deps, claims: { inFlight } }, placeOf("queue-lambda"), order)).toMatchObject({
      ...{ kind: "still-waiting", step: "orders-ended" },
    });
  });

  it("of a source that never was attached does nothing", async () => {
    const cloud = new FakeCloud("queue-lambda");
    const prepared = await prepare(cloud.deps, placeOf("queue-lambda"), { direction: "detach", by: "aino" });
    expect(prepared).toEqual({ kind: "nothing" });
  });

  it("at a topic waits until ingest's cache knows of the hold, before the old consumer gets messages again", async () => {
    const cloud = await straight("topic", "attach");
    await go(cloud, "topic", "detach");
    const { hold, "orders-ended": ended } = cloud.journal?.done ?? {};
    expect((ended?.at ?? 0) - (hold?.at ?? 0)).toBeGreaterThanOrEqual(2 * 1_000 + 5_000);
  });
});

describe("an empty queue", () => {
  const FORWARD = "https://sqs.eu-west-1.amazonaws.com/000000000000/forward.fifo";

  it("is one of which nothing was seen for a minute, however short its visibility timeout", async () => {
    const cloud = await straight("queue-lambda", "attach");
    const sight = cloud.queues.get(FORWARD);
    if (sight === undefined) throw new Error("no forward queue");
    let quietSince = 0;
    const wait = async (ms: number) => {
      // What the sweep has sent shows late, and twice.
      const { now } = cloud;
      const late = cloud.journal?.done["old-on"] !== undefined && quietSince === 0;
      if (cloud.journal?.kept.emptyAt !== undefined && late) {
        cloud.queues.set(FORWARD, { ...sight, [now % 2_000 < 1_000 ? "visible" : "inFlight"]: 1 });
        quietSince = now + 3_000;
      } else if (now > quietSince) cloud.queues.set(FORWARD, sight);
      await cloud.deps.pause.for(ms);
    };
    const order = { direction: "detach", by: "aino", onProgress: () => {} } as const;
    await carryOut({ ...cloud.deps, pause: { for: wait } }, placeOf("queue-lambda"), order);
    expect(quietSince).toBeGreaterThan(0);
    expect((cloud.journal?.done["forward-empty"]?.at ?? 0) - quietSince).toBeGreaterThanOrEqual(60_000);
  });
});

describe("attach", () => {
  it("is refused while a route is not at legacy", async () => {
    const cloud = new FakeCloud("queue-lambda");
    cloud.rollout = { ...cloud.rollout, stage: "split", percentage: 5, version: 1 };
    expect(await go(cloud, "queue-lambda", "attach")).toMatchObject({ kind: "refused", step: "hold" });
    expect(cloud.changes).toEqual([]);
  });

  it.each(["topic", "tap"] as const)("of a %s is refused where there is no such topic", async (kind) => {
    const cloud = new FakeCloud(kind);
    cloud.topicGone = true;
    const prepared = await prepare(cloud.deps, placeOf(kind), { direction: "attach", by: "aino" });
    expect(prepared).toMatchObject({
      ...{ kind: "refused", mismatches: [{ field: "sources.refreshes.config.topicArn", found: "no such topic" }] },
    });
    await expect(go(cloud, kind, "attach")).rejects.toMatchObject({ code: "ATTACH_REFUSED" });
    expect(cloud.changes).toEqual([]);
  });

  it("waits no longer than it was told", async () => {
    const cloud = new FakeCloud("queue-lambda");
    const order = { direction: "attach", by: "aino", waitAtMost: 10, onProgress: () => {} } as const;
    expect(await carryOut(cloud.deps, placeOf("queue-lambda"), order)).toMatchObject({
      ...{ kind: "still-waiting", step: "old-drained" },
    });
  });
});

it("knows the steps of every kind of source", () => {
  for (const kind of KINDS) expect(attachmentOf(placeOf(kind).source.config)).toBe(kind);
  expect(Object.keys(STEPS)).toEqual([...KINDS]);
  expect(ROUTE).toBe("REFRESH_DOMAIN");
});
