import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { initialRollout, RouteType } from "@crossfade/bridge";
import { composeRollouts } from "@crossfade/functions/compose";
import { type RegistryClient, registryClient } from "@crossfade/legacy";
import { createPublisher, createRegistryWorker, startSimulatedRegistry } from "@crossfade/legacy/reference";
import { type Dashboard, serveBridgeDashboard } from "@crossfade/local/dashboard";
import { type Message, refresh, registration } from "../../integration/support/messages.ts";
import { startWorker } from "../../integration/support/people.ts";
import { startWorld, type World } from "../../integration/support/world.ts";
import { DIST } from "./fixtures/server.ts";

/** The real bridge on the embedded cloud, with traffic that goes on until it is told to stop. */
export interface LiveWorld {
  readonly world: World;
  readonly dashboard: Dashboard;
  /** Requests that were published, oldest first. */
  readonly published: readonly Message[];
  /** From now on everything fails that the new path does at the registry: its worker is replaced by one that asks another. */
  breakNewPath(): Promise<void>;
  close(): Promise<void>;
}

const PUNCTUAL = { latencyMs: 0, unavailableRate: 0, slowRate: 0, stallRate: 0, takenRate: 0, notFoundRate: 0 };
const CUSTOMERS = 150;
/** Milliseconds between two messages. */
const PACE = 90;

const SERVERS = ["ns1.example.fi", "ns2.example.fi", "ns3.example.fi"];

/** The old system forgets a name server of each third registration: what the new path would do otherwise. */
function forgetful(client: RegistryClient): RegistryClient {
  let registrations = 0;
  return {
    ...client,
    async send(commandId, command) {
      const sent = await client.send(commandId, command);
      if (sent.status !== "done" || sent.result.nameServers === undefined || registrations++ % 3 > 0) return sent;
      return { ...sent, result: { ...sent.result, nameServers: sent.result.nameServers.slice(0, 2) } };
    },
  };
}

async function stand(route: string, at: { readonly stage: "legacy" | "shadow" }): Promise<void> {
  const store = composeRollouts();
  const name = RouteType.parse(route);
  const { version } = await store.read(name);
  const rollout = { ...initialRollout(name), ...at, version: version + 1 };
  await store.write(rollout, { by: "the test", reason: "where the story begins", at: Date.now() });
}

/** One after the other, until it is stopped: refreshes and registrations of many customers. */
function traffic(publish: (message: Message, source: "refreshes" | "registrations") => Promise<unknown>) {
  const stopped = new AbortController();
  const published: Message[] = [];
  const running = (async () => {
    for (let n = 0; !stopped.signal.aborted; n++) {
      const customerId = `cust-${1000 + ((n * 37) % CUSTOMERS)}`;
      const isRefresh = n % 3 > 0;
      const message = isRefresh ? refresh({ customerId }) : registration({ customerId, nameServers: SERVERS });
      await publish(message, isRefresh ? "refreshes" : "registrations");
      published.push(message);
      await pause(PACE, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    published,
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

export async function startLiveWorld(): Promise<LiveWorld> {
  const [registry, broken] = await Promise.all([
    startSimulatedRegistry(PUNCTUAL),
    startSimulatedRegistry({ ...PUNCTUAL, notFoundRate: 1 }),
  ]);
  const world = await startWorld({ registryUrl: registry.url, guardEveryMs: 500 });
  await stand("REFRESH_DOMAIN", { stage: "legacy" });
  await stand("REGISTER_DOMAIN", { stage: "shadow" });
  const { documents, sqs, sns, payments, legacy, bridge } = world;
  const clock = { now: () => Date.now() };
  const old = createRegistryWorker(
    {
      ...{ documents, payments, clock, sqs, trackingTable: legacy.trackingTable },
      registry: forgetful(registryClient({ url: registry.url })),
    },
    { queueUrls: [world.forwardUrl("registrations"), world.forwardUrl("refreshes")], waitSeconds: 1 },
  );
  await old.start();
  let newWorker = startWorker(world, "registry", registry.url);
  await bridge.attach();

  const publisher = createPublisher({ sns, sqs, documents, payments, clock, resources: legacy }, { lateRate: 0 });
  const sending = traffic((message, source) =>
    publisher.publish({ source, body: JSON.parse(JSON.stringify(message)) }, `journey-${randomUUID()}`),
  );
  const dashboard = await serveBridgeDashboard(bridge.deployed, { staticDir: DIST });
  return {
    ...{ world, dashboard, published: sending.published },
    async breakNewPath() {
      await newWorker.stop();
      newWorker = startWorker(world, "registry", broken.url);
    },
    async close() {
      await sending.stop();
      await dashboard.close();
      await Promise.all([newWorker.stop(), old.stop()]);
      await world.close();
      await Promise.all([registry.stop(), broken.stop()]);
    },
  };
}
