import { readFile } from "node:fs/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { startDynamoDb } from "@crossfade/local/dynamodb";
import { createLedger } from "@crossfade/local/ledger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bill, billOf, total } from "../../bench/costs/bill.ts";
import { type Counted, count } from "../../bench/costs/count.ts";
import { COSTS_DOCUMENT, withTables } from "../../bench/costs/document.ts";
import { requestsOf } from "../../bench/costs/hands.ts";
import { ASSUMED, READ_ON, REGION } from "../../bench/costs/prices.ts";
import type { Call, Tallied } from "../../bench/costs/tally.ts";
import { metricsIn, usageOf } from "../../bench/costs/usage.ts";

const document = await readFile(COSTS_DOCUMENT, "utf8");

describe("docs/costs.md", () => {
  let counted: Counted;
  beforeAll(async () => {
    counted = await count();
  }, 110_000);

  it("tells the costs as they are counted (N20); if not: npm run costs", () => {
    expect(document, "run: npm run costs").toBe(withTables(document, counted));
  });

  it("has no place for a table twice, and misses none", () => {
    const named = [...document.matchAll(/<!-- counted (\w+) -->/g)].map(([marker]) => marker);
    expect(new Set(named).size).toBe(named.length);
    for (const marker of named) expect(() => withTables(document.replace(marker, ""), counted)).toThrow(marker);
    const unclosed = document.replace("<!-- end of counted -->", "");
    expect(() => withTables(unclosed, counted)).toThrow("no place");
  });

  it("says the day, the region and the assumptions of its numbers", () => {
    for (const said of [READ_ON, REGION, `${ASSUMED.milliseconds} ms at 1,024 MB`]) expect(document).toContain(said);
    expect(ASSUMED.megabytes).toBe(1_024);
  });

  it("says rightly what is largest", () => {
    const bills = (path: "legacy" | "order", batch: number): readonly Bill[] =>
      counted.paths
        .filter((each) => each.batch === batch && each.usage.transitions > 0 === (path === "order"))
        .map(({ usage }) => billOf(usage, 1_000_000));
    for (const bill of bills("order", 10)) expect((10 * bill.stepFunctions) / total(bill)).toBeCloseTo(9, 0);
    for (const bill of bills("legacy", 10)) expect(bill.dynamoDb).toBe(Math.max(...Object.values(bill)));
    for (const bill of bills("legacy", 1)) expect(bill.lambdaTime + bill.dynamoDb).toBeGreaterThan(total(bill) / 2);
    expect(counted.largestItem).toBeLessThan(2 * 1_024);
  });
});

describe("a count", () => {
  const call = (given: Partial<Call> = {}): Call => ({
    ...{ caller: "ingest", service: "sqs", action: "SendMessageBatch", failed: false },
    ...{ writeUnits: 0, readUnits: 0, refresh: false },
    ...given,
  });
  const tallied = (given: Partial<Tallied>): Tallied => ({
    ...{ calls: [], invocations: [], polled: [], broken: [] },
    ...given,
  });
  const run = (requests: number, batch: number) => ({ requests, batch, transitions: 0, keptBytes: 0 });

  it.each([
    tallied({ calls: [call({ failed: true })] }),
    tallied({ invocations: [{ name: "ingest", failed: true, lines: [] }] }),
    tallied({ broken: [new Error("hung up")] }),
  ])("is none where something failed", (given) => {
    expect(() => usageOf(given, run(1, 1))).toThrow("no count");
  });

  it("takes the sends of ingest to travel together at best, however they went, and any other alone", () => {
    const sends = (caller: string, fifo: boolean) => [
      call({ caller, sent: { fifo, bytes: [100, 100, 100] } }),
      call({ caller, sent: { fifo, bytes: [100, 100] } }),
    ];
    const calls = [...sends("ingest", true), ...sends("delegate", true), ...sends("ingest", false)];
    const usage = usageOf(tallied({ calls }), run(1, 5));
    expect(usage).toMatchObject({ fifoRequests: 1 + 5, standardRequests: 1 });
  });

  it.each([
    [0, 1],
    [65_536, 1],
    [65_537, 2],
    [131_072, 2],
  ])("takes %i bytes for %i requests to SQS", (bytes, requests) => {
    expect(requestsOf(bytes)).toBe(requests);
  });

  it("leaves out what an instance reads by the clock", () => {
    const calls = [call({ service: "dynamodb", action: "GetItem", readUnits: 1, refresh: true })];
    expect(usageOf(tallied({ calls }), run(1, 1)).readUnits).toBe(0);
  });

  it("takes a time of any length for five digits", () => {
    const bytes = (line: string) =>
      usageOf(tallied({ invocations: [{ name: "mirror", failed: false, lines: [line] }] }), run(1, 1)).logBytes;
    expect(bytes('{"_aws":{},"Mirror.lagMs":7}')).toBe(bytes('{"_aws":{},"Mirror.lagMs":12345}'));
    expect(bytes('{"_aws":{},"Mirror.lagMs":[7,1200]}')).toBe(bytes('{"_aws":{},"Mirror.lagMs":[12345,12345]}'));
  });

  it("knows the metrics of a log", () => {
    const lines = ['{"_aws":{"Metrics":[{"Name":"A"},{"Name":"B"}]},"A":1}', '{"message":"x","Name":"C"}'];
    expect(metricsIn(tallied({ invocations: [{ name: "f", failed: false, lines }] }))).toEqual(["f A", "f B"]);
  });
});

