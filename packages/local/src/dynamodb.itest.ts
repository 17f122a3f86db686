import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, test, vi } from "vitest";
import { clientOptions } from "./clients.ts";
import { startDynamoDb } from "./dynamodb.ts";
import { until } from "./mappings/testing.ts";

const refusesConnections = (endpoint: string) =>
  fetch(endpoint).then(
    () => false,
    () => true,
  );

afterEach(() => vi.unstubAllEnvs());

describe("DynamoDB", () => {
  test("answers the SDK, and is gone after close with its files", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "crossfade-test-"));
    vi.stubEnv("TMPDIR", temporary);
    const server = await startDynamoDb();
    const client = new DynamoDBClient(clientOptions(server.endpoint, "eu-west-1"));
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([]);
    expect(await readdir(temporary)).toHaveLength(1);
    client.destroy();
    await server.close();
    await server.close();
    expect(await refusesConnections(server.endpoint)).toBe(true);
    expect(await readdir(temporary)).toEqual([]);
    await rm(temporary, { recursive: true });
  });

  test.each(["SIGKILL", "SIGTERM"] as const)("does not outlive a process that ends by %s", async (signal) => {
    const temporary = await mkdtemp(join(tmpdir(), "crossfade-test-"));
    const script = `import { startDynamoDb } from ${JSON.stringify(import.meta.resolve("./dynamodb.ts"))};
      console.log((await startDynamoDb()).endpoint);`;
    const owner = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: temporary },
    });
    const [printed] = await once(owner.stdout, "data");
    const endpoint = String(printed).trim();
    expect(await refusesConnections(endpoint)).toBe(false);
    owner.kill(signal);
    await until("the server is gone", () => refusesConnections(endpoint));
    await until("its files are gone", async () => (await readdir(temporary)).length === 0);
    await rm(temporary, { recursive: true });
  });

  test("says so when its port is taken", async () => {
    const first = await startDynamoDb();
    await expect(startDynamoDb(Number(new URL(first.endpoint).port))).rejects.toThrow("already in use");
    await first.close();
  });

  test("uses the server that the environment names, but not one of its own that has ended", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9");
    expect((await startDynamoDb()).endpoint).toBe("http://127.0.0.1:9");

    vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", undefined);
    const first = await startDynamoDb();
    vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", first.endpoint);
    await first.close();
    const second = await startDynamoDb();
    expect(await refusesConnections(second.endpoint)).toBe(false);
    await second.close();
  });
});
