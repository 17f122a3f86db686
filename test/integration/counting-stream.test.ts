import { randomUUID } from "node:crypto";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import {
  type Claim,
  type CountDeps,
  countClaims,
  ExecutionName,
  judgeOverdue,
  type Outcome,
  RouteType,
} from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { DynamoDbCounting } from "@crossfade/bridge/adapters/dynamodb-counting";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import { DynamoDbBookmarks } from "@crossfade/bridge/adapters/dynamodb-in-flight";
import { claimKey } from "@crossfade/bridge/adapters/dynamodb-keys";
import { LedgerRecord, ledgerChange } from "@crossfade/bridge/adapters/dynamodb-ledger-stream";
import { DynamoDbVerdicts } from "@crossfade/bridge/adapters/dynamodb-verdicts";
import {
  type Counts,
  compareRules,
  conservation,
  conservationGap,
  hourOf,
  merged,
  type Sighting,
} from "@crossfade/bridge/compare";
import { createLedger } from "@crossfade/local/ledger";
import { toStreamRecord } from "@crossfade/local/records";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { aClaim, NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
let streams: DynamoDBStreamsClient;
beforeAll(async () => {
  ledger = await startLedger();
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  streams = new DynamoDBStreamsClient({ endpoint: ledger.endpoint, region: "eu-west-1", credentials });
});
afterAll(async () => {
  streams.destroy();
  await ledger.close();
});

const route = RouteType.parse("REGISTER_DOMAIN");
const rules = compareRules({ codes: ["DOMAIN_TAKEN"] });
const HOUR = 3_600_000;

const deed = (years = 1): Outcome => ({
  status: "COMPLETED",
  effects: [{ service: "registry", command: "register", target: "example.fi", details: { years } }],
});
const refused: Outcome = {
  status: "FAILED",
  Error: { Code: "DOMAIN_TAKEN", Message: "taken", Retryable: false },
  effects: [],
};

interface Table {
  readonly claims: DynamoDbClaims;
  readonly counts: DynamoDbCounts;
  readonly verdicts: DynamoDbVerdicts;
  readonly name: string;
  readonly deps: CountDeps;
  /** Every change of a claim so far, in the order of the stream. */
  changes(): Promise<readonly Sighting[]>;
}

async function aTable(): Promise<Table> {
  const name = `ledger-${randomUUID()}`;
  await createLedger(ledger.endpoint, "eu-west-1", name);
  return {
    name,
    claims: new DynamoDbClaims(ledger.client, name),
    counts: new DynamoDbCounts(ledger.client, name),
    verdicts: new DynamoDbVerdicts(ledger.client, name),
    deps: { counts: new DynamoDbCounting(ledger.client, name), rulesOf: () => rules },
    async changes() {
      const { Streams = [] } = await streams.send(new ListStreamsCommand({ TableName: name }));
      const StreamArn = z.string().parse(Streams[0]?.StreamArn);
      const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
      const found: Sighting[] = [];
      for (const { ShardId } of StreamDescription?.Shards ?? []) {
        const ask = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" });
        let { ShardIterator: at } = await streams.send(ask);
        for (;;) {
          const { Records = [], NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator: at }));
          if (Records.length === 0) break;
          at = NextShardIterator;
          for (const record of Records) {
            const change = ledgerChange(LedgerRecord.parse(toStreamRecord(record, StreamArn)));
            if (change.kind === "claim") found.push(change.sighting);
          }
        }
      }
      return found;
    },
  };
}

