import { setTimeout as pause } from "node:timers/promises";
import { StopExecutionCommand } from "@aws-sdk/client-sfn";
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

/** An operator stops the newest running order; false when none runs. */
async function stopOneOrder(world: World): Promise<boolean> {
  const [running] = await listOrders(world, true);
  if (running?.executionArn === undefined) return false;
  const stop = { executionArn: running.executionArn, error: "Operator.Stopped", cause: "stopped by hand" };
  await world.sfn.send(new StopExecutionCommand(stop));
  return true;
}

/** Things that go wrong in real life, at fixed places in the traffic. */
async function mishap(world: World, progress: Progress, number: number, total: number): Promise<void> {
  const at = (share: number) => number === Math.floor(total * share);
  if (at(0.55)) {
    progress.say("the registry worker is killed, and started again");
    await world.registryWorker.kill();
    world.registryWorker.start();
  }
  if ([0.45, 0.65, 0.8, 0.9].some(at) && (await stopOneOrder(world))) progress.say("an operator stops an order");
}

/** Claims in flight, and messages in any queue between the systems. */
async function pending(world: World): Promise<number> {
  const { bridge, legacy } = world;
  const queues = [legacy.registrations.queueUrl, legacy.refreshes.queueUrl, legacy.dns.queueUrl];
  const own = [
    ...bridge.forwards.values(),
    ...bridge.delegates.values(),
    bridge.queues.mirror,
    bridge.queues.settle,
  ].map((queue) => queue.url);
  const depths = await Promise.all([...queues, ...own].map((url) => depth(world, url)));
  const { claims } = await readLedger(world);
  const open = claims.filter((claim) => claim.endedAt === undefined).length;
  return open + depths.reduce((sum, count) => sum + count, 0);
}

async function untilQuiet(world: World): Promise<void> {
  const deadline = Date.now() + QUIET_WITHIN;
  while (Date.now() < deadline) {
    await world.cloud.eventsSettled();
    if ((await pending(world)) === 0) {
      await world.bridge.stream.caughtUp();
      if ((await pending(world)) === 0) return;
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

/** The whole traffic, step by step, until everything has come to its end. */
export async function run(world: World, options: DemoOptions, progress: Progress): Promise<Plan> {
  const plan = planTraffic(options.lines, options.steps.length, options.seed);
  const total = plan.steps.reduce((sum, step) => sum + step.length, 0);
  const attachedAt = Date.now();
  const pace = pacer(options.rate);
  let number = 0;
  for (const [index, step] of plan.steps.entries()) {
    const percentage = options.steps[index] ?? 0;
    progress.phase(`flag at ${percentage} %`);
    await setPercentage(percentage, attachedAt);
    if (percentage > 0) await placeDirectOrder(world, index, options.seed);
    if (percentage > 0 && index === options.steps.length - 1) await placeSetUpOrder(world, options.seed);
    if (index === 1) {
      await placeBlockedOrder(world, options.seed);
      progress.say("a blocked customer orders ten domains: a check refuses the order");
    }
    for (const { kind, line, correlationId } of step) {
      await pace();
      number++;
      await mishap(world, progress, number, total);
      await world.publisher[kind === "first" ? "publish" : "repeat"](line, correlationId);
      progress.sent();
    }
  }
  progress.phase("all sent, work goes on");
  await world.publisher.lateRows();
  await untilQuiet(world);
  return plan;
}
