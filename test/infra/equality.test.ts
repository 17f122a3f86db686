import { beforeAll, describe, expect, test } from "vitest";
import type { Graph } from "./support/graph.ts";
import { graphOfLocal } from "./support/graph-of-local.ts";
import { graphOfStack } from "./support/graph-of-stack.ts";
import { stackOf } from "./support/stack.ts";

/** The graph that the stacks deploy, and the one that the embedded cloud wires for the same configuration. */
let stacks: Graph;
let local: Graph;
beforeAll(async () => {
  const stack = await stackOf("production");
  stacks = graphOfStack(stack);
  local = await graphOfLocal(stack.config);
}, 60_000);

/** The embedded cloud loses no event of its own accord, and so needs no queue for those. */
const ONLY_IN_AWS = ["<bridge>-events-dlq"];

test("the queues are the same, but for the one that only AWS needs", () => {
  const { queues } = stacks;
  expect(ONLY_IN_AWS.filter((name) => !(name in queues))).toEqual([]);
  const shared = Object.entries(queues).filter(([name]) => !ONLY_IN_AWS.includes(name));
  expect(Object.fromEntries(shared)).toEqual(local.queues);
});

describe("the same on both sides:", () => {
  test.each(["functions", "mappings", "rules", "machines", "activities", "schedules", "sources", "delegates"] as const)(
    "%s",
    (part) => {
      expect(Object.keys(Object(stacks[part])).length).toBeGreaterThan(0);
      expect(stacks[part]).toEqual(local[part]);
    },
  );
});

test("a person asks for dead letters by the same names, and they return to the same queues", () => {
  const { events, ...shared } = Object(stacks.deadLetters);
  expect(events).toBeDefined();
  expect(Object.keys(shared).length).toBeGreaterThan(0);
  expect(shared).toEqual(local.deadLetters);
});
