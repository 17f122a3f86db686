import aslValidator from "asl-validator";
import { describe, expect, it } from "vitest";
import { actionMachine, orderMachine, type StateMap, WEBCAT_ACTIONS } from "./index.ts";

const ORDER = orderMachine({
  statesArn: "arn:aws:states:eu-west-1:000000000000",
  migration: "webcat",
  finishOrderArn: "arn:aws:lambda:eu-west-1:000000000000:function:finish-order",
});
const ACTIVITY = "arn:aws:states:eu-west-1:000000000000:activity:registry";
const MACHINES = [
  ["Order", ORDER] as const,
  ...WEBCAT_ACTIONS.map((spec) => [spec.action, actionMachine(spec, ACTIVITY)] as const),
];

function* statesOf(machine: StateMap): Generator<[string, StateMap["States"][string]]> {
  for (const [name, state] of Object.entries(machine.States)) {
    yield [name, state];
    if (state.Type === "Map") yield* statesOf(state.ItemProcessor);
  }
}

describe.each(MACHINES)("%s", (_, machine) => {
  it("is valid Amazon States Language", () => {
    const { isValid, errorsText } = aslValidator(structuredClone(machine));
    expect(errorsText("\n")).toBe("");
    expect(isValid).toBe(true);
  });

  it("gives every Task a timeout, a retry of States.Timeout with backoff, and a Catch of everything (N14)", () => {
    const tasks = [...statesOf(machine)].flatMap(([, state]) => (state.Type === "Task" ? [state] : []));
    expect(tasks.length).toBeGreaterThan(0);
    for (const task of tasks) {
      expect(task.TimeoutSeconds).toBeGreaterThan(0);
      const timeouts = task.Retry.filter((retrier) => retrier.ErrorEquals.includes("States.Timeout"));
      expect(timeouts.map((retrier) => retrier.BackoffRate ?? 1)).toEqual([2]);
      expect(task.Catch?.at(-1)?.ErrorEquals).toEqual(["States.ALL"]);
    }
  });

  it("never overwrites its input: each result has a path of its own (N10)", () => {
    for (const [name, state] of statesOf(machine)) {
      if (state.Type === "Task" || state.Type === "Map") expect(state.ResultPath, name).toMatch(/^\$\./);
    }
  });

  it("names its states as sentences (R6)", () => {
    for (const [name] of statesOf(machine)) expect(name).toMatch(/^[A-Z][a-zA-Z']+( [a-zA-Z']+)+\??$/);
  });
});

describe("an Action", () => {
  it("tells a result, or the check that stands for it, and never both (N18)", () => {
    for (const [, machine] of MACHINES.slice(1)) {
      const told = Object.values(machine.States).flatMap((state) => (state.Type === "Pass" ? [state.Parameters] : []));
      const has = (name: string) => told.map((parameters = {}) => name in parameters);
      expect(has("result.$").filter(Boolean)).toHaveLength(1);
      expect(has("resultCheck.$").filter(Boolean)).toHaveLength(1);
      expect(has("result.$").some((result, n) => result && has("resultCheck.$")[n])).toBe(false);
    }
  });
});

describe("Order", () => {
  it("knows no Action by name, so that a new one needs no change (N2)", () => {
    const text = JSON.stringify(ORDER);
    for (const { action } of WEBCAT_ACTIONS) expect(text).not.toContain(action);
  });

  it("hands an item its own data, never the whole input (N11)", () => {
    const map = ORDER.States["Do every item"];
    if (map?.Type !== "Map") throw new Error("Order has no Map");
    expect(Object.values(map.ItemSelector)).not.toContain("$");
    expect(Object.keys(map.ItemSelector)).not.toContain("items.$");
    const task = map.ItemProcessor.States["Do the item"];
    if (task?.Type !== "Task") throw new Error("the Map starts no Action");
    expect(task.Parameters?.["Name.$"]).toBe("$.item.executionName");
  });
});
