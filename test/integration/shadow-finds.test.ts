import { hourOf, verdicts } from "@crossfade/bridge/compare";
import { composeComparison } from "@crossfade/functions/compose-console";
import type * as Legacy from "@crossfade/legacy";
import { registryClient } from "@crossfade/legacy";
import {
  createPublisher,
  createRegistryWorker,
  type SimulatedRegistry,
  startSimulatedRegistry,
  type Worker,
} from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { eventually } from "./support/eventually.ts";
import { keyOfMessage, type Message, registration, renewal } from "./support/messages.ts";
import type { Faults } from "./support/mistranslated.ts";
import { startWorld, type World } from "./support/world.ts";

/** What the translation and the plan get wrong, by customer. */
const FAULTS = vi.hoisted(
  (): Faults => ({
    // Whole euros where cents are meant.
    "cust-price": { item: (item) => ({ ...item, price: Math.floor((item.price ?? 0) / 100) }) },
    "cust-server": {
      item: (item) => ({ ...item, input: { ...item.input, nameServers: ["ns1.example.fi", "ns3.example.fi"] } }),
    },
    "cust-date": { item: (item) => ({ ...item, input: { ...item.input, currentExpiry: "2026-12-23" } }) },
    // Of fields that the routes ignore.
    "cust-ignored": {
      planned: (outcome) => ({
        ...outcome,
        result: { serial: 4711 },
        effects: outcome.effects.map((effect) => ({ ...effect, at: 1 })),
      }),
    },
  }),
);

vi.mock("@crossfade/legacy", async (load) => {
  const legacy = await load<typeof Legacy>();
  const { mistranslated } = await import("./support/mistranslated.ts");
  return { ...legacy, contract: mistranslated(legacy.contract, FAULTS) };
});

const PUNCTUAL = { latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, notFoundRate: 0, takenRate: 0 };
const SERVERS = ["ns1.example.fi", "ns2.example.fi", "ns3.example.fi"];
const registered = (customerId: string) => registration({ customerId, nameServers: SERVERS });
const renewed = (customerId: string) => renewal({ customerId });

const OF = {
  price: [registered("cust-price"), registered("cust-price")],
  server: [registered("cust-server"), registered("cust-server"), registered("cust-server")],
  date: [renewed("cust-date")],
  ignored: [registered("cust-ignored"), renewed("cust-ignored")],
  sound: [registered("cust-sound"), renewed("cust-sound")],
} satisfies Record<string, readonly Message[]>;
const MESSAGES = Object.values(OF).flat();
const REGISTER = keyOfMessage(registered("cust-sound")).route;
const RENEW = keyOfMessage(renewed("cust-sound")).route;

let world: World;
let registry: SimulatedRegistry;
let oldWorker: Worker;
let seen: ReturnType<typeof composeComparison>;

beforeAll(async () => {
  registry = await startSimulatedRegistry(PUNCTUAL);
  world = await startWorld({ registryUrl: registry.url });
  await world.setRollouts({ stage: "shadow", include: [] });
  const { documents, sqs, sns, payments, legacy } = world;
  const clock = { now: () => Date.now() };
  oldWorker = createRegistryWorker(
    {
      documents,
      sqs,
      payments,
      clock,
      trackingTable: legacy.trackingTable,
      registry: registryClient({ url: registry.url }),
    },
    { queueUrls: [world.forwardUrl("registrations")], waitSeconds: 1 },
  );
  await oldWorker.start();
  await world.bridge.attach();
  const publisher = createPublisher({ sns, sqs, documents, payments, clock, resources: legacy }, { lateRate: 0 });
  for (const message of MESSAGES)
    await publisher.publish({ source: "registrations", body: JSON.parse(JSON.stringify(message)) }, "journey-1");
  seen = composeComparison();
  await eventually("every request is judged", async () => {
    const judged = await Promise.all(MESSAGES.map((message) => seen.verdicts.of(keyOfMessage(message))));
    return judged.every((each) => each.length > 0) || undefined;
  });
});
afterAll(async () => {
  await oldWorker.stop();
  await world.close();
  await registry.stop();
});

const judgedOf = async (message: Message) => (await seen.verdicts.of(keyOfMessage(message)))[0];

describe("a wrong translation is found in shadow, before any customer is moved", () => {
  it.each([
    ["price", "changed", "effects[1].details.amount", 1_290, 12],
    ["server", "missing", "effects[0].details.nameServers[1]", "ns2.example.fi", undefined],
    ["date", "changed", "effects[0].details.currentExpiry", "2026-12-24", "2026-12-23"],
  ] as const)("a wrong %s is %s, at %s", async (fault, kind, path, old, other) => {
    for (const message of OF[fault]) {
      const judged = await judgedOf(message);
      expect(judged).toMatchObject({ verdict: "mismatch", against: "legacy" });
      expect(judged?.sample?.differences).toEqual([
        { kind, path, group: path.replaceAll(/\[\d+\]/g, "[*]"), old, ...(other !== undefined && { new: other }) },
      ]);
    }
  });

  it("what is sound is a match, and so is what differs in ignored fields alone", async () => {
    for (const message of [...OF.sound, ...OF.ignored]) {
      expect(await judgedOf(message)).toMatchObject({ verdict: "match" });
      const claim = await world.claims.read(keyOfMessage(message));
      const isOther = claim?.shadow?.outcome?.effects[0]?.at !== claim?.legacyOutcome?.effects[0]?.at;
      expect(isOther).toBe(message["customerId"] === "cust-ignored");
    }
  });

  it("each kind is counted once for each request, the most frequent first", async () => {
    const found = async (route: typeof REGISTER) =>
      (await seen.verdicts.groups(route, "legacy")).map(({ kind, path, count }) => ({ kind, path, count }));
    expect(await found(REGISTER)).toEqual([
      { kind: "missing", path: "effects[*].details.nameServers[*]", count: OF.server.length },
      { kind: "changed", path: "effects[*].details.amount", count: OF.price.length },
    ]);
    expect(await found(RENEW)).toEqual([
      { kind: "changed", path: "effects[*].details.currentExpiry", count: OF.date.length },
    ]);
  });

  it("the counts say how often the new path would have done the same", async () => {
    const of = async (route: typeof REGISTER) => verdicts(await seen.counts.total(route), "verdict");
    expect(await of(REGISTER)).toMatchObject({ match: 2, mismatch: 5, ignored: 0, late: 0 });
    expect(await of(RENEW)).toMatchObject({ match: 2, mismatch: 1, ignored: 0, late: 0 });
    const hour = hourOf(Date.now());
    expect((await seen.counts.hours(REGISTER, "2026-01-01T00", hour)).length).toBeGreaterThan(0);
  });
});
