import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EvidenceRecord, evidenceOf, type HistoryStep, MAX_EVENTS } from "./evidence.ts";

/** A step by its type, and `state` or `error` or `index`; it follows the one before unless `previousId` says otherwise. */
type Told = readonly [type: string, more?: Partial<HistoryStep>];
const steps = (...told: readonly Told[]): HistoryStep[] =>
  told.map(([type, more], i) => ({ id: i + 1, previousId: i, type, ...more }));
const enter = (kind: string, state: string, more?: Partial<HistoryStep>): Told => [
  `${kind}StateEntered`,
  { state, ...more },
];
const leave = (kind: string, state: string, more?: Partial<HistoryStep>): Told => [
  `${kind}StateExited`,
  { state, ...more },
];

const finishFails: readonly Told[] = [
  enter("Task", "Finish the order"),
  ["TaskScheduled"],
  ["TaskFailed", { error: "Crossfade.Wait" }],
  ["TaskScheduled"],
  ["TaskFailed", { error: "Crossfade.Fatal" }],
];

describe("evidenceOf", () => {
  it("names the state whose caught error led to a Fail state, not the Fail state", () => {
    const history = steps(
      ["ExecutionStarted"],
      ...finishFails,
      leave("Task", "Finish the order"),
      enter("Fail", "The order could not be finished"),
      ["ExecutionFailed", { error: "Crossfade.OrderNotFinished" }],
    );
    expect(evidenceOf(history)).toMatchObject({ failedState: "Finish the order", error: "Crossfade.Fatal" });
  });

  it("names the Fail state where a Choice led to it", () => {
    const history = steps(
      ["ExecutionStarted"],
      enter("Choice", "Is the order live?"),
      leave("Choice", "Is the order live?"),
      enter("Fail", "Mode is not supported"),
      ["ExecutionFailed", { error: "Crossfade.UnknownMode" }],
    );
    expect(evidenceOf(history)).toMatchObject({ failedState: "Mode is not supported", error: "Crossfade.UnknownMode" });
  });

  it("names the state whose error nobody caught", () => {
    const history = steps(["ExecutionStarted"], ...finishFails, ["ExecutionFailed", { error: "Crossfade.Fatal" }]);
    expect(evidenceOf(history)).toMatchObject({ failedState: "Finish the order", error: "Crossfade.Fatal" });
  });

  it("tells of a stopped execution where it stood, and the error that it was trying again after", () => {
    const history = steps(["ExecutionStarted"], ...finishFails.slice(0, 4), ["ExecutionAborted", { previousId: 0 }]);
    expect(evidenceOf(history)).toMatchObject({ failedState: "Finish the order", error: "Crossfade.Wait" });
  });

  it("tells which item of a Map it was doing; an item that failed and was caught is not it", () => {
    const history = steps(
      ["ExecutionStarted"],
      enter("Map", "Do every item"),
      ["MapStateStarted"],
      ["MapIterationStarted", { index: 0 }],
      ["MapIterationStarted", { index: 1, previousId: 3 }],
      enter("Task", "Do the item", { previousId: 4 }),
      enter("Task", "Do the item", { previousId: 5 }),
      ["TaskFailed", { error: "StepFunctions.Failed", previousId: 6 }],
      leave("Task", "Do the item"),
      enter("Pass", "The Action failed"),
      leave("Pass", "The Action failed"),
      ["MapIterationSucceeded"],
      ["ExecutionTimedOut", { error: "States.Timeout" }],
    );
    expect(evidenceOf(history)).toMatchObject({ failedState: "Do the item", item: 1, error: "States.Timeout" });
  });

  it("a state behind the Map belongs to no item", () => {
    const history = steps(
      ["ExecutionStarted"],
      enter("Map", "Do every item"),
      ["MapIterationStarted", { index: 0 }],
      ["MapIterationSucceeded"],
      ["MapStateSucceeded"],
      leave("Map", "Do every item"),
      ...finishFails,
      ["ExecutionAborted"],
    );
    expect(evidenceOf(history)).not.toHaveProperty("item");
  });

  it("does not repeat what somebody wrote when they stopped the execution", () => {
    const history = steps(enter("Task", "Do the item"), ["ExecutionAborted", { error: "Jane Doe asked for it" }]);
    const evidence = evidenceOf(history);
    expect(evidence).toMatchObject({ failedState: "Do the item", error: "(not a name)" });
    expect(JSON.stringify(evidence)).not.toContain("Jane");
  });

  it("of a history that begins in the middle says what it can", () => {
    const history = steps(["TaskFailed", { error: "A", previousId: 17 }], ["ExecutionFailed", { error: "A" }]);
    expect(evidenceOf(history.map((step) => ({ ...step, id: step.id + 100 })))).toMatchObject({
      events: ["101 TaskFailed A", "102 ExecutionFailed A"],
    });
    expect(evidenceOf([])).toEqual({ events: [] });
  });

  it("is a bounded record whatever the history holds, and always ends", () => {
    const step = fc.record({
      id: fc.nat(60),
      previousId: fc.nat(60),
      type: fc.constantFrom(
        "TaskStateEntered",
        "TaskStateExited",
        "FailStateEntered",
        "TaskFailed",
        "MapIterationStarted",
      ),
      state: fc.option(fc.string({ maxLength: 300 }), { nil: undefined }),
      error: fc.option(fc.string({ maxLength: 300 }), { nil: undefined }),
      index: fc.option(fc.nat(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.nat(1_000), (history, events) => {
        const evidence = evidenceOf(history, events);
        const facts = { executionArn: "arn", status: "FAILED", generation: 0, at: 0 };
        expect(EvidenceRecord.safeParse({ ...facts, ...evidence }).success).toBe(true);
        expect(evidence.events).toHaveLength(Math.min(events, MAX_EVENTS, history.length));
      }),
    );
  });
});
