import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BridgeError } from "./errors.ts";
import { HOLD_BACK, type PollReport, pollIndex } from "./poll.ts";
import type { ChangedRow } from "./ports.ts";
import { defineMigration } from "./route.ts";
import type { Row } from "./row-image.ts";
import { MemoryPayloads, NOW, ScriptedClaims } from "./testing.ts";

const OVERLAP = 120_000;
const MINUTE = 60_000;

interface Stored extends ChangedRow {
  readonly version: number;
}

const unexpected = async (): Promise<never> => {
  throw new Error("the test did not expect this call");
};

/** A table with an index in memory, and what the observer was shown of it. */
class Table {
  now = NOW;
  readonly rows = new Map<string, Stored>();
  /** The newest version of each row that was observed. */
  readonly seen = new Map<string, number>();
  /** Rows whose observation fails, and how. */
  readonly failing = new Map<string, "retry" | "fatal">();
  readonly #bookmarks = new Map<string, string | undefined>();

  write(requestId: string, changedAt: number): void {
    const version = (this.rows.get(requestId)?.version ?? 0) + 1;
    this.rows.set(requestId, { requestId, changedAt, version });
  }

  #observe(row: Row): undefined {
    const requestId = String(row["requestId"]);
    const failure = this.failing.get(requestId);
    if (failure !== undefined) throw new BridgeError("DEPENDENCY_FAILED", failure, "not now");
    this.seen.set(requestId, Number(row["version"]));
    return undefined;
  }

  poll(withinMs = 0): Promise<PollReport> {
    const bookmarks = this.#bookmarks;
    const deps = {
      migration: defineMigration({
        name: "test",
        routes: [],
        tracking: {
          ...{ keyAttribute: "requestId", fenceAttribute: "fence", endAttributes: [] },
          read: (row: unknown) => this.#observe(row as Row),
          received: () => ({}),
          working: () => ({}),
        },
      }),
      claims: new ScriptedClaims([]),
      tracking: { read: unexpected, write: unexpected, restore: unexpected, create: unexpected },
      clock: { now: () => this.now },
      delegation: {
        effects: { end: unexpected, read: unexpected },
        tokens: { keep: unexpected, read: unexpected, remove: unexpected },
        vault: { seal: () => "", open: () => "" as never },
        tasks: { succeed: unexpected },
        payloads: new MemoryPayloads(),
      },
      bookmarks: {
        read: async (job: string) => bookmarks.get(job),
        write: async (job: string, at: string | undefined) => void bookmarks.set(job, at),
      },
      rows: {
        readMany: async (ids: readonly string[]) =>
          new Map(ids.flatMap((id) => [[id, { ...this.rows.get(id) }] as const])),
      },
      index: {
        changed: async (_: string, since: number, limit: number, after?: string) => {
          const place = (row: ChangedRow) => `${String(row.changedAt).padStart(20, "0")} ${row.requestId}`;
          const left = [...this.rows.values()]
            .filter((row) => row.changedAt >= since && (after === undefined || place(row) > after))
            .toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
          const last = left[limit - 1];
          return { entries: left.slice(0, limit), next: last && place(last) };
        },
      },
    };
    return pollIndex(deps, { partitions: ["DONE"], withinMs, overlapMs: OVERLAP });
  }

  get unseen(): string[] {
    return [...this.rows.values()]
      .filter(({ requestId, version }) => this.seen.get(requestId) !== version)
      .map(({ requestId }) => requestId);
  }
}

const idle = async (table: Table, runs: number) => {
  for (let run = 0; run < runs; run++) {
    table.now += MINUTE;
    await table.poll();
  }
};

describe("rows of an index", () => {
  it("are all found, whatever moves meanwhile and however little time a run has, if no clock lags beyond the overlap (property)", async () => {
    const write = fc.record({
      row: fc.nat({ max: 90 }),
      lag: fc.oneof(fc.constant(0), fc.nat({ max: OVERLAP - 1 }), fc.constant(-3_600_000)),
    });
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.array(write, { maxLength: 40 }).map((writes) => ({ writes })) },
      { weight: 3, arbitrary: fc.nat({ max: 2 * MINUTE }).map((passes) => ({ passes })) },
      { weight: 1, arbitrary: fc.nat({ max: 90 }).map((fails) => ({ fails })) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const table = new Table();
        await table.poll();
        for (const each of steps) {
          if ("writes" in each) for (const { row, lag } of each.writes) table.write(`r${row}`, table.now - lag);
          else if ("fails" in each) table.failing.set(`r${each.fails}`, "retry");
          else {
            table.now += each.passes;
            await table.poll();
            table.failing.clear();
          }
        }
        table.failing.clear();
        await idle(table, 20);
        expect(table.unseen).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["up to the overlap before our clock", 0, []],
    ["a millisecond beyond, and are not", 1, ["late"]],
  ])("are found that are written %s", async (_, beyond, unseen) => {
    const table = new Table();
    await table.poll();
    table.write("late", table.now - OVERLAP - beyond);
    await table.poll();
    expect(table.unseen).toEqual(unseen);
  });

  it("of a clock that runs ahead hide none of the others", async () => {
    const table = new Table();
    table.write("ahead", table.now + 3_600_000);
    await idle(table, 3);
    table.write("late", table.now - OVERLAP + MINUTE);
    await idle(table, 1);
    expect(table.unseen).toEqual([]);
  });

  it("are taken up where a run without time stopped", async () => {
    const table = new Table();
    for (let n = 0; n < 60; n++) table.write(`r${n}`, table.now + n);
    const looked = [await table.poll(), await table.poll(), await table.poll()].map((report) => report.looked);
    expect(looked).toEqual([25, 25, 10]);
    expect(table.unseen).toEqual([]);
  });
});

describe("a row that cannot be observed", () => {
  it("stops none of its neighbours, and is looked at again, beyond the overlap too", async () => {
    const table = new Table();
    table.write("bad", table.now);
    table.write("good", table.now);
    table.failing.set("bad", "retry");
    const { counts, failures } = await table.poll();
    expect([counts.failed, counts.ignored]).toEqual([1, 1]);
    expect(failures).toMatchObject([{ requestId: "bad", error: { code: "DEPENDENCY_FAILED" } }]);
    await idle(table, 10);
    expect(table.unseen).toEqual(["bad"]);
    table.failing.clear();
    await idle(table, 1);
    expect(table.unseen).toEqual([]);
  });

  it("is looked at again also where another one fails on a later page", async () => {
    const table = new Table();
    await idle(table, 1);
    table.write("bad", table.now);
    for (let n = 0; n < 30; n++) table.write(`r${n}`, table.now + 1);
    table.write("bad too", table.now + 10 * OVERLAP);
    table.failing.set("bad", "retry");
    table.failing.set("bad too", "retry");
    await idle(table, 10);
    table.failing.clear();
    await idle(table, 2);
    expect(table.unseen).toEqual([]);
  });

  it("is given up after the bound, so that sweeps stay short", async () => {
    const table = new Table();
    table.write("bad", table.now);
    table.failing.set("bad", "retry");
    await idle(table, (HOLD_BACK + OVERLAP) / MINUTE + 2);
    expect((await table.poll()).looked).toBe(0);
  });

  it("since a person must put something right first, is passed by", async () => {
    const table = new Table();
    table.write("bad", table.now);
    table.failing.set("bad", "fatal");
    await idle(table, OVERLAP / MINUTE + 2);
    expect((await table.poll()).looked).toBe(0);
  });
});
