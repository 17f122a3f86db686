import { describe, expect, it } from "vitest";
import type { RouteType } from "../ids.ts";
import type { RolloutStore } from "../ports.ts";
import { initialRollout, type Rollout } from "../rollout.ts";
import { NOW, REGISTER } from "../testing.ts";
import { flagKey, RolloutProvider } from "./openfeature-provider.ts";

const MAX_AGE = 10_000;
const CONTEXT = { targetingKey: "cust-1", sentAt: NOW };

/** A store whose reads the test answers one by one, and a clock that it moves. */
function fixture() {
  const waiting: { readonly answer: (percentage: number) => void; readonly fail: () => void }[] = [];
  const reads: RouteType[] = [];
  const store: Pick<RolloutStore, "read"> = {
    read: (route) => {
      reads.push(route);
      const { promise, resolve, reject } = Promise.withResolvers<Rollout>();
      waiting.push({
        answer: (percentage) => resolve({ ...initialRollout(route), stage: "split", percentage, version: percentage }),
        fail: () => reject(new Error("store down")),
      });
      return promise;
    },
  };
  const time = { now: NOW };
  const ages: number[] = [];
  const provider = new RolloutProvider(
    store,
    { now: () => time.now },
    {
      maxAgeMs: MAX_AGE,
      onAge: (_, age) => ages.push(age),
    },
  );
  const evaluate = (key = flagKey(REGISTER), context: Record<string, string | number> = CONTEXT) =>
    provider.resolveStringEvaluation(key, "default", context);
  const next = () => {
    const read = waiting.shift();
    if (read === undefined) throw new Error("the store was not asked");
    return read;
  };
  const known = async (percentage: number) => {
    const first = evaluate();
    next().answer(percentage);
    return first;
  };
  /** Lets what has been answered take its effect. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { reads, time, ages, evaluate, next, known, settled };
}

describe("a rollout", () => {
  it("is read at first use, and says everything of the choice", async () => {
    const { known, reads } = fixture();
    expect(await known(100)).toEqual({
      value: "order",
      variant: "order",
      reason: "SPLIT",
      flagMetadata: { bucket: expect.any(Number), rolloutVersion: 100, stage: "split", choice: "bucket", ageMs: 0 },
    });
    expect(reads).toEqual([REGISTER]);
  });

  it("is read once for all who ask at first", async () => {
    const { evaluate, next, reads } = fixture();
    const asked = Promise.all([evaluate(), evaluate(), evaluate()]);
    next().answer(100);
    expect((await asked).map(({ value }) => value)).toEqual(["order", "order", "order"]);
    expect(reads).toHaveLength(1);
  });

  it("of each route is kept by itself", async () => {
    const { known, evaluate, next } = fixture();
    await known(100);
    const renew = evaluate("crossfade.RENEW_DOMAIN");
    next().answer(0);
    expect((await renew).value).toBe("legacy");
    expect((await evaluate()).value).toBe("order");
  });

  it("is not read again up to its age", async () => {
    const { known, evaluate, time, reads } = fixture();
    await known(100);
    time.now += MAX_AGE;
    expect(await evaluate()).toMatchObject({ value: "order", flagMetadata: { ageMs: MAX_AGE } });
    expect(reads).toHaveLength(1);
  });

  it("is used while it is read again in the background, once, and then the new one counts", async () => {
    const { known, evaluate, next, settled, time, reads } = fixture();
    await known(100);
    time.now += MAX_AGE + 1;
    expect((await evaluate()).value).toBe("order");
    expect((await evaluate()).value).toBe("order");
    expect(reads).toHaveLength(2);
    next().answer(0);
    await settled();
    expect(await evaluate()).toMatchObject({ value: "legacy", flagMetadata: { rolloutVersion: 0, ageMs: 0 } });
  });

  it("is waited for once its age has doubled", async () => {
    const { known, evaluate, next, time } = fixture();
    await known(100);
    time.now += 2 * MAX_AGE;
    expect((await evaluate()).value, "still in the background").toBe("order");
    time.now += 1;
    const waiting = evaluate();
    next().answer(0);
    expect((await waiting).value).toBe("legacy");
  });

  it("counts its age from the moment it was asked for", async () => {
    const { evaluate, next, time, ages } = fixture();
    const first = evaluate();
    time.now += 700;
    next().answer(100);
    expect((await first).flagMetadata?.["ageMs"]).toBe(700);
    expect(ages).toEqual([700]);
  });
});

describe("an outage of the store", () => {
  it("after the first read leaves the last known rollout in place, its age published", async () => {
    const { known, evaluate, next, settled, time, ages } = fixture();
    await known(100);
    for (const age of [MAX_AGE + 1, 5 * MAX_AGE, 3_600_000]) {
      time.now = NOW + age;
      const asked = evaluate();
      next().fail();
      expect(await asked).toMatchObject({ value: "order", flagMetadata: { rolloutVersion: 100, ageMs: age } });
      await settled();
    }
    expect(ages).toEqual([0, MAX_AGE + 1, 5 * MAX_AGE, 3_600_000]);
  });

  it("ends with the first read that succeeds", async () => {
    const { known, evaluate, next, settled, time } = fixture();
    await known(100);
    time.now += 3 * MAX_AGE;
    const during = evaluate();
    next().fail();
    expect((await during).value).toBe("order");
    await settled();
    const after = evaluate();
    next().answer(0);
    expect(await after).toMatchObject({ value: "legacy", flagMetadata: { ageMs: 0 } });
  });

  it("before the first read says so, and is no answer; the next one asks again", async () => {
    const { evaluate, next, settled } = fixture();
    const first = evaluate();
    next().fail();
    await expect(first).rejects.toThrow("store down");
    await settled();
    const second = evaluate();
    next().answer(100);
    expect((await second).value).toBe("order");
  });
});

describe("what is asked for wrongly", () => {
  it.each(["REGISTER_DOMAIN", "crossfade.", "crossfade.register", "xcrossfade.REGISTER_DOMAIN", ""])(
    "the flag %j is not known, and nothing is read",
    async (key) => {
      const { evaluate, reads } = fixture();
      expect(await evaluate(key)).toMatchObject({ value: "default", errorCode: "FLAG_NOT_FOUND" });
      expect(reads).toEqual([]);
    },
  );

  it.each([
    ["no cohort", { sentAt: NOW }],
    ["an empty cohort", { targetingKey: "", sentAt: NOW }],
    ["no time", { targetingKey: "cust-1" }],
    ["a time that is text", { targetingKey: "cust-1", sentAt: "now" }],
  ])("a context with %s is invalid", async (_, context) => {
    const { evaluate, reads } = fixture();
    expect(await evaluate(flagKey(REGISTER), context)).toMatchObject({
      value: "default",
      errorCode: "INVALID_CONTEXT",
    });
    expect(reads).toEqual([]);
  });

  it("a path is no other type", async () => {
    const provider = new RolloutProvider({ read: () => Promise.reject() }, { now: () => NOW }, { maxAgeMs: 1 });
    const key = flagKey(REGISTER);
    const answers = [
      await provider.resolveBooleanEvaluation(key, true),
      await provider.resolveNumberEvaluation(key, 7),
      await provider.resolveObjectEvaluation(key, { a: 1 }),
    ];
    expect(answers.map(({ value }) => value)).toEqual([true, 7, { a: 1 }]);
    for (const answer of answers) expect(answer.errorCode).toBe("TYPE_MISMATCH");
  });
});
