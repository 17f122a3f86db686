import { randomUUID } from "node:crypto";
import {
  countClaims,
  ExecutionName,
  MAX_EXAMPLES,
  MAX_GROUPS,
  MAX_GROUPS_OF_REQUEST,
  OTHER_PATHS,
  type Outcome,
  type RejectedMessage,
  RequestId,
  RouteType,
} from "@crossfade/bridge";
import { DynamoDbCounting } from "@crossfade/bridge/adapters/dynamodb-counting";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import { DynamoDbVerdicts } from "@crossfade/bridge/adapters/dynamodb-verdicts";
import {
  type ClaimImage,
  type Counts,
  compareRules,
  conservation,
  hourOf,
  latencies,
  merged,
  NO_ROUTE,
  type Sighting,
} from "@crossfade/bridge/compare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
let counting: DynamoDbCounting;
let counts: DynamoDbCounts;
let verdicts: DynamoDbVerdicts;

beforeAll(async () => {
  ledger = await startLedger();
  counting = new DynamoDbCounting(ledger.client, ledger.table);
  counts = new DynamoDbCounts(ledger.client, ledger.table);
  verdicts = new DynamoDbVerdicts(ledger.client, ledger.table);
});
afterAll(() => ledger.close());

const HOUR = 3_600_000;

/** A route of its own for each test: counts are a route's. */
let routes = 0;
const aRoute = () => RouteType.parse(`ROUTE_${++routes}`);

const rules = compareRules({ personal: ["effects.*.details.owner"] });
const count = (sightings: readonly Sighting[]) => countClaims({ counts: counting, rulesOf: () => rules }, sightings);

const outcome = (details: Record<string, string | number>): Outcome => ({
  status: "COMPLETED",
  effects: [{ service: "registry", command: "register", target: "example.fi", details }],
});

const claimOf = (route: RouteType, given: Partial<ClaimImage> = {}): ClaimImage => ({
  route,
  requestId: RequestId.parse(randomUUID()),
  path: "legacy",
  generation: 0,
  decidedAt: NOW,
  ...given,
});

const ended = (claim: ClaimImage, at = NOW + 1_000): ClaimImage => ({
  ...claim,
  endedAt: at,
  legacyOutcome: outcome({ years: 1 }),
});

/** Ended on both sides, its plan otherwise than its deed by these details. */
const compared = (route: RouteType, plan: Record<string, string | number>, at = NOW + 1_000): ClaimImage => ({
  ...ended(claimOf(route), at),
  shadow: { executionName: ExecutionName.parse("shadow-1"), outcome: outcome({ years: 1, ...plan }), endedAt: at },
});

const seen = (claim: ClaimImage): Sighting => ({ claim, at: NOW + 2_000 });

/** What all hours come to, as far as the total has it. */
const hoursOf = async (route: RouteType): Promise<Counts> => {
  const hours = await counts.hours(route, hourOf(NOW - 100 * HOUR), hourOf(NOW + 100 * HOUR));
  const sums = Object.entries(merged(...hours.map((hour) => hour.counts)));
  return Object.fromEntries(sums.filter(([counter]) => !counter.startsWith("latency.")));
};

describe("counts in the ledger", () => {
  it("stand by the hour and in total, packed into few transactions, and are counted once however often they come", async () => {
    const route = aRoute();
    const claims = Array.from({ length: 250 }, (_, n) => claimOf(route, { decidedAt: NOW + (n % 3) * HOUR }));
    const sightings = claims.flatMap((claim) => [seen(claim), seen(ended(claim, NOW + 3 * HOUR))]);
    const counted = await count(sightings);
    expect(counted).toBe(250);
    expect(await count([...sightings].reverse())).toBe(0);
    const total = await counts.total(route);
    expect(total).toMatchObject({ "claimed.legacy": 250, "ended.legacy.COMPLETED": 250 });
    expect(await hoursOf(route)).toEqual(total);
    const first = await counts.hours(route, hourOf(NOW), hourOf(NOW + HOUR));
    const [last] = await counts.hours(route, hourOf(NOW + 3 * HOUR), hourOf(NOW + 3 * HOUR));
    expect(Object.values(latencies(last?.counts ?? {}, "legacy")).reduce((sum, n) => sum + n, 0)).toBe(250);
    expect(first.map(({ hour, counts: { "claimed.legacy": claimed } }) => [hour, claimed])).toEqual([
      [hourOf(NOW), 84],
      [hourOf(NOW + HOUR), 83],
    ]);
  });

  it("are exact where many consumers count the same claims at a time", async () => {
    const route = aRoute();
    const claims = Array.from({ length: 40 }, () => claimOf(route));
    const consumers = Array.from({ length: 4 }, (_, n) => {
      const own = claims.map((claim, i) => ((i + n) % 2 === 0 ? seen(claim) : seen(ended(claim))));
      return count(own);
    });
    await Promise.all(consumers);
    await count(claims.map((claim) => seen(ended(claim))));
    const total = await counts.total(route);
    expect(total).toMatchObject({ "claimed.legacy": 40, "ended.legacy.COMPLETED": 40 });
    expect(conservation(total)).toEqual({ received: 40, ended: 40, rejected: 0, inFlight: { legacy: 0, order: 0 } });
    expect(await hoursOf(route)).toEqual(total);
  });

  it("hold refused messages once, also those of no known route", async () => {
    const route = aRoute();
    const messages = Array.from(
      { length: 120 },
      (_, n): RejectedMessage => ({
        messageId: randomUUID(),
        route: n % 2 === 0 ? route : NO_ROUTE,
        ...(n % 4 === 0 && { path: "order" as const }),
        at: NOW,
      }),
    );
    for (const message of messages.slice(0, 3)) {
      await counting.keepRejected(message);
      await counting.keepRejected(message);
    }
    const before = (await counts.total(NO_ROUTE))["rejected"] ?? 0;
    await Promise.all([counting.countRejected(messages), counting.countRejected(messages.slice(0, 70).reverse())]);
    await counting.countRejected(messages.slice(50));
    expect(await counts.total(route)).toEqual({ rejected: 60, "refused.order": 30 });
    expect((await counts.total(NO_ROUTE))["rejected"]).toBe(before + 60);
  });
});

