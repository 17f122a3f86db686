import { GetActivityTaskCommand } from "@aws-sdk/client-sfn";
import { performEffect } from "@crossfade/bridge";
import { ActionTask, runWorker } from "@crossfade/functions/activity-worker";
import { composeWorker } from "@crossfade/functions/compose";
import { telemetry } from "@crossfade/functions/telemetry";
import { commandOfStep, externalCommand, registryClient } from "@crossfade/legacy";
import type { SimulatedService } from "@crossfade/legacy/reference";
import { eventually } from "./eventually.ts";
import type { World } from "./world.ts";

/** A worker of the registry in this process, that does as much as it is told. */
export interface RegistryHand {
  /** Works on so many tasks, whatever comes of them. */
  work(tasks: number): Promise<void>;
  /** Takes a task and is no more: before it began its effect, or after. */
  takeAndDie(begun: boolean): Promise<ActionTask>;
}

export async function registryHand({ bridge, sfn }: World, registry: SimulatedService): Promise<RegistryHand> {
  const client = registryClient({ url: registry.url });
  await client.login("order");
  const deps = composeWorker();
  const activityArn = bridge.activityArns.registry;
  const requestFor = ({ item, orderId, generation, step }: ActionTask, owner: string) => {
    const { n, role, name } = step;
    const { pinKey, pinned, action, input = {} } = item;
    const { service, command } = commandOfStep(item.requestId, { action, input }, name);
    if (service !== "registry") throw new TypeError(`${action} is no work for the registry`);
    const kind = { service, command: command.command };
    const request = { key: item, n, role, lane: "order" as const, orderId, generation, pinKey, pinned, owner, ...kind };
    return { request, command: externalCommand(kind, client, command) };
  };
  return {
    async work(tasks) {
      let left = tasks;
      const stop = new AbortController();
      await runWorker({
        ...{ activityArn, workerName: "hand", heartbeatMs: 1_000, signal: stop.signal, telemetry: telemetry("hand") },
        ...{ tidy: async () => undefined, tidyEveryMs: 3_600_000 },
        perform: async (task) => {
          left--;
          if (left === 0) stop.abort();
          const { request, command } = requestFor(task, "hand");
          return performEffect(deps, request, command);
        },
      });
    },
    async takeAndDie(begun) {
      const task = await eventually("a task", async () => {
        const { input } = await sfn.send(new GetActivityTaskCommand({ activityArn, workerName: "dies" }));
        return input === undefined ? undefined : ActionTask.parse(JSON.parse(input));
      });
      const { request } = requestFor(task, "dies");
      if (begun) await deps.effects.begin({ ...request, at: Date.now() });
      return task;
    },
  };
}