/** One of each life that a claim may have. */
async function lives({ claims, name }: Table): Promise<readonly Claim[]> {
  const legacy = async (shadow: "none" | "open") => {
    const claim = aClaim("legacy", {
      decidedAt: NOW,
      ...(shadow === "open" && { shadow: { executionName: ExecutionName.parse("shadow-1") } }),
    });
    await claims.claim(claim);
    await claims.markForwarded(claim, NOW + 1);
    return claim;
  };
  const plan = (claim: Claim, outcome: Outcome) =>
    claims.endShadow(claim, ExecutionName.parse("shadow-1"), { endedAt: NOW + 500, outcome });
  const open = await legacy("none");
  const [done, taken] = [await legacy("none"), await legacy("none")];
  await claims.endLegacy(done, deed(), {}, NOW + 1_000);
  await claims.endLegacy(taken, refused, {}, NOW + HOUR);
  const [same, other, failed, alone] = await Promise.all([1, 2, 3, 4].map(() => legacy("open")));
  if (!same || !other || !failed || !alone) throw new Error("a claim is missing");
  await plan(same, deed());
  await claims.endLegacy(same, deed(), {}, NOW + 2_000);
  await claims.endLegacy(other, deed(), {}, NOW + 2_000);
  await plan(other, deed(2));
  await claims.endShadow(failed, ExecutionName.parse("shadow-1"), {
    endedAt: NOW,
    failure: { Code: "PLAN_FAILED", Message: "", Retryable: false },
  });
  await claims.endLegacy(failed, deed(), {}, NOW + 2_000);
  await claims.endLegacy(alone, deed(), {}, NOW + 2_000);

  const [ordered, redriven] = [aClaim("order", { decidedAt: NOW }), aClaim("order", { decidedAt: NOW })];
  const end = (generation: number, outcome: Outcome) => ({ generation, outcome, at: NOW + 3_000 });
  for (const claim of [ordered, redriven]) {
    await claims.claim(claim);
    await claims.markStarted(claim, NOW + 1);
    await claims.mirror(claim, { fence: 1, image: {} });
  }
  await claims.mirror(ordered, { fence: 7, image: {} }, end(0, deed()));
  await claims.mirror(redriven, { fence: 7, image: {} }, end(0, refused));
  await ledger.client.send(
    new UpdateCommand({
      TableName: name,
      Key: claimKey(redriven),
      UpdateExpression: "SET generation = :one, inFlight = :route REMOVE endedAt, orderOutcome",
      ExpressionAttributeValues: { ":one": 1, ":route": route },
    }),
  );
  await claims.mirror(redriven, { fence: 15, image: {} }, end(1, deed()));
  return [open, done, taken, same, other, failed, alone, ordered, redriven];
}

const hoursOf = async ({ counts }: Table): Promise<Counts> => {
  const hours = await counts.hours(route, hourOf(NOW - HOUR), hourOf(NOW + 9_000 * HOUR));
  return merged(...hours.map((hour) => hour.counts));
};

const EXPECTED = {
  "claimed.legacy": 7,
  "claimed.order": 2,
  "ended.legacy.COMPLETED": 5,
  "ended.legacy.FAILED": 1,
  "ended.order.COMPLETED": 2,
  "ended.order.FAILED": 1,
  "reopened.order": 1,
  "verdict.match": 1,
  "verdict.mismatch": 1,
  "shadow-failed": 1,
};

/** By how many claims the ledger's own index disagrees. */
async function gapOf({ claims, counts }: Table): Promise<number> {
  const { entries } = await claims.inFlight(route, NOW + 100 * HOUR, 100);
  const open = { legacy: 0, order: 0 };
  for (const { path } of entries) open[path]++;
  return conservationGap(conservation(await counts.total(route)), open);
}

