import type { DescribeExecutionCommandOutput } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentedMachines } from "../../docs/diagrams.ts";
import { ACTION_SCENARIOS } from "./machine-paths/action-scenarios.ts";
import { Definition, statesOf } from "./machine-paths/definition.ts";
import { ORDER_SCENARIOS } from "./machine-paths/order-scenarios.ts";
import { KINDS, missing, type Paths, pathsIn, pathsOf } from "./machine-paths/paths.ts";
import type { Scenario } from "./machine-paths/scenario.ts";
import { type Played, setTheStage } from "./machine-paths/stage.ts";

const SCENARIOS: readonly Scenario[] = [...ACTION_SCENARIOS, ...ORDER_SCENARIOS];

interface Performance {
  readonly execution: DescribeExecutionCommandOutput;
  readonly paths: Paths;
}

let stage: Played;
const performances = new Map<Scenario, Performance>();

/** All of them side by side: most of the time is spent in timeouts. */
beforeAll(async () => {
  stage = await setTheStage();
  const perform = async (scenario: Scenario) => {
    stage.follow(scenario.orderId, scenario.script ?? {});
    await scenario.before?.(stage);
    const arn = await stage.play(scenario);
    const execution = await stage.ended(arn);
    performances.set(scenario, { execution, paths: pathsIn(await stage.history(arn)) });
  };
  await Promise.all(SCENARIOS.map(perform));
}, 90_000);
afterAll(() => stage.close());

const NAMES = {
  states: "states never entered",
  rules: "Choice rules never taken",
  catchers: "catchers never taken",
  timeouts: "timeouts never run into",
} as const;

it.each(SCENARIOS.map((scenario) => [scenario.what, scenario] as const))("%s", (_, scenario) => {
  const { status, error, output } = performances.get(scenario)?.execution ?? {};
  expect({ status, error, output: output && JSON.parse(output) }).toMatchObject(scenario.ends);
});

describe("every machine that is deployed", () => {
  it("is documented as it is deployed: the same machines, of the same states", () => {
    const names = (machines: Iterable<readonly [string, Definition]>) =>
      Object.fromEntries([...machines].map(([machine, each]) => [machine, [...statesOf(each)].map(([name]) => name)]));
    const documented = Object.entries(documentedMachines()).map(
      ([machine, each]) => [machine, Definition.parse(structuredClone(each))] as const,
    );
    expect(names(stage.definitions)).toEqual(names(documented));
  });

  it("is run through every state, Choice rule, catcher and timeout", () => {
    const found = [...stage.definitions].map(([machine, definition]) => {
      const runs = [...performances].flatMap(([scenario, { paths }]) => (scenario.machine === machine ? [paths] : []));
      return [machine, missing(pathsOf(definition), runs)] as const;
    });
    for (const [machine, lists] of found) {
      const words = KINDS.map((kind) => `${NAMES[kind]}: ${lists[kind].join("; ") || "none"}`);
      console.log(`${machine}\n  ${words.join("\n  ")}`);
    }
    for (const [machine, lists] of found) {
      expect(lists, machine).toEqual({ states: [], rules: [], catchers: [], timeouts: [] });
    }
  });
});
