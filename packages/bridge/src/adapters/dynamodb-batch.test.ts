import { createServer, type Server } from "node:http";
import { json } from "node:stream/consumers";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { getMany } from "./dynamodb-batch.ts";

const Asked = z.object({
  RequestItems: z.object({ rows: z.object({ Keys: z.array(z.object({ id: z.object({ S: z.string() }) })) }) }),
});

let server: Server;
let client: DynamoDBDocumentClient;
/** How many keys each answer takes; the last counts for all that follow. */
let takes: number[] = [];
let asked: number[] = [];
const paused: number[] = [];
const pause = async (ms: number) => paused.push(ms);

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { Keys } = Asked.parse(await json(request)).RequestItems.rows;
    asked.push(Keys.length);
    const n = takes.length > 1 ? (takes.shift() ?? 0) : (takes[0] ?? Keys.length);
    const left = Keys.slice(n);
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end(
      JSON.stringify({
        Responses: { rows: Keys.slice(0, n) },
        UnprocessedKeys: left.length === 0 ? {} : { rows: { Keys: left } },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const config = { endpoint: `http://127.0.0.1:${port}`, region: "eu-west-1", credentials, maxAttempts: 1 };
  client = DynamoDBDocumentClient.from(new DynamoDBClient(config));
});
afterAll(() => {
  client.destroy();
  server.close();
});
beforeEach(() => {
  takes = [];
  asked = [];
  paused.length = 0;
});

const keys = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `r-${i}` }));

describe("many items by their keys", () => {
  it("are asked for a hundred at a time, without a pause", async () => {
    const found = await getMany(client, "rows", keys(201), pause);
    expect(new Set(found.map(({ id }) => id)).size).toBe(201);
    expect([asked, paused]).toEqual([[100, 100, 1], []]);
  });

  it("are asked for again, after a pause, where some are left over", async () => {
    takes = [3, 0, 100];
    const found = await getMany(client, "rows", keys(10), pause);
    expect(found.map(({ id }) => id)).toEqual(keys(10).map(({ id }) => id));
    expect(asked).toEqual([10, 7, 7]);
    expect(paused).toHaveLength(2);
  });

  it("are given up where a table goes on leaving some over: it is at work", async () => {
    takes = [0];
    await expect(getMany(client, "rows", keys(2), pause)).rejects.toMatchObject({
      ...{ code: "DEPENDENCY_FAILED", disposition: "retry" },
    });
    expect([asked.length, paused.length]).toEqual([8, 7]);
  });
});