describe("the local DynamoDB counts units by AWS's rules", () => {
  const asking = { TableName: "ledger", ReturnConsumedCapacity: "TOTAL" } as const;
  const kilobytes = (n: number) => "x".repeat(n * 1_024 - 200);
  let server: Awaited<ReturnType<typeof startDynamoDb>>;
  let client: DynamoDBDocumentClient;
  beforeAll(async () => {
    server = await startDynamoDb();
    await createLedger(server.endpoint, "eu-west-1", "ledger");
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint: server.endpoint, region: "eu-west-1", credentials }),
    );
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
  });

  const put = async (pk: string, more: object) =>
    (await client.send(new PutCommand({ ...asking, Item: { pk, sk: "1", ...more } }))).ConsumedCapacity?.CapacityUnits;
  const update = async (pk: string, UpdateExpression: string, values?: Record<string, unknown>) => {
    const given = { Key: { pk, sk: "1" }, UpdateExpression, ...(values && { ExpressionAttributeValues: values }) };
    return (await client.send(new UpdateCommand({ ...asking, ...given }))).ConsumedCapacity?.CapacityUnits;
  };
  const open = { inFlight: "ROUTE", decidedAt: 1 };

  it("a write by the kilobyte, and the index's beside it while the item stands there", async () => {
    expect(await put("a", { text: kilobytes(1) })).toBe(1);
    expect(await put("b", { text: kilobytes(2) })).toBe(2);
    expect(await put("c", { text: kilobytes(2), ...open })).toBe(4);
    expect(await update("c", "SET startedAt = :at", { ":at": 5 })).toBe(4);
    expect(await update("c", "REMOVE inFlight")).toBe(4);
    expect(await update("c", "SET startedAt = :at", { ":at": 6 })).toBe(2);
  });

  it("the larger of before and after", async () => {
    await put("d", { text: kilobytes(3) });
    expect(await update("d", "REMOVE startedAt")).toBe(3);
    expect(await put("d", {})).toBe(3);
  });

  it("a read by four kilobytes, by half where it need not be the latest, and at least that", async () => {
    const get = async (pk: string, ConsistentRead: boolean) =>
      (await client.send(new GetCommand({ ...asking, Key: { pk, sk: "1" }, ConsistentRead }))).ConsumedCapacity
        ?.CapacityUnits;
    await put("e", { text: kilobytes(5) });
    expect([await get("e", true), await get("e", false)]).toEqual([2, 1]);
    expect([await get("nobody", true), await get("nobody", false)]).toEqual([1, 0.5]);
    const query = { IndexName: "in-flight", KeyConditionExpression: "inFlight = :r" };
    const empty = new QueryCommand({ ...asking, ...query, ExpressionAttributeValues: { ":r": "NONE" } });
    expect((await client.send(empty)).ConsumedCapacity?.CapacityUnits).toBe(0.5);
  });

  it("each write and check of a transaction twice", async () => {
    await put("f", { text: kilobytes(2) });
    const { ConsumedCapacity = [] } = await client.send(
      new TransactWriteCommand({
        ReturnConsumedCapacity: "TOTAL",
        TransactItems: [
          { Put: { TableName: "ledger", Item: { pk: "g", sk: "1" } } },
          {
            ConditionCheck: {
              TableName: "ledger",
              Key: { pk: "f", sk: "1" },
              ConditionExpression: "attribute_exists(pk)",
            },
          },
        ],
      }),
    );
    expect(ConsumedCapacity.map(({ CapacityUnits }) => CapacityUnits)).toEqual([2 + 4]);
  });
});
