import { ListExecutionsCommand, ListStateMachinesCommand } from "@aws-sdk/client-sfn";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type Claim, canonicalJson, reconcile } from "@crossfade/bridge";
import { composeReconcile } from "@crossfade/functions/compose";
import { dnsClient, registryClient } from "@crossfade/legacy";
import {
  createDnsWorker,
  createPublisher,
  createRegistryWorker,
  type SimulatedRegistry,
  type SimulatedService,
  startSimulatedDns,
  startSimulatedRegistry,
  type Worker,
} from "@crossfade/legacy/reference";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import {
  delivery,
  dnsUpdate,
  keyOfMessage,
  largeDnsUpdate,
  type Message,
  refresh,
  registration,
  renewal,
} from "./support/messages.ts";
import { startWorker } from "./support/people.ts";
import { depth } from "./support/queues.ts";
import { type QueueName, startWorld, type World } from "./support/world.ts";

const PUNCTUAL = { latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, notFoundRate: 0 };

/** In the order in which they were published. The first would have to be approved, the last travels by claim check. */
const MESSAGES: readonly (readonly [QueueName, Message])[] = [
  ["registrations", registration({ payment: { authorisationId: "auth-large", amount: 60_000 } })],
  ["registrations", renewal()],
  ["refreshes", refresh()],
  ["dns", dnsUpdate()],
  ["dns", largeDnsUpdate()],
];
const QUEUES: readonly QueueName[] = ["registrations", "refreshes", "dns"];

let world: World;
let registry: SimulatedRegistry;
let dns: SimulatedService;
let newWorkers: readonly { stop(): Promise<void> }[];
let oldWorkers: readonly Worker[];

/** The registry, the DNS service and the workers of the new path are there from the beginning; the old consumers are not. */
beforeAll(async () => {
  registry = await startSimulatedRegistry({ ...PUNCTUAL, takenRate: 0 });
  dns = await startSimulatedDns(PUNCTUAL);
  world = await startWorld({ registryUrl: registry.url });
  await world.setRollouts({ stage: "shadow", include: [], baseline: 100 });
  newWorkers = [startWorker(world, "registry", registry.url), startWorker(world, "dns", dns.url)];
  const { documents, sqs, payments, legacy } = world;
  const deps = { documents, sqs, payments, trackingTable: legacy.trackingTable, clock: { now: () => Date.now() } };
  const reading = (...names: QueueName[]) => ({
    queueUrls: names.map((name) => world.forwardUrl(name)),
    waitSeconds: 1,
  });
  oldWorkers = [
    createRegistryWorker(
      { ...deps, registry: registryClient({ url: registry.url }) },
      reading("registrations", "refreshes"),
    ),
    createDnsWorker({ ...deps, dns: dnsClient({ url: dns.url }) }, reading("dns")),
  ];
  await world.bridge.attach();
});
afterAll(async () => {
  await Promise.all([...newWorkers, ...oldWorkers].map((worker) => worker.stop()));
  await Promise.all([registry.stop(), dns.stop()]);
  await world.close();
});

async function publishAll(): Promise<void> {
  const { sns, sqs, documents, payments, legacy } = world;
  const clock = { now: () => Date.now() };
  const publisher = createPublisher({ sns, sqs, documents, payments, clock, resources: legacy }, { lateRate: 0 });
  for (const [source, message] of MESSAGES) {
    await publisher.publish({ source, body: JSON.parse(JSON.stringify(message)) }, "journey-1");
  }
}

const claimsWhen = (what: string, is: (claim: Claim) => boolean): Promise<readonly Claim[]> =>
  eventually(what, async () => {
    const found = await Promise.all(MESSAGES.map(([, message]) => world.claims.read(keyOfMessage(message))));
    const claims = found.flatMap((claim) => (claim !== undefined && is(claim) ? [claim] : []));
    return claims.length === MESSAGES.length ? claims : undefined;
  });

/** Every item of a table, whoever wrote it. */
async function scan(TableName: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { Items = [], LastEvaluatedKey } = await world.documents.send(new ScanCommand({ TableName }));
  expect(LastEvaluatedKey).toBeUndefined();
  return Items.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
}

/** Everything that is not the bridge's own. */
const outside = async () => {
  const { trackingTable, paymentsTable, customersTable } = world.legacy;
  const [rows, charges, customers] = await Promise.all([trackingTable, paymentsTable, customersTable].map(scan));
  return { rows, charges, customers, registry: registry.commands(), asked: registry.questions(), dns: dns.commands() };
};

