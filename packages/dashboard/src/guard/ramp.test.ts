import { GuardPolicy } from "@crossfade/bridge/console";
import { describe, expect, it } from "vitest";
import { rampText, readRamp } from "./ramp.ts";

const split = (percentage: number) => ({ stage: "split", percentage });
const shadow = { stage: "shadow", percentage: 0 };
const order = { stage: "order", percentage: 100 };

describe("a ramp as typed", () => {
  it.each([
    ["shadow, 1, 5, 25, order", [shadow, split(1), split(5), split(25), order]],
    ["shadow 1 5", [shadow, split(1), split(5)]],
    ["1%, 12.5 %, 50", [split(1), split(12.5), split(50)]],
    ["split 5; split 10", [split(5), split(10)]],
    ["Order", [order]],
    ["", undefined],
    ["1, many", undefined],
    ["legacy, 5", undefined],
    ["101", undefined],
  ])("%j", (text, ramp) => expect(readRamp(text)).toEqual(ramp));

  it("reads what it wrote", () => {
    const text = "shadow, 1, 12.5, 50, order";
    const ramp = readRamp(text) ?? [];
    expect(rampText(ramp)).toBe(text);
    expect(GuardPolicy.parse({ ramp }).ramp).toEqual(ramp);
  });
});