describe("verdicts in the ledger", () => {
  it("are read by request, with a masked sample where they are no match", async () => {
    const route = aRoute();
    const same = compared(route, {});
    const other = compared(route, { years: 2, owner: "Åke" });
    await count([seen(same), seen(other)]);
    expect(await verdicts.of(same)).toEqual([
      { route, requestId: same.requestId, against: "legacy", verdict: "match", at: NOW + 1_000 },
    ]);
    const [judged] = await verdicts.of(other);
    expect(judged).toMatchObject({ verdict: "mismatch", against: "legacy" });
    expect(judged?.sample?.differences).toEqual([
      { kind: "changed", path: "effects[0].details.years", group: "effects[*].details.years", old: 1, new: 2 },
      {
        kind: "extra",
        path: "effects[0].details.owner",
        group: "effects[*].details.owner",
        new: expect.stringMatching(/^\[masked/),
      },
    ]);
    expect(JSON.stringify(judged)).not.toContain("Åke");
    expect(await verdicts.of(claimOf(route))).toEqual([]);
  });

  it("are paged newest first, and one that was replaced is on its new page alone", async () => {
    const route = aRoute();
    const wrong = Array.from({ length: 7 }, (_, n) => compared(route, { years: 2 }, NOW + n * 1_000));
    const { shadow: _, ...missing } = compared(route, {});
    const open = { ...missing, shadow: { executionName: ExecutionName.parse("shadow-1") } };
    await count([...wrong.map(seen), { ...seen(open), overdueAt: NOW + HOUR }]);
    const pages: (readonly string[])[] = [];
    let after: string | undefined;
    do {
      const page = await verdicts.page(route, "mismatch", 3, after);
      pages.push(page.entries.map(({ requestId }) => requestId));
      after = page.next;
    } while (after !== undefined);
    expect(pages.flat()).toEqual(wrong.map(({ requestId }) => requestId).reverse());
    expect(pages[0]).toHaveLength(3);
    expect((await verdicts.page(route, "old-only", 9)).entries).toHaveLength(1);

    await count([seen({ ...compared(route, {}), requestId: open.requestId })]);
    expect((await verdicts.page(route, "old-only", 9)).entries).toEqual([]);
    expect((await verdicts.page(route, "late", 9)).entries).toMatchObject([{ requestId: open.requestId }]);
    expect(await counts.total(route)).toMatchObject({
      "verdict.old-only": 0,
      "verdict.late": 1,
      "verdict.mismatch": 7,
    });
    await expect(verdicts.page(route, "late", 9, "elsewhere")).rejects.toMatchObject({ code: "PLACE_UNKNOWN" });
  });
});

describe("kinds of difference", () => {
  it("are counted by request, ranked, with some examples; concurrent consumers lose none", async () => {
    const route = aRoute();
    const years = Array.from({ length: 30 }, (_, n) => compared(route, { years: 2 }, NOW + n * 1_000));
    const extra = Array.from({ length: 3 }, () => compared(route, { note: "x", years: 3 }));
    await Promise.all([years.slice(0, 20), years.slice(10), extra].map((part) => count(part.map(seen))));
    await count([seen(compared(route, { years: 2 }, NOW - 5_000)), seen(compared(route, { years: 2 }, NOW))]);
    const groups = await verdicts.groups(route, "legacy");
    expect(groups.map(({ kind, path, count }) => [kind, path, count])).toEqual([
      ["changed", "effects[*].details.years", 35],
      ["extra", "effects[*].details.note", 3],
    ]);
    const [first] = groups;
    expect(first?.examples.length).toBeGreaterThan(3);
    expect(first?.examples.length).toBeLessThanOrEqual(MAX_EXAMPLES);
    expect(first?.examples.map(({ at }) => at)).toEqual(first?.examples.map(({ at }) => at).toSorted((a, b) => b - a));
    expect(first).toMatchObject({ firstAt: NOW - 5_000, route, against: "legacy" });
    expect(await verdicts.groups(route, "order")).toEqual([]);
  });

  it("come to a bounded number: the rest is counted together", async () => {
    const route = aRoute();
    const many = Array.from({ length: 12 }, (_, n) => {
      const fields = Array.from({ length: MAX_GROUPS_OF_REQUEST + 5 }, (_, m) => [`field${n}x${m}`, m]);
      return compared(route, Object.fromEntries(fields));
    });
    await Promise.all(many.map((claim) => count([seen(claim)])));
    const groups = await verdicts.groups(route, "legacy");
    const [other] = groups;
    expect(groups).toHaveLength(MAX_GROUPS + 1);
    expect(other).toMatchObject({ kind: "extra", path: OTHER_PATHS });
    expect(groups.slice(1).every(({ count }) => count === 1)).toBe(true);
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(MAX_GROUPS + 2);
  });
});