/** Names of the executions of every machine, by the machine's name. */
async function executions(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { stateMachines = [] } = await world.sfn.send(new ListStateMachinesCommand({}));
  const lists = stateMachines.map(async ({ name = "", stateMachineArn }) => {
    const { executions: all = [] } = await world.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    return [name, all.map((each) => each.name ?? "").sort()] as const;
  });
  return Object.fromEntries((await Promise.all(lists)).filter(([, names]) => names.length > 0));
}

const depths = () => Promise.all(QUEUES.map((name) => depth(world.sqs, world.forwardUrl(name))));

describe("in shadow (P8, X3)", () => {
  let claims: readonly Claim[];

  it("every order is planned, and while no old consumer runs nothing happens outside the bridge's own tables", async () => {
    await publishAll();
    const before = await outside();
    expect(before).toMatchObject({ registry: [], asked: [], dns: [] });
    expect(before.rows).toHaveLength(MESSAGES.length);
    claims = await claimsWhen(
      "every plan has ended, and its twin",
      ({ shadow }) => shadow?.endedAt !== undefined && shadow.twin?.endedAt !== undefined,
    );
    for (const { path, stage, executionName, shadow } of claims) {
      expect({ path, stage, executionName }).toEqual({ path: "legacy", stage: "shadow", executionName: undefined });
      expect(shadow).toMatchObject({ outcome: { status: "COMPLETED" } });
      expect(shadow).not.toHaveProperty("failure");
      expect(shadow?.twin?.outcome).toEqual(shadow?.outcome);
    }
    expect(await outside()).toEqual(before);
    expect(await depths()).toEqual([2, 1, 2]);
    const delegated = [...world.bridge.delegates.values()].map(({ url }) => depth(world.sqs, url));
    expect(await Promise.all(delegated)).toEqual(delegated.map(() => 0));
  });

  it("no Action began, and no live order: there are plans alone", async () => {
    const names = claims.flatMap(({ shadow }) => [shadow?.executionName, shadow?.twin?.executionName]);
    expect(await executions()).toEqual({ "webcat-Order": names.sort() });
    expect(names.map((name) => name?.split("-")[0])).toEqual([
      ...MESSAGES.map(() => "shadow"),
      ...MESSAGES.map(() => "twin"),
    ]);
  });

  it("of the ledger, only claims, their pins and their counts were written: no effect, charge or token", async () => {
    await world.bridge.ledgerStream.caughtUp();
    const kinds = (await scan(world.bridge.ledgerTable)).map(({ sk }) => String(sk).replace(/#.*/, ""));
    const ours = new Set(kinds.filter((kind) => kind !== "BOOKMARK")); // reconcile's, if a run was cut off
    expect(ours).toEqual(new Set(["CLAIM", "PIN", "ROLLOUT", "AUDIT", "VERDICT", "HOUR", "TOTAL"]));
    expect(kinds.filter((kind) => kind === "CLAIM")).toHaveLength(MESSAGES.length);
  });

  it("the legacy system goes on undisturbed, and its deeds are what was planned", async () => {
    await Promise.all(oldWorkers.map((worker) => worker.start()));
    claims = await claimsWhen("every request has ended", ({ endedAt }) => endedAt !== undefined);
    for (const { legacyOutcome, shadow } of claims) {
      expect(legacyOutcome).toMatchObject({ status: "COMPLETED" });
      expect(legacyOutcome?.effects.length).toBeGreaterThan(0);
      expect(shadow?.outcome?.effects).toEqual(legacyOutcome?.effects);
    }
    const after = await outside();
    const commands = [...after.registry, ...after.dns];
    expect(new Set(commands.map(({ clientId }) => clientId))).toEqual(new Set(["legacy"]));
    expect(commands.map(({ requestId }) => requestId).sort()).toEqual(MESSAGES.map(([, m]) => m.requestId).sort());
    expect(after.rows?.filter((row) => "crossfadeFence" in row)).toEqual([]);
    expect(after.charges?.map(({ state }) => state)).toEqual(["captured", "captured"]);
  });

  it("what comes again changes nothing: no second plan, no second forward, no row", async () => {
    const before = await outside();
    const planned = await executions();
    for (const [name, message] of MESSAGES) {
      expect(await world.ingest([1, 2].map(() => delivery(world.legacy[name].queueArn, message)))).toEqual([]);
    }
    const late = { ...composeReconcile(), clock: { now: () => Date.now() + 3_600_000 } };
    const report = await reconcile(late, { olderThanMs: 60_000, limit: 100, withinMs: 60_000 });
    expect(report).toMatchObject({ looked: 0, failed: 0 });
    expect(await depths()).toEqual([0, 0, 0]);
    expect([await outside(), await executions()]).toEqual([before, planned]);
    expect(await claimsWhen("claims", () => true)).toEqual(claims);
  });
});
