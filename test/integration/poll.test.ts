import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type Claim, keyOf, OrderId, type PollDeps, pollClaims, pollIndex, RouteType } from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { DynamoDbBookmarks } from "@crossfade/bridge/adapters/dynamodb-in-flight";
import { DynamoDbRowIndex, DynamoDbRows, type IndexDescription } from "@crossfade/bridge/adapters/dynamodb-rows";
import { DynamoDbTracking } from "@crossfade/bridge/adapters/dynamodb-tracking";
import { webcat } from "@crossfade/legacy";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { type OrdersFixture, ordersOn } from "./support/orders.ts";
import { aClaim, done, NOW } from "./support/samples.ts";

const TRACKING = "tracking";
const WITHIN = 60_000;
const WATCH = 900_000;

let ledger: LedgerFixture;
let orders: OrdersFixture;
let watch: DynamoDbClaims;
let deps: PollDeps & { readonly watch: DynamoDbClaims };
beforeAll(async () => {
  ledger = await startLedger();
  orders = await ordersOn(ledger);
  const { client, table } = ledger;
  watch = new DynamoDbClaims(client, table, { watchEnded: true });
  const bookmarks = new DynamoDbBookmarks(client, table);
  const rows = new DynamoDbRows(client, TRACKING, "requestId");
  deps = { ...orders.deps, claims: watch, watch, bookmarks, rows };
});
afterAll(() => ledger.close());
beforeEach(() => orders.setNow(NOW));

/** A row as the legacy system, or the mirror, leaves it. */
const rowOf = ({ requestId, route, pinKey }: Claim, status: string, given: object = {}) => ({
  ...{ requestId, type: route, customerId: "cust-1", domain: String(pinKey), status },
  ...{ createdAt: new Date(NOW).toISOString(), updatedAt: new Date(NOW).toISOString() },
  ...(status === "COMPLETED" && { result: { domain: "example.fi", years: 1, expiresAt: "2027-11-21" } }),
  ...given,
});
const put = (TableName: string, Item: Record<string, unknown>) =>
  ledger.client.send(new PutCommand({ TableName, Item }));
const rowIn = async (TableName: string, { requestId }: Claim) =>
  (await ledger.client.send(new GetCommand({ TableName, Key: { requestId } }))).Item;

async function claimed(given: Partial<Claim> = {}): Promise<Claim> {
  const claim = aClaim("legacy", given);
  expect(await deps.claims.claim(claim)).toMatchObject({ kind: "claimed" });
  return claim;
}

const endOf = async (claim: Claim) => (await deps.claims.read(claim))?.endedAt;
/** Left open by nobody: the tests share one ledger. */
const close = (...claims: readonly Claim[]) =>
  Promise.all(claims.map((claim) => orders.deps.claims.endLegacy(claim, done, {}, NOW)));

/** An order's request that was mirrored to its end, and whose late publisher then overwrote its row. */
async function overwritten(table: string, decidedAt = NOW): Promise<Claim> {
  const claim = aClaim("order", { decidedAt });
  await deps.claims.claim(claim);
  const { requestId: _, ...image } = rowOf(claim, "COMPLETED");
  const mirrored = { fence: 7, image };
  await deps.claims.mirror(claim, mirrored);
  await deps.claims.mirror(claim, mirrored, { generation: 0, outcome: done, at: decidedAt });
  await put(table, rowOf(claim, "RECEIVED"));
  return claim;
}

