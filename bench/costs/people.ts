import { DynamoDbPayments } from "@crossfade/bridge/adapters/dynamodb-payments";
import { dnsClient, registryClient } from "@crossfade/legacy";
import {
  createDnsWorker,
  createRegistryWorker,
  startSimulatedDns,
  startSimulatedRegistry,
} from "@crossfade/legacy/reference";
import { eventually } from "../../test/integration/support/eventually.ts";
import { startWorker } from "../../test/integration/support/people.ts";
import type { CountedWorld } from "./world.ts";

/** Services that do at once whatever they are asked. */
const WELL = {
  ...{ latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, notFoundRate: 0, takenRate: 0, lockedRate: 0 },
};

/** The old services, uncounted, and the new workers, counted. Resolves when each worker waits for work. */
export async function startPeople(world: CountedWorld): Promise<{ stop(): Promise<void> }> {
  const { bridge, documents, sqs, legacy, tally } = world;
  const [registry, dns] = await Promise.all([startSimulatedRegistry(WELL), startSimulatedDns(WELL)]);
  const payments = new DynamoDbPayments(documents, legacy.paymentsTable);
  const clock = { now: () => Date.now() };
  const work = { documents, trackingTable: legacy.trackingTable, payments, clock, sqs };
  const forward = (name: string) => bridge.forwards.get(name) ?? "";
  const poll = { waitSeconds: 1 };
  const old = [
    createRegistryWorker(
      { ...work, registry: registryClient({ url: registry.url }) },
      { ...poll, queueUrls: [forward("registrations"), forward("refreshes"), world.beside.oldQueueUrl] },
    ),
    createDnsWorker(
      { ...work, dns: dnsClient({ url: dns.url }) },
      { ...poll, queueUrls: [forward("dns"), ...[...bridge.delegates.values()].map(({ url }) => url)] },
    ),
  ];
  for (const each of old) await each.start();
  const counted = (name: string) => ({ bridge: { ...bridge, env: world.workerEnv(name) } });
  const workers = [
    startWorker(counted("registry-worker"), "registry", registry.url),
    startWorker(counted("dns-worker"), "dns", dns.url),
  ];
  const stop = async () => {
    await Promise.all([...workers, ...old].map((each) => each.stop()));
    await Promise.all([registry.stop(), dns.stop()]);
  };
  const tidied = async () =>
    ["registry-worker", "dns-worker"].every((name) => tally.has(name, "Query")) ? true : undefined;
  await eventually("the workers to have tidied", tidied).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { stop };
}
