import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { registryClient } from "@crossfade/legacy";
import { createRegistryWorker, type SimulatedService, startSimulatedRegistry } from "@crossfade/legacy/reference";
import type { World } from "./world.ts";

/** Which names the registry refuses follows from the seed. */
export const SEED = 7;
export const TAKEN_RATE = 0.3;

/** Those who work in a world: the registry, its old consumer, and the worker of the new path. */
export interface People {
  readonly registry: SimulatedService;
  /** Ends the workers, then the registry. */
  stop(): Promise<void>;
}

/** The new worker in a process of its own, as it runs in a container; the old one here. */
export async function startPeople(world: World): Promise<People> {
  const punctual = { latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, notFoundRate: 0 };
  const registry = await startSimulatedRegistry({ ...punctual, seed: SEED, takenRate: TAKEN_RATE });
  const { documents, sqs, payments, legacy } = world;
  const client = registryClient({ url: registry.url });
  const clock = { now: () => Date.now() };
  const old = createRegistryWorker(
    { documents, trackingTable: legacy.trackingTable, payments, clock, sqs, registry: client },
    { queueUrls: [world.forwardUrl("registrations")], waitSeconds: 1 },
  );
  await old.start();
  const worker = startWorker(world, "registry", registry.url);
  return {
    registry,
    async stop() {
      await Promise.all([worker.stop(), old.stop()]);
      await registry.stop();
    },
  };
}

/** A worker of the new path, in a process of its own. */
export function startWorker({ bridge }: World, service: "registry" | "dns", url: string): { stop(): Promise<void> } {
  const file = fileURLToPath(import.meta.resolve(`@crossfade/functions/${service}-worker`));
  const given = { ACTIVITY_ARN: bridge.activityArns.get(service) ?? "", SERVICE_URL: url };
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