describe("rows looked up by the open claims", () => {
  const poll = (given: Partial<typeof deps> = {}, withinMs = WITHIN) =>
    pollClaims({ ...deps, ...given }, { withinMs, watchMs: WATCH });

  it("end legacy claims and tapped ones, and release their pins", async () => {
    const claims = [await claimed(), await claimed({ tap: "arn:tap", forwardedAt: NOW }), await claimed()];
    for (const claim of claims.slice(0, 2)) await put(TRACKING, rowOf(claim, "COMPLETED"));
    await put(TRACKING, rowOf(claims[2] ?? aClaim("legacy"), "PROCESSING"));
    const { looked, counts, failures } = await poll();
    expect([looked, counts["legacy-ended"], failures]).toEqual([3, 2, []]);
    const [first, tapped, open] = await Promise.all(claims.map((claim) => deps.claims.read(claim)));
    expect([first, tapped]).toMatchObject([{ legacyOutcome: { status: "COMPLETED" } }, { endedAt: NOW }]);
    expect(open?.endedAt).toBeUndefined();
    expect(await deps.claims.claim(aClaim("order", { pinKey: first?.pinKey }))).toMatchObject({ kind: "claimed" });
    if (open) await close(open);
  });

  it("end delegated work: its outcome is recorded for the Action that waits", async () => {
    const route = RouteType.parse("UPDATE_DNS");
    const claim = aClaim("order", { route, integration: "delegate" });
    await deps.claims.claim(claim);
    const effects = new DynamoDbEffects(ledger.client, ledger.table);
    const orderId = OrderId.parse(claim.orderId);
    await effects.begin({
      ...{ key: keyOf(claim), n: 0, role: "whole", lane: "delegate", service: "legacy", command: "message" },
      ...{ orderId, owner: "legacy", generation: 0, pinned: true, at: NOW, pinKey: claim.pinKey },
    });
    await put(TRACKING, rowOf(claim, "FAILED", { errorCode: "NO_ZONE" }));
    expect((await poll()).counts).toMatchObject({ "delegated-ended": 1 });
    expect(await effects.read(claim)).toMatchObject([{ outcome: { status: "FAILED" } }]);
    await deps.claims.mirror(claim, { fence: 7, image: {} }, { generation: 0, outcome: done, at: NOW - 2 * WATCH });
  });

  it("are all reached, however many stay open before and however little time there is", async () => {
    const stuck = await Promise.all(Array.from({ length: 60 }, (_, n) => claimed({ decidedAt: NOW - 1_000 + n })));
    const last = await claimed();
    await put(TRACKING, rowOf(last, "COMPLETED"));
    for (let run = 0; run < 3; run++) await poll({}, 0);
    expect(await endOf(last)).toBe(NOW);
    for (const claim of stuck) await put(TRACKING, rowOf(claim, "COMPLETED"));
    await poll();
    await poll();
    expect(await Promise.all(stuck.map(endOf))).toEqual(stuck.map(() => NOW));
  });

  it("that cannot be observed are told, and stop none of their neighbours", async () => {
    const claims = [await claimed(), await claimed(), await claimed()];
    for (const claim of claims) await put(TRACKING, rowOf(claim, "COMPLETED"));
    const [bad] = claims;
    const failing = new Proxy(watch, {
      get(target, name) {
        if (name === "read")
          return async (key: Claim) =>
            key.requestId === bad?.requestId ? Promise.reject(new Error("down")) : target.read(key);
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const { counts, failures } = await poll({ claims: failing });
    expect(counts).toMatchObject({ failed: 1, "legacy-ended": 2 });
    expect(failures).toMatchObject([{ requestId: bad?.requestId, error: { message: "down" } }]);
    expect((await poll()).counts).toMatchObject({ failed: 0, "legacy-ended": 1 });
  });

  describe("of orders that have ended (A8)", () => {
    const watched = async (route = "REGISTER_DOMAIN") => {
      const { Items = [] } = await ledger.client.send(
        new QueryCommand({
          ...{ TableName: ledger.table, IndexName: "in-flight", KeyConditionExpression: "inFlight = :name" },
          ExpressionAttributeValues: { ":name": `ENDED#${route}` },
        }),
      );
      return Items.map((item) => item["requestId"]);
    };

    it.each([
      ["up to the watch after its decision", NOW + WATCH, true],
      ["and once at least, however old its claim", NOW + 10 * WATCH, false],
    ])("are restored that a late publisher overwrote, %s", async (_, at, goesOn) => {
      const claim = await overwritten(TRACKING);
      orders.setNow(at);
      expect((await poll()).counts).toMatchObject({ restored: 1 });
      expect(await rowIn(TRACKING, claim)).toMatchObject({ status: "COMPLETED", crossfadeFence: 7 });
      await put(TRACKING, rowOf(claim, "RECEIVED"));
      expect((await poll()).counts).toMatchObject({ restored: goesOn ? 1 : 0 });
      orders.setNow(at + 1);
      await poll();
      expect(await watched()).not.toContain(claim.requestId);
    });

    it("stay watched while their row cannot be observed", async () => {
      const claim = await overwritten(TRACKING);
      orders.setNow(NOW + 2 * WATCH);
      const tracking = { ...deps.tracking, write: () => Promise.reject(new Error("throttled")) };
      expect((await poll({ tracking })).counts).toMatchObject({ failed: 1 });
      expect(await watched()).toContain(claim.requestId);
      expect((await poll()).counts).toMatchObject({ restored: 1 });
      expect(await watched()).not.toContain(claim.requestId);
    });

    it("are not watched where the table has a stream, and are none of those in flight where they are", async () => {
      const claim = await overwritten(TRACKING);
      expect(await watched()).toContain(claim.requestId);
      const open = await deps.claims.inFlight(claim.route, NOW + 1, 500);
      expect(open.entries.map(({ requestId }) => requestId)).not.toContain(claim.requestId);
      const other = aClaim("legacy");
      await orders.deps.claims.claim(other);
      await close(other);
      expect(await watched()).not.toContain(other.requestId);
    });

    it("are restored while the order runs too", async () => {
      const claim = aClaim("order");
      await deps.claims.claim(claim);
      await deps.claims.mirror(claim, { fence: 1, image: { status: "PROCESSING" } });
      await put(TRACKING, rowOf(claim, "RECEIVED"));
      await poll();
      expect(await rowIn(TRACKING, claim)).toMatchObject({ status: "PROCESSING", crossfadeFence: 1 });
    });
  });
});

describe.each(["iso", "epoch-ms"] as const)("rows found by an index whose sort attribute is %s", (sortKind) => {
  const table = `tracking-${sortKind}`;
  const OVERLAP = 120_000;
  const partitions = ["RECEIVED", "COMPLETED"];
  const description: IndexDescription = {
    ...{ index: "by-status", partition: { attribute: "status" }, sort: "changed", sortKind },
  };
  const at = (time: number) => ({ changed: sortKind === "iso" ? new Date(time).toISOString() : time });
  const write = (claim: Claim, status: string, time = NOW) => put(table, rowOf(claim, status, at(time)));

  beforeAll(async () => {
    const raw = new DynamoDBClient({
      ...{ endpoint: ledger.endpoint, region: "eu-west-1" },
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    await raw.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "requestId", AttributeType: "S" },
          { AttributeName: "status", AttributeType: "S" },
          { AttributeName: "changed", AttributeType: sortKind === "iso" ? "S" : "N" },
        ],
        KeySchema: [{ AttributeName: "requestId", KeyType: "HASH" }],
        GlobalSecondaryIndexes: [
          {
            IndexName: "by-status",
            KeySchema: [
              { AttributeName: "status", KeyType: "HASH" },
              { AttributeName: "changed", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "KEYS_ONLY" },
          },
        ],
      }),
    );
    raw.destroy();
  });

  const poll = (withinMs = WITHIN) => {
    const { client } = ledger;
    const rows = new DynamoDbRows(client, table, "requestId");
    const index = new DynamoDbRowIndex(client, table, "requestId", description);
    // Each kind sweeps for itself: the bookmarks are by partition.
    const bookmarks = {
      read: (job: string) => deps.bookmarks.read(`${sortKind} ${job}`),
      write: (job: string, place: string | undefined) => deps.bookmarks.write(`${sortKind} ${job}`, place),
    };
    const tracking = new DynamoDbTracking(client, table, webcat.tracking);
    return pollIndex({ ...deps, tracking, rows, index, bookmarks }, { partitions, withinMs, overlapMs: OVERLAP });
  };

  it("end claims, from the row in the table: the index holds its keys alone", async () => {
    const claim = await claimed();
    await write(claim, "COMPLETED", NOW - OVERLAP);
    expect((await poll()).counts).toMatchObject({ "legacy-ended": 1 });
    expect(await deps.claims.read(claim)).toMatchObject({
      legacyOutcome: { status: "COMPLETED", result: { domain: "example.fi" } },
    });
  });

  it("are found up to the overlap behind our clock, by a writer whose clock lags", async () => {
    const [late, later] = [await claimed(), await claimed()];
    await write(late, "COMPLETED", NOW - OVERLAP);
    await write(later, "COMPLETED", NOW - OVERLAP - 1);
    await poll();
    expect([await endOf(late), await endOf(later)]).toEqual([NOW, undefined]);
    await close(later);
  });

  it("are taken page by page where a run has no time, and nothing is lost between", async () => {
    orders.setNow(NOW + OVERLAP + 1);
    const claims = await Promise.all(Array.from({ length: 60 }, () => claimed()));
    await Promise.all(claims.map((claim, n) => write(claim, "COMPLETED", NOW + OVERLAP - n)));
    for (let run = 0; run < 5; run++) await poll(0);
    expect((await Promise.all(claims.map(endOf))).filter((end) => end === undefined)).toEqual([]);
  });

  it("are restored that a late publisher overwrote after the end (A8), where its status is among those looked at", async () => {
    const later = NOW + 10 * OVERLAP;
    orders.setNow(later);
    const claim = await overwritten(table);
    await write(claim, "RECEIVED", later);
    expect((await poll()).counts).toMatchObject({ restored: 1 });
    expect(await rowIn(table, claim)).toMatchObject({ status: "COMPLETED", crossfadeFence: 7 });
  });
});

describe("the function that polls", () => {
  const variables = {
    TRACKING_POLL: JSON.stringify({ by: "claims" }),
    LEDGER_TABLE: "ledger",
    TRACKING_TABLE: TRACKING,
  };

  it("takes its way from the environment, and counts what it found", async () => {
    Object.assign(process.env, {
      ...{ ...variables, PAYLOAD_BUCKET: "payloads", TOKEN_KEY: Buffer.alloc(32).toString("base64") },
      ...{ AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
      ...{ AWS_ENDPOINT_URL_DYNAMODB: ledger.endpoint },
      ...{ POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_LOG_LEVEL: "SILENT" },
    });
    const claim = await claimed({ decidedAt: Date.now() });
    await put(TRACKING, rowOf(claim, "COMPLETED"));
    const { handler } = await import("@crossfade/functions/poll");
    expect(await handler()).toMatchObject({ failed: 0, contradicted: 0 });
    expect(await deps.claims.read(claim)).toMatchObject({ legacyOutcome: { status: "COMPLETED" } });
    expect((await deps.watch.watched(claim.route, 500)).entries).toContainEqual(
      expect.objectContaining({ requestId: claim.requestId }),
    );
  });
});
