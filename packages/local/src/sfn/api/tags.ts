import * as z from "zod";
import { SfnError } from "../errors.ts";
import { type Action, arn, defineAction, type World } from "./action.ts";

export const tagList = z.array(z.strictObject({ key: z.string(), value: z.string() }));

export const tagActions: Readonly<Record<string, Action>> = {
  TagResource: defineAction({ resourceArn: arn, tags: tagList }, ({ resourceArn, tags }, world) => {
    assertExists(resourceArn, world);
    world.tags.add(resourceArn, tags);
    return {};
  }),

  UntagResource: defineAction({ resourceArn: arn, tagKeys: z.array(z.string()) }, ({ resourceArn, tagKeys }, world) => {
    assertExists(resourceArn, world);
    world.tags.remove(resourceArn, tagKeys);
    return {};
  }),

  ListTagsForResource: defineAction({ resourceArn: arn }, ({ resourceArn }, world) => {
    assertExists(resourceArn, world);
    return { tags: world.tags.of(resourceArn) };
  }),
};

function assertExists(resourceArn: string, { machines, activities }: World): void {
  if (machines.find(resourceArn) === undefined && activities.find(resourceArn) === undefined) {
    throw new SfnError("ResourceNotFound", `Resource not found: '${resourceArn}'`);
  }
}
