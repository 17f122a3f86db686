import { setGuard } from "@crossfade/bridge";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import { DynamoDbGuards } from "@crossfade/bridge/adapters/dynamodb-guard";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { GuardPolicy } from "@crossfade/bridge/guard";
import { webcat } from "@crossfade/legacy";
import { ledgerOf } from "./ledger-size.ts";
import { startPeople } from "./people.ts";
import { Runner } from "./run.ts";
import { SCENARIOS, type What } from "./scenarios.ts";
import type { Call, Tallied } from "./tally.ts";
import { metricsIn, type Usage, usageOf } from "./usage.ts";
import { type CountedWorld, startCountedWorld } from "./world.ts";

/** Full batches of a busy hour, and a quiet one in which every message comes alone. */
export const BATCHES = [10, 1] as const;
export type Batch = (typeof BATCHES)[number];

export interface Count {
  readonly what: What;
  readonly batch: Batch;
  /** For one message. */
  readonly usage: Usage;
  readonly calls: readonly Call[];
  readonly requests: number;
}

export interface Counted {
  readonly paths: readonly Count[];
  /** What runs by the clock, for one run each, or one read of one instance. */
  readonly reconcile: Usage;
  /** Of all routes, each guarded, in the hour in which its step began. */
  readonly guard: Usage;
  readonly tidy: Usage;
  readonly rolloutReadUnits: number;
  /** Metrics that a day without failures brings forth. */
  readonly metrics: readonly string[];
  readonly polledQueues: number;
  /** Of each alarm that the stacks deploy, how many metrics it looks at. */
  readonly alarms: readonly number[];
  /** Bytes of the largest item in the ledger. */
  readonly largestItem: number;
}

const ALONE = { requests: 1, batch: 1, transitions: 0, keptBytes: 0 };

async function countPaths(world: CountedWorld, seen: (tallied: Tallied) => void): Promise<readonly Count[]> {
  const runner = new Runner(world);
  const counts: Count[] = [];
  for (const scenario of SCENARIOS) {
    if ("delegated" in scenario) await world.integrate("delegate");
    let { bytes: before } = await ledgerOf(world);
    for (const batch of BATCHES) {
      const transitions = await runner.run(scenario, batch, batch);
      const tallied = world.tally.take();
      seen(tallied);
      const { bytes: after } = await ledgerOf(world);
      const run = { requests: batch, batch, transitions, keptBytes: after - before };
      before = after;
      counts.push({ what: scenario.what, batch, usage: usageOf(tallied, run), calls: tallied.calls, requests: batch });
    }
  }
  runner.close();
  return counts;
}

async function guardEveryRoute({ documents, bridge: { ledgerTable } }: CountedWorld): Promise<void> {
  const deps = {
    guard: new DynamoDbGuards(documents, ledgerTable),
    counts: new DynamoDbCounts(documents, ledgerTable),
    clock: { now: () => Date.now() },
  };
  const rollouts = new DynamoDbRollouts(documents, ledgerTable);
  const policy = GuardPolicy.parse({ ramp: [{ stage: "split", percentage: 0 }] });
  for (const route of webcat.routes.keys()) {
    const { version } = await rollouts.read(route);
    await setGuard(deps, route, { policy, version, reason: "count" }, "count");
  }
}

async function countAll(world: CountedWorld): Promise<Counted> {
  const started = world.tally.take();
  const queries = started.calls.filter(({ caller, action }) => caller === "registry-worker" && action === "Query");
  const all: Tallied[] = [];
  const paths = await countPaths(world, (tallied) => all.push(tallied));
  await world.cloud.functions.invoke("crossfade-reconcile", {});
  const reconcile = world.tally.take();
  const { largest: largestItem } = await ledgerOf(world);
  await guardEveryRoute(world);
  await world.cloud.functions.invoke("crossfade-guard", {});
  world.tally.take();
  // The second look finds that its decision stands, as nearly every one does.
  await world.cloud.functions.invoke("crossfade-guard", {});
  const guard = world.tally.take();
  const refreshes = all.flatMap(({ calls }) => calls).filter(({ refresh }) => refresh);
  return {
    paths,
    reconcile: usageOf(reconcile, ALONE),
    // Its reads of rollouts are its own: it keeps none.
    guard: usageOf({ ...guard, calls: guard.calls.map((call) => ({ ...call, refresh: false })) }, ALONE),
    tidy: usageOf({ ...started, calls: queries }, ALONE),
    rolloutReadUnits: Math.max(...refreshes.map(({ readUnits }) => readUnits)),
    metrics: [...new Set([...all, reconcile, guard].flatMap(metricsIn))].toSorted(),
    polledQueues: world.polledQueues,
    alarms: world.alarms,
    largestItem,
  };
}

/** Runs every path on a bridge of its own, and counts what AWS would charge for. */
export async function count(): Promise<Counted> {
  const world = await startCountedWorld();
  try {
    await world.integrate("activity");
    const people = await startPeople(world);
    return await countAll(world).finally(() => people.stop());
  } finally {
    await world.close();
  }
}
