import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RunningServer } from "./contract.ts";

const READY_WITHIN_MS = 10_000;
const PORT_ATTEMPTS = 3;

/**
 * The guard runs the server as its child and holds a pipe from us. The pipe closes when we end, however we end, SIGKILL
 * included; the guard then ends the server and removes its files. An exit handler alone could not promise that.
 */
const GUARD = `"$@" </dev/null & server=$!
read -r _
kill -9 $server 2>/dev/null
wait $server 2>/dev/null
rm -rf "$DATA"`;

/** Addresses of servers that were started here. */
const ours = new Set<string>();

/**
 * DynamoDB with Streams: dynoxide in a process of its own, on `port` or a free one. Where AWS_ENDPOINT_URL_DYNAMODB names
 * another server (such as DynamoDB Local), that one is used, and neither started nor stopped by us.
 */
export async function startDynamoDb(port?: number): Promise<RunningServer> {
  const given = process.env["AWS_ENDPOINT_URL_DYNAMODB"];
  // A cloud's own environment may have been put into this process; its server is not there for the next cloud.
  if (given && !ours.has(given)) return { endpoint: given, close: async () => undefined };
  const binary = findBinary();
  for (let attempt = 1; ; attempt++) {
    try {
      const server = await startDynoxide(binary, port ?? (await freePort()));
      ours.add(server.endpoint);
      return server;
    } catch (error) {
      // Between choosing a free port and listening on it another process may take it.
      if (port !== undefined || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function findBinary(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("@dynoxide/linux-x64/package.json")), "dynoxide");
  } catch (cause) {
    throw new Error(
      `No DynamoDB for ${process.platform}-${process.arch}: start DynamoDB Local and set AWS_ENDPOINT_URL_DYNAMODB to its address.`,
      { cause },
    );
  }
}

async function startDynoxide(binary: string, port: number): Promise<RunningServer> {
  const data = mkdtempSync(join(tmpdir(), "crossfade-dynamodb-"));
  const file = join(data, "data.sqlite");
  const guard = spawn("/bin/sh", ["-c", GUARD, "sh", binary, "--port", String(port), "--db-path", file], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { DATA: data },
    // Ctrl-C in a terminal reaches a whole process group; the server must outlive our own orderly end.
    detached: true,
  });
  try {
    await ready(guard, `127.0.0.1:${port}`);
    indexStreamRecords(file);
  } catch (error) {
    await stop(guard);
    rmSync(data, { recursive: true, force: true });
    throw error;
  }
  return { endpoint: `http://127.0.0.1:${port}`, close: () => stop(guard) };
}

function ready(guard: ChildProcess, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => reject(new Error(`dynoxide did not start on ${address}: ${why} ${said}`.trim()));
    const timer = setTimeout(() => fail("no answer in time."), READY_WITHIN_MS);
    guard.once("error", (error) => fail(error.message));
    guard.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("listening on")) resolve();
      else if (/(error|panicked).*\n/i.test(said)) fail("it said:");
      else return;
      clearTimeout(timer);
    });
  });
}

function stop(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    guard.once("close", () => resolve());
    guard.stdin?.end();
  });
}

/**
 * Without an index dynoxide reads a table's whole stream at each write. The table is an internal of version 1.2.1: if a
 * later version names it otherwise this fails at once, rather than being slow in silence.
 */
function indexStreamRecords(file: string): void {
  const database = new DatabaseSync(file);
  try {
    const table = database
      .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_stream_records'")
      .get();
    if (table === undefined) throw new Error("this version of dynoxide has no table _stream_records");
    database.exec(
      "CREATE INDEX IF NOT EXISTS stream_order ON _stream_records(table_name, CAST(sequence_number AS INTEGER))",
    );
  } finally {
    database.close();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("no free port"));
      });
    });
  });
}
