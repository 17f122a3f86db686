import { describe, expect, it } from "vitest";
import { CohortKey, RequestId } from "../ids.ts";
import { bucketOf, bucketsOf, initialRollout } from "../rollout.ts";
import { aClaim, bridgeError, clock, NOW, REGISTER } from "../testing.ts";
import { changeRollout, nextRollout } from "./change-rollout.ts";
import { previewRollout } from "./preview.ts";
import { MemoryRollouts, openClaims } from "./testing.ts";

const current = initialRollout(REGISTER);

describe("a change of a rollout", () => {
  it.each([
    [{ percentage: 0 }, "legacy"],
    [{ percentage: 0.01 }, "split"],
    [{ percentage: 99.99 }, "split"],
    [{ percentage: 100 }, "order"],
    [{ percentage: 5, stage: "shadow" as const }, "shadow"],
    [{ sample: 10 }, "legacy"],
  ])("of %j alone gives the stage %s", (change, stage) => {
    expect(nextRollout(current, change)).toMatchObject({ stage, version: 1 });
  });

  it("keeps what it does not name", () => {
    const exclude = [CohortKey.parse("c-1")];
    const before = { ...current, stage: "split" as const, percentage: 5, exclude, version: 7 };
    expect(nextRollout(before, { percentage: 6 })).toEqual({ ...before, percentage: 6, version: 8 });
  });

  it("is refused with field and rule, and nothing is written", async () => {
    const rollouts = new MemoryRollouts();
    const request = { change: { percentage: 0.005 }, version: 0, reason: "r" };
    await expect(changeRollout({ rollouts, clock }, REGISTER, request, "ada")).rejects.toThrow(
      bridgeError("INVALID_ROLLOUT", "reject", "percentage"),
    );
    expect((await rollouts.read(REGISTER)).version).toBe(0);
  });

  it("is written with who, why and when, and only on the version that was seen", async () => {
    const rollouts = new MemoryRollouts();
    const request = { change: { percentage: 25 }, version: 0, reason: "parity is 99.9 %" };
    const next = await changeRollout({ rollouts, clock }, REGISTER, request, "ada");
    expect(next).toMatchObject({ stage: "split", percentage: 25, version: 1 });
    expect(rollouts.audit).toEqual([{ by: "ada", reason: "parity is 99.9 %", at: NOW }]);
    await expect(changeRollout({ rollouts, clock }, REGISTER, request, "bob")).rejects.toThrow(
      bridgeError("ROLLOUT_CHANGED", "reject"),
    );
    expect(rollouts.audit).toHaveLength(1);
  });
});

describe("a preview", () => {
  const cohorts = Array.from({ length: 200 }, (_, n) => CohortKey.parse(`customer-${n}`));
  const claims = openClaims(
    ...cohorts.flatMap((cohortKey, n) =>
      // Two requests of each: a cohort is counted once.
      ["a", "b"].map((id) => aClaim("legacy", { cohortKey, requestId: RequestId.parse(`${id}-${n}`), decidedAt: NOW })),
    ),
  );
  const below = (percentage: number) =>
    cohorts.filter((cohortKey) => bucketOf(REGISTER, cohortKey) < bucketsOf(percentage));

  it("tells which of the cohorts in flight would move, and writes nothing", async () => {
    const rollouts = new MemoryRollouts();
    const preview = await previewRollout({ rollouts, claims, clock }, REGISTER, { percentage: 25 }, "all");
    expect(preview.buckets).toEqual({ toOrder: 2_500, toLegacy: 0 });
    expect(preview.cohorts).toMatchObject({ seen: 200, toOrder: below(25).length, toLegacy: 0 });
    expect(below(25)).toEqual(
      expect.arrayContaining((preview.cohorts.examples ?? []).map(({ cohortKey }) => cohortKey)),
    );
    expect((await rollouts.read(REGISTER)).version).toBe(0);
  });

  it("tells of the way back too", async () => {
    const rollouts = new MemoryRollouts();
    await changeRollout({ rollouts, clock }, REGISTER, { change: { percentage: 60 }, version: 0, reason: "r" }, "ada");
    const preview = await previewRollout({ rollouts, claims, clock }, REGISTER, { percentage: 10 }, "all");
    expect(preview.buckets).toEqual({ toOrder: 0, toLegacy: 5_000 });
    expect(preview.cohorts.toLegacy).toBe(below(60).length - below(10).length);
  });

  it("names no cohort to who may not see personal data", async () => {
    const deps = { rollouts: new MemoryRollouts(), claims, clock };
    const { cohorts: seen } = await previewRollout(deps, REGISTER, { percentage: 25 }, "masked");
    expect(seen).not.toHaveProperty("examples");
    expect(seen.toOrder).toBeGreaterThan(0);
  });
});
