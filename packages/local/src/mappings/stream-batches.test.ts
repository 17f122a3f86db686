import type { _Record } from "@aws-sdk/client-dynamodb-streams";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FunctionHost, InvocationResult } from "../contract.ts";
import { handlePage, laneOf, type PageContext } from "./stream-batches.ts";
import { labels } from "./stream-fixture.ts";

const streamArn = "arn:aws:dynamodb:eu-west-1:000000000000:table/t/stream/s";

function page(ids: readonly string[]): _Record[] {
  return ids.map((id, n) => ({
    eventID: String(n),
    eventName: "MODIFY",
    dynamodb: {
      ApproximateCreationDateTime: new Date(1_763_715_600_000),
      Keys: { id: { S: id } },
      NewImage: { n: { N: String(n) } },
      SequenceNumber: String(1000 + n),
      SizeBytes: 8,
      StreamViewType: "NEW_IMAGE",
    },
  }));
}

function context(invoke: FunctionHost["invoke"], options: Partial<PageContext["options"]>): PageContext {
  return {
    functions: { invoke, has: () => true, register: () => "unused" },
    options: { streamArn, functionName: "f", startingPosition: "TRIM_HORIZON", ...options },
    passes: () => true,
    shardId: "shard-1",
    stopped: new AbortController().signal,
    onError: () => undefined,
    pollMs: 1,
  };
}

const returned: InvocationResult = { kind: "returned", payload: null };
const failed: InvocationResult = { kind: "failed", errorType: "Error", errorMessage: "no", trace: [] };

test("lanes that end in any order, some after failures, handle each record once and each key in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 30, size: "max" }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.boolean(), { maxLength: 6, size: "max" }),
      fc.boolean(),
      async (scheduler, ids, parallelizationFactor, batchSize, failures, bisectBatchOnFunctionError) => {
        const options = { parallelizationFactor, batchSize, bisectBatchOnFunctionError };
        const done: string[] = [];
        const toFail = [...failures];
        let running = 0;
        let mostRunning = 0;
        let largest = 0;
        const invoke = async (_: string, event: unknown) => {
          mostRunning = Math.max(mostRunning, ++running);
          largest = Math.max(largest, labels(event).length);
          await scheduler.schedule(Promise.resolve());
          running--;
          if (toFail.pop()) return failed;
          done.push(...labels(event));
          return returned;
        };
        await scheduler.waitFor(handlePage(page(ids), context(invoke, options)));

        expect(mostRunning).toBeLessThanOrEqual(parallelizationFactor);
        expect(largest).toBeLessThanOrEqual(batchSize);
        const expected = ids.map((id, n) => `${id}:${n}`);
        expect(done.toSorted()).toEqual(expected.toSorted());
        for (const id of new Set(ids)) {
          const ofKey = (label: string) => label.startsWith(`${id}:`);
          expect(done.filter(ofKey)).toEqual(expected.filter(ofKey));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("a function that is gone counts as a failure, not as success", async () => {
  const discarded: unknown[] = [];
  const gone = async () => {
    throw new Error("Function not found: f");
  };
  const onFailure = (batch: unknown) => discarded.push(batch);
  await handlePage(page(["a"]), context(gone, { maximumRetryAttempts: 0, onFailure }));
  expect(discarded).toMatchObject([{ shardId: "shard-1", attempts: 1, reason: "Error: Function not found: f" }]);
});

test("a report that names a stranger fails the whole batch", async () => {
  const batches: (readonly string[])[] = [];
  const invoke = async (_: string, event: unknown): Promise<InvocationResult> => {
    batches.push(labels(event));
    const batchItemFailures = batches.length === 1 ? [{ itemIdentifier: "1001" }, { itemIdentifier: "7" }] : [];
    return { kind: "returned", payload: { batchItemFailures } };
  };
  await handlePage(page(["a", "a"]), context(invoke, { reportBatchItemFailures: true }));
  expect(batches).toEqual([
    ["a:0", "a:1"],
    ["a:0", "a:1"],
  ]);
});

test("the lane of an item does not depend on the order of its key attributes, and lanes are used evenly", () => {
  const a = { pk: { S: "x" }, sk: { N: "1" } };
  const b = { sk: { N: "1" }, pk: { S: "x" } };
  expect(laneOf(a, 10)).toBe(laneOf(b, 10));
  const used = Array.from({ length: 1000 }, (_, n) => laneOf({ id: { S: `k${n}` } }, 10));
  for (let lane = 0; lane < 10; lane++) expect(used.filter((one) => one === lane).length).toBeGreaterThan(50);
});
