import { initialRollout, RouteType } from "@crossfade/bridge";
import { RolloutChange } from "@crossfade/bridge/console";
import { describe, expect, it } from "vitest";
import { changeOf, deedOf, draftOf, readPercentage } from "./rollout-draft.ts";

const legacy = initialRollout(RouteType.parse("REGISTER_DOMAIN"));
const split = { ...legacy, stage: "split" as const, percentage: 10, version: 3 };

describe("a percentage as typed", () => {
  it.each([
    ["25", 25],
    [" 12.5 ", 12.5],
    ["12,25", 12.25],
    ["0", 0],
    ["100", 100],
    ["100.01", undefined],
    ["-1", undefined],
    ["12.345", undefined],
    ["", undefined],
    ["1e1", undefined],
  ])("%j is %s", (text, value) => expect(readPercentage(text)).toBe(value));
});

describe("the change that a draft makes", () => {
  it.each([
    ["nothing", split, {}, undefined],
    ["a percentage", split, { percentage: "25" }, { stage: "split", percentage: 25 }],
    ["the same percentage in other letters", split, { percentage: "10.0" }, undefined],
    ["a stage, with its own percentage", split, { stage: "order" as const }, { stage: "order", percentage: 100 }],
    ["back to the old path", split, { stage: "legacy" as const }, { stage: "legacy", percentage: 0 }],
    [
      "a sample in shadow",
      legacy,
      { stage: "shadow" as const, sample: "20" },
      { stage: "shadow", percentage: 0, sample: 20 },
    ],
    ["a baseline in shadow", { ...legacy, stage: "shadow" as const }, { baseline: "50" }, { baseline: 50 }],
    ["a sample outside shadow is no change", split, { sample: "20" }, undefined],
    ["a list, without empty and double lines", split, { include: "b\n\n a \nb" }, { include: ["b", "a"] }],
  ])("%s", (_, rollout, set, change) => {
    const found = changeOf({ ...draftOf(rollout), ...set }, rollout);
    expect(found).toEqual({ change });
    if (change) expect(RolloutChange.safeParse(change).success).toBe(true);
  });

  it("names the field that is wrong", () => {
    expect(changeOf({ ...draftOf(split), percentage: "101" }, split)).toMatchObject({ error: { field: "percentage" } });
    expect(changeOf({ ...draftOf(legacy), stage: "shadow", sample: "x" }, legacy)).toMatchObject({
      error: { field: "sample" },
    });
  });

  it("does not mind a percentage that its stage does not use", () => {
    expect(changeOf({ ...draftOf(split), stage: "order", percentage: "x" }, split)).toMatchObject({
      change: { stage: "order" },
    });
  });
});

it.each([
  [{ stage: "split", percentage: 25 }, "Raise to 25 %"],
  [{ stage: "split", percentage: 5 }, "Lower to 5 %"],
  [{ stage: "order", percentage: 100 }, "Move everything to the new path"],
  [{ stage: "legacy", percentage: 0 }, "Send everything to the old path"],
  [{ stage: "shadow", percentage: 0 }, "Back to shadow"],
  [{ sample: 20 }, "Plan 20 % in shadow"],
  [{ baseline: 20 }, "Plan 20 % twice"],
  [{ include: [] }, "Change the lists"],
] as const)("%j reads as %s", (change, deed) => expect(deedOf(RolloutChange.parse(change), split, 10)).toBe(deed));
