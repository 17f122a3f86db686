import { orderMachine, type StateMap } from "@crossfade/bridge/machines";
import aslValidator from "asl-validator";
import { describe, expect, it } from "vitest";
import { webcatActions } from "./webcat-actions.ts";

const CHECKS = [
  { name: "customer", question: "Is the customer in good standing?" },
  { name: "availability", question: "Are the domains available?" },
].map((check) => ({ ...check, functionArn: `arn:aws:lambda:eu-west-1:000000000000:function:check-${check.name}` }));
const ARNS = {
  statesArn: "arn:aws:states:eu-west-1:000000000000",
  migration: "webcat",
  finishOrderArn: "arn:aws:lambda:eu-west-1:000000000000:function:finish-order",
  planArn: "arn:aws:lambda:eu-west-1:000000000000:function:plan",
  checks: CHECKS,
  approvals: { queueUrl: "https://sqs.eu-west-1.amazonaws.com/000000000000/approvals", ledgerTable: "ledger" },
};

/** Tasks whose timeout is not retried, and why. */
const TIMEOUT_IS_AN_OUTCOME: ReadonlyMap<string, string> = new Map([
  ["Ask for approval", "nobody answered in time: asked again, the order would wait as long again, and again"],
  ["Hand the update to the legacy service", "it goes on waiting, with a new token"],
]);
const ORDER = orderMachine(ARNS);
const activity = (name: string) => `arn:aws:states:eu-west-1:000000000000:activity:${name}`;
const ACTIONS = webcatActions({
  activities: { registry: activity("registry"), dns: activity("dns") },
  delegateFunction: "arn:aws:lambda:eu-west-1:000000000000:function:delegate",
});
const MACHINES = [["Order", ORDER] as const, ...Object.entries(ACTIONS)];

function* statesOf(machine: StateMap): Generator<[string, StateMap["States"][string]]> {
  for (const [name, state] of Object.entries(machine.States)) {
    yield [name, state];
    if (state.Type === "Map") yield* statesOf(state.ItemProcessor);
    if (state.Type === "Parallel") for (const branch of state.Branches) yield* statesOf(branch);
  }
}

describe.each(MACHINES)("%s", (_, machine) => {
  it("is valid Amazon States Language", () => {
    const { isValid, errorsText } = aslValidator(structuredClone(machine));
    expect(errorsText("\n")).toBe("");
    expect(isValid).toBe(true);
  });

  it("gives every Task a timeout, a retry of States.Timeout with backoff, and a Catch of everything (N14)", () => {
    const tasks = [...statesOf(machine)].flatMap(([name, task]) => (task.Type === "Task" ? [{ name, task }] : []));
    expect(tasks.length).toBeGreaterThan(0);
    for (const { name, task } of tasks) {
      expect(task.TimeoutSeconds).toBeGreaterThan(0);
      expect(task.Catch?.at(-1)?.ErrorEquals).toEqual(["States.ALL"]);
      if (TIMEOUT_IS_AN_OUTCOME.has(name)) {
        expect(task.Catch?.[0]?.ErrorEquals).toEqual(["States.Timeout"]);
        expect(task.Retry.flatMap((retrier) => retrier.ErrorEquals)).not.toContain("States.Timeout");
        continue;
      }
      const timeouts = task.Retry.filter((retrier) => retrier.ErrorEquals.includes("States.Timeout"));
      expect(timeouts.map((retrier) => retrier.BackoffRate ?? 1)).toEqual([2]);
    }
  });

  it("never overwrites its input: each result has a path of its own (N10)", () => {
    for (const [name, state] of statesOf(machine)) {
      if (state.Type === "Choice" || state.Type === "Fail" || state.Type === "Pass") continue;
      expect(state.ResultPath, name).toMatch(/^\$\./);
    }
  });

  it("names its states as sentences (R6)", () => {
    for (const [name] of statesOf(machine)) expect(name).toMatch(/^[A-Z][a-zA-Z']+( [a-zA-Z']+)+\??$/);
  });
});

describe("an Action", () => {
  it("tells a result, or the check that stands for it, and never both (N18)", () => {
    // A registration's answer is small by its schema: SetUpDomain tells it as it is.
    for (const [, machine] of MACHINES.filter(([name]) => name !== "Order" && name !== "SetUpDomain")) {
      const told = Object.values(machine.States).flatMap((state) => (state.Type === "Pass" ? [state.Parameters] : []));
      const has = (name: string) => told.map((parameters = {}) => name in parameters);
      expect(has("result.$").filter(Boolean)).toHaveLength(1);
      expect(has("resultCheck.$").filter(Boolean)).toHaveLength(1);
      expect(has("result.$").some((result, n) => result && has("resultCheck.$")[n])).toBe(false);
    }
  });
});

describe("Order", () => {
  it("names every state once, also inside Map and Parallel, as Step Functions demands", () => {
    const names = [...statesOf(ORDER)].map(([name]) => name);
    expect(names).toHaveLength(new Set(names).size);
  });

  it("knows no check by name, and needs none (N15)", () => {
    const text = JSON.stringify(orderMachine({ ...ARNS, checks: [] }));
    for (const { name, question } of CHECKS)
      for (const words of [`${name} check`, question]) expect(text).not.toContain(words);
    expect(aslValidator(orderMachine({ ...ARNS, checks: [] })).isValid).toBe(true);
  });

  it("knows no Action by name, so that a new one needs no change (N2)", () => {
    const text = JSON.stringify(ORDER);
    for (const action of Object.keys(ACTIONS)) expect(text).not.toContain(action);
  });

  it("waits three days for approval, unless told otherwise", () => {
    const seconds = (waitSeconds?: number) => {
      const approvals = { ...ARNS.approvals, ...(waitSeconds !== undefined && { waitSeconds }) };
      const state = orderMachine({ ...ARNS, approvals }).States["Ask for approval"];
      return state?.Type === "Task" ? state.TimeoutSeconds : undefined;
    };
    expect([seconds(), seconds(5)]).toEqual([3 * 24 * 3600, 5]);
  });

  it("hands an item its own data, never the whole input (N11)", () => {
    const map = ORDER.States["Do every item"];
    if (map?.Type !== "Map") throw new Error("Order has no Map");
    expect(Object.values(map.ItemSelector)).not.toContain("$");
    expect(Object.keys(map.ItemSelector)).not.toContain("items.$");
    const task = map.ItemProcessor.States["Do the item"];
    if (task?.Type !== "Task") throw new Error("the Map starts no Action");
    expect(task.Parameters?.["Name.$"]).toBe("States.Format('{}-{}', $.item.executionName, $$.Execution.RedriveCount)");
  });
});
