import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** The DynamoDB that the integrations are tested against: AWS_ENDPOINT_URL_DYNAMODB if set, else dynoxide. */
export async function startDynamo(): Promise<{ endpoint: string; close: () => Promise<void> }> {
  const given = process.env["AWS_ENDPOINT_URL_DYNAMODB"];
  if (given !== undefined) return { endpoint: given, close: async () => {} };
  const port = await freePort();
  const folder = new URL("./", import.meta.resolve("@dynoxide/linux-x64/package.json"));
  const child = spawn(fileURLToPath(new URL("dynoxide", folder)), ["--port", String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await once(child.stderr, "data");
  return { endpoint: `http://127.0.0.1:${port}`, close: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill();
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
