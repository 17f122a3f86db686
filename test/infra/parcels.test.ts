import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Deployed, FUNCTIONS } from "@crossfade/bridge/deployment";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { contract } from "../../examples/parcels/contract/index.ts";
import { crossing } from "../../examples/parcels/testing/crossing.ts";
import { startWorld } from "../../examples/parcels/testing/world.ts";
import { type Synthesis, synthesise } from "./synth/index.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** Words that only one of the two migrations knows. */
const OURS = "CANCEL_PICKUP";
const THEIRS = "REGISTER_DOMAIN";

let synthesis: Synthesis;
beforeAll(async () => {
  synthesis = await synthesise({ root: join(ROOT, "examples/parcels"), installed: ROOT, stage: "staging" });
}, 120_000);

const ofType = (type: string) => synthesis.resources.filter((resource) => resource.type === type);
const Named = z.object({ name: z.string() });
/** The bundle of a handler, `packages/functions/src/<name>.<export>`, as it would be deployed. */
function bundleOf(handler: string) {
  const [path = "", exported = ""] = handler.split(".");
  const name = basename(path).replaceAll(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase());
  return { file: join(synthesis.artifacts, `${name}-src`, "bundle.mjs"), export: exported };
}

const names = (type: string): readonly string[] => ofType(type).map(({ inputs }) => Named.parse(inputs).name);

test("the second migration deploys under names of its own, each Action and activity once", () => {
  const { crossfade } = z.object({ crossfade: Deployed }).parse(synthesis.outputs);
  expect(crossfade.name).toBe("parcels-staging");
  expect(names("aws:sfn/stateMachine:StateMachine").toSorted()).toEqual(
    ["BookShipment", "CancelPickup", "Order"].map((name) => `parcels-staging-${name}`),
  );
  expect(names("aws:sfn/activity:Activity")).toEqual(["parcels-staging-carrier"]);
  expect(names("aws:sqs/queue:Queue")).toContain("parcels-staging-jobs-forward.fifo");
  for (const name of names("aws:lambda/function:Function")) expect(name).toMatch(/^parcels-staging-/);
});

test("its functions are bundled with its contract, and with no word of the other", async () => {
  const ingest = await readFile(bundleOf(FUNCTIONS.ingest.handler).file, "utf8");
  // Not toContain: on failure it would print the bundle.
  expect([OURS, THEIRS].map((word) => ingest.includes(word))).toEqual([true, false]);
  expect(ofType("aws:lambda/function:Function").length).toBeLessThanOrEqual(Object.keys(FUNCTIONS).length);
});

test("nothing of the legacy system is created or changed", () => {
  const created = synthesis.resources.map(({ inputs }) => Named.safeParse(inputs).data?.name);
  for (const name of ["carrier-staging-jobs", "carrier-staging-shop", "carrier-staging-charges"])
    expect(created).not.toContain(name);
});

test("every route of the contract comes by a source of the configuration", () => {
  const { crossfade } = z.object({ crossfade: Deployed }).parse(synthesis.outputs);
  const routes = Object.values(crossfade.sources).flatMap(({ config }) => config.routes);
  expect(routes).toEqual([...contract.migration.routes.keys()]);
});

describe("run from the bundles that would be deployed", () => crossing((troubles) => startWorld(troubles, bundleOf)));
