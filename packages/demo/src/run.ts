import { setTimeout as pause } from "node:timers/promises";
import { StopExecutionCommand } from "@aws-sdk/client-sfn";
import type { Claim } from "@crossfade/bridge";
import { type Approvals, placeLargeOrders } from "./approvals.ts";
import { placeBlockedOrder, placeDirectOrder } from "./direct-orders.ts";
import type { DemoOptions } from "./options.ts";
import { type Plan, planTraffic } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { depth, listOrders, readLedger } from "./reading.ts";
import { setPercentage } from "./rollouts.ts";
import { placeSetUpOrder } from "./set-up-orders.ts";
import type { World } from "./world.ts";

/** Milliseconds for which a step may go on working after its last message; longer than any timeout here. */
const QUIET_WITHIN = 120_000;

/** An operator stops the newest running order that waits for nobody's approval; false when there is none. */
async function stopOneOrder(world: World, approvals: Approvals | undefined): Promise<boolean> {
  const waiting: ReadonlySet<string> = approvals?.executionNames ?? new Set();
  const running = (await listOrders(world, true)).find(({ name = "" }) => !waiting.has(name));
  if (running?.executionArn === undefined) return false;
  const stop = { executionArn: running.executionArn, error: "Operator.Stopped", cause: "stopped by hand" };
  await world.sfn.send(new StopExecutionCommand(stop));
  return true;
}

/** Things that go wrong in real life, at fixed places in the traffic. */
async function mishap(
  world: World,
  progress: Progress,
  approvals: Approvals | undefined,
  number: number,
  total: number,
): Promise<void> {
  const at = (share: number) => number === Math.floor(total * share);
  if (at(0.55)) {
    progress.say("the registry worker is killed, and started again");
    await world.registryWorker.kill();
    world.registryWorker.start();
  }
  if ([0.45, 0.65, 0.8, 0.9].some(at) && (await stopOneOrder(world, approvals)))
    progress.say("an operator stops an order");
}

/** Claims in flight, plans that have not ended, and messages in any queue between the systems. */
async function pending(world: World): Promise<number> {
  const { bridge, legacy } = world;
  const queues = [legacy.registrations.queueUrl, legacy.refreshes.queueUrl, legacy.dns.queueUrl];
  const own = [...bridge.delegates.values(), ...Object.values(bridge.queues)].map((queue) => queue.url);
  const depths = await Promise.all([...queues, ...bridge.forwards.values(), ...own].map((url) => depth(world, url)));
  const { claims } = await readLedger(world);
  const isOpen = ({ endedAt, shadow }: Claim) => endedAt === undefined || (shadow && shadow.endedAt === undefined);
  const open = claims.filter(isOpen).length;
  return open + depths.reduce((sum, count) => sum + count, 0);
}

async function untilQuiet(world: World): Promise<void> {
  const deadline = Date.now() + QUIET_WITHIN;
  while (Date.now() < deadline) {
    await world.cloud.eventsSettled();
    if ((await pending(world)) === 0) {
      await world.bridge.stream?.caughtUp();
      if ((await pending(world)) === 0) return world.bridge.ledgerStream.caughtUp();
    }
    await pause(250);
  }
}

/** Sends at a steady rate, whatever the sends themselves take. */
function pacer(rate: number): () => Promise<void> {
  const startedAt = Date.now();
  let sent = 0;
  return async () => {
    const due = startedAt + (sent++ * 1000) / rate;
    await pause(Math.max(0, due - Date.now()));
  };
}

/** Orders that end before their items begin, or wait first; placed as soon as the new path takes work. */
async function specialOrders(world: World, seed: number, progress: Progress): Promise<Approvals> {
  await placeBlockedOrder(world, seed);
  progress.say("a blocked customer orders two domains: a check refuses the order");
  return placeLargeOrders(world, seed, progress);
}

/** The whole traffic, step by step, until everything has come to its end. */
export async function run(world: World, options: DemoOptions, progress: Progress): Promise<Plan> {
  const plan = planTraffic(await world.charges.prepare(options.lines), options.steps.length, options.seed);
  const total = plan.steps.reduce((sum, step) => sum + step.length, 0);
  const attachedAt = Date.now();
  const pace = pacer(options.rate);
  let number = 0;
  let approvals: Approvals | undefined;
  for (const [index, step] of plan.steps.entries()) {
    const percentage = options.steps[index] ?? 0;
    progress.phase(percentage === 0 ? "flag at 0 %, in shadow" : `flag at ${percentage} %`);
    await setPercentage(percentage, attachedAt);
    if (percentage > 0) {
      approvals ??= await specialOrders(world, options.seed, progress);
      await placeDirectOrder(world, index, options.seed);
      if (index === options.steps.length - 1) await placeSetUpOrder(world, options.seed);
    }
    for (const { kind, line, correlationId } of step) {
      await pace();
      number++;
      await mishap(world, progress, approvals, number, total);
      await world.publisher[kind === "first" ? "publish" : "repeat"](line, correlationId);
      progress.sent();
    }
  }
  progress.phase("all sent, work goes on");
  await world.publisher.lateRows();
  await approvals?.answered;
  await untilQuiet(world);
  return plan;
}
