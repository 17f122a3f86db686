import { describe, expect, it } from "vitest";
import { mayBeginAnew } from "./effect-anew.ts";
import type { Outcome } from "./outcome.ts";
import type { EffectRecord, EffectRole } from "./ports.ts";
import { COMPLETED, NOW, TAKEN } from "./testing.ts";

const BUSY: Outcome = { ...TAKEN, Error: { Code: "SERVICE_BUSY", Message: "later", Retryable: true } };
const effect = (n: number, role: EffectRole, outcome?: Outcome, generation = 0): EffectRecord => ({
  ...{ n, role, outcome, generation, owner: "w", begunAt: NOW, sentAt: undefined },
});
const whole = { n: 0, role: "whole", lane: "order", generation: 1 } as const;

describe("an effect begins anew", () => {
  it.each([
    ["that failed and may be tried again", BUSY, 1, true],
    ["in the generation in which it failed", BUSY, 0, false],
    ["that failed for good", TAKEN, 1, false],
    ["that is done", COMPLETED, 1, false],
    ["that is open", undefined, 1, false],
  ])("%s", (_, outcome, generation, may) => {
    expect(mayBeginAnew([effect(0, "whole", outcome)], { ...whole, generation })).toBe(may);
  });

  it("never where the legacy service was asked", () => {
    expect(mayBeginAnew([effect(0, "whole", BUSY)], { ...whole, lane: "delegate" })).toBe(false);
  });

  it("not where an earlier command was to be taken back, but that itself does", () => {
    const effects = [effect(0, "part", COMPLETED), effect(1, "whole", BUSY), effect(2, "reversal", BUSY)];
    expect(mayBeginAnew(effects, { ...whole, n: 1 })).toBe(false);
    expect(mayBeginAnew(effects, { ...whole, n: 2, role: "reversal" })).toBe(true);
    expect(mayBeginAnew(effects.slice(0, 2), { ...whole, n: 1 })).toBe(true);
  });
});
