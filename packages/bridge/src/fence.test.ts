import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExecutionStatus, fenceOf, fenceWins } from "./fence.ts";

const ENDINGS = ExecutionStatus.options.filter((status) => status !== "RUNNING");

/** The row after a sequence of events, each applied if its fence wins. */
function fold(events: readonly { readonly status: string; readonly redriveCount: number }[]) {
  let row: { readonly fence: number; readonly said: string } | undefined;
  for (const { status, redriveCount } of events) {
    const fence = fenceOf(status, redriveCount);
    if (fence !== undefined && fenceWins(fence, row?.fence)) row = { fence, said: `${status} ${redriveCount}` };
  }
  return row;
}

describe("the fence", () => {
  it("is redriveCount * 8 + rank", () => {
    const fences = ExecutionStatus.options.map((status) => [fenceOf(status, 0), fenceOf(status, 3)]);
    expect(fences).toEqual([[1, 25], ...ENDINGS.map(() => [7, 31])]);
  });

  it.each(["PENDING_REDRIVE", "running", "SUCCEEDED ", "", "UNKNOWN"])("writes nothing for the status %j", (status) => {
    expect(fenceOf(status, 0)).toBeUndefined();
  });

  it("wins over nothing, and only over less: an equal fence is the same event again", () => {
    expect(fenceWins(0, undefined)).toBe(true);
    expect([6, 7, 8].map((fence) => fenceWins(fence, 7))).toEqual([false, false, true]);
  });

  it("puts every state of a redrive above every state before it (property)", () => {
    const statuses = fc.constantFrom(...ExecutionStatus.options);
    fc.assert(
      fc.property(statuses, statuses, fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (before, after, count, more) => {
        expect(fenceWins(fenceOf(after, count + more) ?? 0, fenceOf(before, count))).toBe(true);
        expect(fenceWins(fenceOf(before, count) ?? 0, fenceOf(after, count + more))).toBe(false);
      }),
    );
  });

  it.each(ENDINGS)("lets a late RUNNING of the same redrive not reopen a row that says %s", (ending) => {
    const late = [
      { status: ending, redriveCount: 1 },
      { status: "RUNNING", redriveCount: 1 },
      { status: "RUNNING", redriveCount: 0 },
    ];
    expect(fold(late)?.said).toBe(`${ending} 1`);
  });
});

/** What an execution goes through: each redrive runs and ends, the last may still run; one ending per redrive. */
const histories = fc
  .tuple(fc.array(fc.constantFrom(...ENDINGS), { maxLength: 6 }), fc.boolean())
  .map(([endings, running]) => {
    const events = endings.flatMap((status, redriveCount) => [
      { status: "RUNNING", redriveCount },
      { status, redriveCount },
      { status: "PENDING_REDRIVE", redriveCount },
    ]);
    return running || events.length === 0 ? [...events, { status: "RUNNING", redriveCount: endings.length }] : events;
  });

/** The same events delivered in any order, each at least once. */
const deliveries = histories.chain((history) =>
  fc
    .tuple(
      fc.shuffledSubarray(history, { minLength: history.length, maxLength: history.length }),
      fc.array(fc.constantFrom(...history), { maxLength: 10 }),
    )
    .chain(([once, again]) => {
      const all = [...once, ...again];
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    })
    .map((delivered) => ({ history, delivered })),
);

it("ends in the last state of the history, whatever the order and repetition of its events (property, P5)", () => {
  fc.assert(
    fc.property(deliveries, ({ history, delivered }) => {
      const last = history.filter((event) => event.status !== "PENDING_REDRIVE").at(-1);
      expect(fold(delivered)?.said).toBe(`${last?.status} ${last?.redriveCount}`);
    }),
    { numRuns: 500 },
  );
});
