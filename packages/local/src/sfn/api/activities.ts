import * as z from "zod";
import { assertArn } from "../arns.ts";
import { page } from "../paging.ts";
import { after } from "../run/timers.ts";
import type { Activity, ActivityTask } from "../store/activities.ts";
import { type Action, arn, type Client, defineAction, paging, seconds } from "./action.ts";
import { tagList } from "./tags.ts";

/** API reference, GetActivityTask: the service holds the connection for at most 60 seconds. */
const LONG_POLL_MS = 60_000;

export const activityActions: Readonly<Record<string, Action>> = {
  CreateActivity: defineAction({ name: z.string(), tags: tagList.default([]) }, ({ name, tags }, world) => {
    const activity = world.activities.create(name);
    world.tags.add(activity.arn, tags);
    return { activityArn: activity.arn, creationDate: seconds(activity.creationDate) };
  }),

  DescribeActivity: defineAction({ activityArn: arn }, ({ activityArn }, world) => {
    assertArn(activityArn, "activity");
    return summary(world.activities.get(activityArn));
  }),

  ListActivities: defineAction(paging, (request, world) => {
    const { items, nextToken } = page(world.activities.all(), ({ position }) => position, request);
    return { activities: items.map(summary), nextToken };
  }),

  DeleteActivity: defineAction({ activityArn: arn }, ({ activityArn }, world) => {
    assertArn(activityArn, "activity");
    world.activities.remove(activityArn);
    return {};
  }),

  GetActivityTask: defineAction(
    { activityArn: arn, workerName: z.string().min(1).max(80).optional() },
    async ({ activityArn, workerName }, world, client) => {
      assertArn(activityArn, "activity");
      const activity = world.activities.get(activityArn);
      const task = await nextTask(activity, client);
      if (task === undefined) return { taskToken: null };
      // Only a worker that has the whole answer has the task; otherwise it goes to the next one.
      client.onAnswered(() => task.started(workerName));
      client.onGone(() => activity.putBack(task));
      return { taskToken: task.token, input: task.input };
    },
  ),
};

function summary({ arn: activityArn, name, creationDate }: Activity) {
  return { activityArn, name, creationDate: seconds(creationDate) };
}

async function nextTask(activity: Activity, client: Client): Promise<ActivityTask | undefined> {
  const { promise, resolve } = Promise.withResolvers<ActivityTask | undefined>();
  const offer = (task: ActivityTask) => {
    if (!client.gone) resolve(task);
    return !client.gone;
  };
  const leave = activity.poll({ offer });
  const stopTimer = after(LONG_POLL_MS, () => resolve(undefined));
  client.onGone(() => resolve(undefined));
  try {
    return await promise;
  } finally {
    leave();
    stopTimer();
  }
}