describe("the ledger's stream", () => {
  it("whatever comes again, late, or at several consumers at a time leaves the same counts (P9)", async () => {
    const table = await aTable();
    await lives(table);
    const changes = await table.changes();
    expect(changes.length).toBeGreaterThan(20);
    const order = fc
      .tuple(
        fc.shuffledSubarray([...changes.keys()], { minLength: changes.length }),
        fc.array(fc.nat(changes.length - 1), { maxLength: 30 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 4 }),
      )
      .map(([all, again, size, consumers]) => ({ indices: [...all, ...again], size, consumers }));
    await fc.assert(
      fc.asyncProperty(order, async ({ indices, size, consumers }) => {
        const fresh = await aTable();
        const delivered = indices.flatMap((n) => changes[n] ?? []);
        const batches = Array.from({ length: Math.ceil(delivered.length / size) }, (_, n) =>
          delivered.slice(n * size, (n + 1) * size),
        );
        const consume = async (mine: number) => {
          for (const [n, batch] of batches.entries()) {
            if (n % consumers === mine) await countClaims(fresh.deps, batch);
          }
        };
        await Promise.all(Array.from({ length: consumers }, (_, n) => consume(n)));
        const total = await fresh.counts.total(route);
        expect(total).toEqual(EXPECTED);
        const byHour = await hoursOf(fresh);
        expect(Object.fromEntries(Object.keys(EXPECTED).map((counter) => [counter, byHour[counter]]))).toEqual(total);
        const [group, ...more] = await fresh.verdicts.groups(route, "legacy");
        expect([group?.count, group?.path, more]).toEqual([1, "effects[*].details.years", []]);
      }),
      { seed: 20_261_121, numRuns: 12 },
    );
  }, 60_000);

  it("in its own order gives every end its code and its latency, and agrees with the index of claims in flight", async () => {
    const table = await aTable();
    await lives(table);
    const changes = await table.changes();
    for (const change of changes) await countClaims(table.deps, [change]);
    expect(await table.counts.total(route)).toEqual(EXPECTED);
    expect(await hoursOf(table)).toMatchObject({
      ...{ "code.legacy.DOMAIN_TAKEN": 1, "code.order.DOMAIN_TAKEN": 1, "latency.legacy.40": 1 },
      // The end of one, and the first end of the other: what came after its redrive says nothing of the path.
      "latency.order.47": 2,
    });
    expect(await gapOf(table)).toBe(0);
    const counted = await countClaims(table.deps, changes);
    expect([counted, await table.counts.total(route)]).toEqual([0, EXPECTED]);
    // One that was lost is found out: it was claimed, and never counted.
    await table.claims.claim(aClaim("order", { decidedAt: NOW }));
    expect(await gapOf(table)).toBe(1);
  });
});

describe("a side that does not come", () => {
  const overdue = (table: Table, now: number) =>
    judgeOverdue(
      {
        ...{ ...table.deps, claims: table.claims, routes: [route], clock: { now: () => now } },
        bookmarks: new DynamoDbBookmarks(ledger.client, table.name),
      },
      { afterMs: HOUR, limit: 100, withinMs: 10_000 },
    );

  it("is judged once its time is over, on either side, and late when it comes after all", async () => {
    const table = await aTable();
    const claims = await lives(table);
    const alone = claims[6];
    const planned = aClaim("legacy", { shadow: { executionName: ExecutionName.parse("shadow-1") } });
    await table.claims.claim(planned);
    const end = { endedAt: NOW + 2_000, outcome: deed() };
    await table.claims.endShadow(planned, ExecutionName.parse("shadow-1"), end);
    await countClaims(table.deps, await table.changes());
    if (alone === undefined) throw new Error("a claim is missing");

    expect(await overdue(table, NOW + 2_000 + HOUR)).toMatchObject({ judged: 0, failed: 0 });
    expect(await overdue(table, NOW + 2_001 + HOUR)).toMatchObject({ judged: 2, failed: 0 });
    expect(await overdue(table, NOW + 2 * HOUR)).toMatchObject({ judged: 0, failed: 0 });
    const judged = { ...EXPECTED, "claimed.legacy": 8 };
    expect(await table.counts.total(route)).toEqual({ ...judged, "verdict.old-only": 1, "verdict.new-only": 1 });
    const [oldOnly] = (await table.verdicts.page(route, "old-only", 10)).entries;
    expect(oldOnly).toMatchObject({ requestId: alone.requestId, at: NOW + 2_001 + HOUR });

    await table.claims.endShadow(alone, ExecutionName.parse("shadow-1"), { endedAt: NOW + 5 * HOUR, outcome: deed(2) });
    await table.claims.endLegacy(planned, deed(), {}, NOW + 6 * HOUR);
    await countClaims(table.deps, await table.changes());
    expect(await table.counts.total(route)).toEqual({
      ...judged,
      "ended.legacy.COMPLETED": 6,
      ...{ "verdict.old-only": 0, "verdict.new-only": 0, "verdict.late": 2 },
    });
    const late = (await table.verdicts.page(route, "late", 10)).entries;
    expect(late.map(({ requestId }) => requestId)).toEqual([planned.requestId, alone.requestId]);
    expect(late[1]?.sample?.differences).toMatchObject([{ kind: "changed", old: 1, new: 2 }]);
    const hour = await table.counts.hours(route, hourOf(NOW + 5 * HOUR), hourOf(NOW + 5 * HOUR));
    expect(hour).toMatchObject([{ counts: { "verdict.late": 1 } }]);
  });
});
