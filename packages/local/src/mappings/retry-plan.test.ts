import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Batch, planRetry, type RetryPolicy } from "./retry-plan.ts";

describe("one step", () => {
  const batch = { records: [1, 2, 3, 4, 5], retries: 1 };

  test("without bisecting the rest comes again as one batch, and the retry counts", () => {
    expect(planRetry(batch, 0, {})).toEqual({ kind: "retry", batches: [{ records: [1, 2, 3, 4, 5], retries: 2 }] });
    expect(planRetry(batch, 3, {})).toEqual({ kind: "retry", batches: [{ records: [4, 5], retries: 2 }] });
  });

  test("bisecting cuts in halves, or at the reported record, and neither counts", () => {
    const policy = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 };
    expect(planRetry(batch, 0, policy)).toEqual({
      kind: "retry",
      batches: [
        { records: [1, 2, 3], retries: 1 },
        { records: [4, 5], retries: 1 },
      ],
    });
    expect(planRetry(batch, 4, policy)).toEqual({ kind: "retry", batches: [{ records: [5], retries: 1 }] });
    expect(planRetry({ records: [5], retries: 1 }, 0, policy)).toEqual({ kind: "discard", records: [5] });
  });

  test("discards the rest when the retries are used up, on both sides of the limit", () => {
    const policy = { maximumRetryAttempts: 2 };
    expect(planRetry({ ...batch, retries: 1 }, 3, policy).kind).toBe("retry");
    expect(planRetry({ ...batch, retries: 2 }, 3, policy)).toEqual({ kind: "discard", records: [4, 5] });
    expect(planRetry({ ...batch, retries: 0 }, 0, { maximumRetryAttempts: 0 }).kind).toBe("discard");
  });

  test("without a limit it never gives up", () => {
    expect(planRetry({ ...batch, retries: 1_000_000 }, 0, {}).kind).toBe("retry");
  });
});

/** Runs a batch to its end against a function that fails on bad records, and may say which. */
function run(count: number, bad: ReadonlySet<number>, reports: boolean, policy: RetryPolicy) {
  const ended: number[] = [];
  const discarded: number[] = [];
  let invocations = 0;
  const queue: Batch<number>[] = [{ records: Array.from({ length: count }, (_, index) => index), retries: 0 }];
  for (let batch = queue.shift(); batch; batch = queue.shift()) {
    invocations++;
    const firstBad = batch.records.findIndex((record) => bad.has(record));
    if (firstBad === -1) {
      ended.push(...batch.records);
      continue;
    }
    const failedFrom = reports ? firstBad : 0;
    ended.push(...batch.records.slice(0, failedFrom));
    const plan = planRetry(batch, failedFrom, policy);
    if (plan.kind === "retry") queue.unshift(...plan.batches);
    else {
      ended.push(...plan.records);
      discarded.push(...plan.records);
    }
  }
  return { ended, discarded, invocations };
}

const sized = fc.integer({ min: 1, max: 40 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    bad: fc.uniqueArray(fc.nat({ max: count - 1 })).map((indexes) => new Set(indexes)),
    reports: fc.boolean(),
    maximumRetryAttempts: fc.integer({ min: 0, max: 4 }),
  }),
);

test("with a limit each record ends once, in order, whatever fails", () => {
  fc.assert(
    fc.property(sized, fc.boolean(), (given, bisectBatchOnFunctionError) => {
      const { count, bad, reports, maximumRetryAttempts } = given;
      const { ended } = run(count, bad, reports, { bisectBatchOnFunctionError, maximumRetryAttempts });
      expect(ended).toEqual(Array.from({ length: count }, (_, index) => index));
    }),
  );
});

test("bisecting discards the bad records and no others", () => {
  fc.assert(
    fc.property(sized, ({ count, bad, reports, maximumRetryAttempts }) => {
      const policy = { bisectBatchOnFunctionError: true, maximumRetryAttempts };
      const { discarded } = run(count, bad, reports, policy);
      expect(discarded).toEqual([...bad].toSorted((a, b) => a - b));
    }),
  );
});

test("a bad record alone in its batch is tried once and then as often as allowed", () => {
  for (const maximumRetryAttempts of [0, 1, 5]) {
    expect(run(1, new Set([0]), false, { maximumRetryAttempts }).invocations).toBe(1 + maximumRetryAttempts);
  }
});
