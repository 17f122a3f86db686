import { describe, expect, test } from "vitest";
import { StateFailure } from "../failure.ts";
import type { Retrier } from "../language/schema.ts";
import { RetryPlan } from "./retry.ts";

const retrier = (fields: Partial<Retrier>): Retrier => ({
  ErrorEquals: ["A"],
  IntervalSeconds: 1,
  MaxAttempts: 3,
  BackoffRate: 2,
  JitterStrategy: "NONE",
  ...fields,
});
const [a, b] = [new StateFailure("A"), new StateFailure("B")];

describe("RetryPlan", () => {
  test("the wait grows by BackoffRate until MaxAttempts", () => {
    const plan = new RetryPlan([retrier({})]);
    expect([1, 2, 3, 4].map(() => plan.next(a))).toEqual([1000, 2000, 4000, undefined]);
  });

  test("MaxDelaySeconds bounds the wait", () => {
    const plan = new RetryPlan([retrier({ IntervalSeconds: 5, MaxDelaySeconds: 7 })]);
    expect([1, 2].map(() => plan.next(a))).toEqual([5000, 7000]);
  });

  test("each retrier counts on its own, and the first that matches decides", () => {
    const plan = new RetryPlan([retrier({ MaxAttempts: 1 }), retrier({ ErrorEquals: ["States.ALL"], MaxAttempts: 1 })]);
    expect([plan.next(a), plan.next(b), plan.next(a), plan.next(b)]).toEqual([1000, 1000, undefined, undefined]);
  });

  test("full jitter stays within the wait", () => {
    const plan = new RetryPlan([retrier({ JitterStrategy: "FULL", MaxAttempts: 100, BackoffRate: 1 })]);
    const waits = Array.from({ length: 100 }, () => plan.next(a) ?? -1);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waits)).toBeLessThan(1000);
    expect(new Set(waits).size).toBeGreaterThan(50);
  });
});
