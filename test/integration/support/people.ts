import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { dnsClient, registryClient } from "@crossfade/legacy";
import {
  createDnsWorker,
  createRegistryWorker,
  type SimulatedService,
  startSimulatedDns,
  startSimulatedRegistry,
} from "@crossfade/legacy/reference";
import type { World } from "./world.ts";

/** Which names the registry refuses follows from the seed. */
export const SEED = 7;
export const TAKEN_RATE = 0.3;

/** Shares of the names: those that cannot be released, and those whose DNS fails for good. */
export const LOCKED_RATE = 0.3;
export const NO_ZONE_RATE = 0.3;

/** Those who work in a world: the registry, its old consumer, the DNS service, and the workers of the new path. */
export interface People {
  readonly registry: SimulatedService;
  readonly dns: SimulatedService;
  /** Ends the workers, then the registry. */
  stop(): Promise<void>;
}

/** What they need of a world. */
export type Workplace = Pick<World, "documents" | "sqs" | "payments" | "legacy" | "forwardUrl"> & {
  readonly bridge: Pick<World["bridge"], "activityArns" | "env"> & {
    readonly delegates: ReadonlyMap<string, { readonly url: string }>;
  };
};

/** The new workers in processes of their own, as they run in containers; the old ones here. */
export async function startPeople(world: Workplace): Promise<People> {
  const punctual = { latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, notFoundRate: 0 };
  const rates = { takenRate: TAKEN_RATE, lockedRate: LOCKED_RATE };
  const registry = await startSimulatedRegistry({ ...punctual, ...rates, seed: SEED });
  const dns = await startSimulatedDns({ ...punctual, notFoundRate: NO_ZONE_RATE, seed: SEED });
  const { documents, sqs, payments, legacy, bridge } = world;
  const client = registryClient({ url: registry.url });
  const clock = { now: () => Date.now() };
  const old = createRegistryWorker(
    { documents, trackingTable: legacy.trackingTable, payments, clock, sqs, registry: client },
    { queueUrls: [world.forwardUrl("registrations")], waitSeconds: 1 },
  );
  const oldDns = createDnsWorker(
    { documents, trackingTable: legacy.trackingTable, payments, clock, sqs, dns: dnsClient({ url: dns.url }) },
    { queueUrls: [...bridge.delegates.values()].map((queue) => queue.url), waitSeconds: 1 },
  );
  await Promise.all([old.start(), oldDns.start()]);
  const workers = [startWorker(world, "registry", registry.url), startWorker(world, "dns", dns.url)];
  return {
    registry,
    dns,
    async stop() {
      await Promise.all([...workers.map((worker) => worker.stop()), old.stop(), oldDns.stop()]);
      await Promise.all([registry.stop(), dns.stop()]);
    },
  };
}

/** A worker of the new path, in a process of its own. */
export function startWorker(
  { bridge }: Pick<Workplace, "bridge">,
  service: "registry" | "dns",
  url: string,
): { stop(): Promise<void> } {
  const file = fileURLToPath(import.meta.resolve(`@crossfade/functions/webcat/${service}-worker`));
  const given = { ACTIVITY_ARN: bridge.activityArns[service], SERVICE_URL: url };
  const env = { ...process.env, ...bridge.env, ...given };
  const worker = spawn(process.execPath, [file], { env, stdio: ["ignore", "ignore", "inherit"] });
  return {
    async stop() {
      const ended = worker.exitCode === null ? once(worker, "exit") : undefined;
      worker.kill("SIGTERM");
      await ended;
    },
  };
}
