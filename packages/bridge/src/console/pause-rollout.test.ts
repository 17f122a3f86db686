import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryGuardLedger } from "../guard/testing-ledger.ts";
import { CohortKey } from "../ids.ts";
import { choosePath, initialRollout, Rollout, Stage } from "../rollout.ts";
import { bridgeError, clock, NOW, REGISTER } from "../testing.ts";
import { changeRollout, nextRollout } from "./change-rollout.ts";
import { pauseRollout, resumeRollout } from "./pause-rollout.ts";

const person = { by: "Aino", reason: "the registry is down" };

/** A route that stands somewhere, at version 1. */
async function standing(given: Partial<Rollout>) {
  const { rollouts } = new MemoryGuardLedger();
  const rollout = { ...initialRollout(REGISTER), ...given, version: 1 };
  await rollouts.write(rollout, { ...person, at: NOW });
  return { deps: { rollouts, clock }, rollout };
}

describe("a pause", () => {
  it("sends everything new the legacy way, whatever the stage, and puts it back as it was (property)", async () => {
    const some = fc.constantFrom("cust-1", "cust-2", "cust-3").map((key) => CohortKey.parse(key));
    const stages = fc.constantFrom(...Stage.exclude(["legacy"]).options);
    const given = fc.record({
      stage: stages,
      percentage: fc.constantFrom(0, 0.01, 50, 99.99, 100),
      include: fc.array(some),
      exclude: fc.array(some),
    });
    await fc.assert(
      fc.asyncProperty(given, some, async (where, cohort) => {
        const { deps, rollout } = await standing(where);
        const paused = await pauseRollout(deps, REGISTER, person);
        expect(choosePath(paused, cohort, NOW)).toMatchObject({ path: "legacy", stage: "legacy" });
        expect(choosePath(paused, cohort, NOW)).not.toHaveProperty("sample");
        expect(await deps.rollouts.read(REGISTER)).toEqual(paused);
        expect(await resumeRollout(deps, REGISTER, person)).toEqual({ ...rollout, version: 3 });
      }),
      { seed: 5 },
    );
  });

  it("is refused at legacy, twice, and where there is nothing to resume", async () => {
    const { deps } = await standing({ stage: "split", percentage: 5 });
    const refused = bridgeError("PAUSE_REFUSED", "reject");
    await expect(resumeRollout(deps, REGISTER, person)).rejects.toThrow(refused);
    await pauseRollout(deps, REGISTER, person);
    await expect(pauseRollout(deps, REGISTER, person)).rejects.toThrow(/paused already, from split 5 %/);
    await resumeRollout(deps, REGISTER, person);
    await expect(resumeRollout(deps, REGISTER, person)).rejects.toThrow(refused);
    const legacy = await standing({});
    await expect(pauseRollout(legacy.deps, REGISTER, person)).rejects.toThrow(/nothing to pause/);
  });

  it("is refused of a route that is held, also by a tap in shadow", async () => {
    const hold = { source: "dns", since: NOW, forced: true, tap: true } as const;
    const { deps } = await standing({ stage: "shadow", hold });
    for (const act of [pauseRollout, resumeRollout])
      await expect(act(deps, REGISTER, person)).rejects.toThrow(bridgeError("ROLLOUT_HELD", "reject"));
  });

  it("is of the version that the person saw, where one is given", async () => {
    const { deps } = await standing({ stage: "order" });
    const changed = bridgeError("ROLLOUT_CHANGED", "reject");
    await expect(pauseRollout(deps, REGISTER, { ...person, version: 0 })).rejects.toThrow(changed);
    await pauseRollout(deps, REGISTER, { ...person, version: 1 });
    await expect(resumeRollout(deps, REGISTER, { ...person, version: 1 })).rejects.toThrow(changed);
  });

  it("ends when the rollout is set anew, and outlasts what moves nothing", async () => {
    const { deps } = await standing({ stage: "split", percentage: 25 });
    const paused = await pauseRollout(deps, REGISTER, person);
    const exclude = [CohortKey.parse("cust-1")];
    expect(nextRollout(paused, { exclude, sample: 10 })).toMatchObject({ stage: "legacy", paused: paused.paused });
    expect(nextRollout(paused, { percentage: 0 })).not.toHaveProperty("paused");
    const change = { change: { percentage: 5 }, version: 2, reason: "carefully" };
    const set = await changeRollout(deps, REGISTER, change, "Aino");
    expect(set).toMatchObject({ stage: "split", percentage: 5 });
    expect(set).not.toHaveProperty("paused");
  });

  it.each([
    { stage: "split", percentage: 0, paused: { stage: "split", percentage: 5 } },
    { stage: "legacy", percentage: 5, paused: { stage: "split", percentage: 5 } },
    { stage: "legacy", percentage: 0, paused: { stage: "legacy", percentage: 0 } },
  ])("is never of %j", (given) => {
    expect(Rollout.safeParse({ ...initialRollout(REGISTER), ...given }).success).toBe(false);
  });
});
