import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { RunningServer } from "../contract.ts";
import { listen } from "../listen.ts";
import type { Client, World } from "./api/action.ts";
import { dispatch } from "./dispatch.ts";

/** Above any request that AWS accepts: a definition of 1 MiB, escaped. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * What to do if an answer turns out to be unread: the caller's system resets the connection when it closes with bytes
 * that nobody read. The next request on the same connection proves that the last answer was read.
 */
const unread = new WeakMap<Socket, (() => void)[]>();

export async function serve(world: World, port: number): Promise<RunningServer> {
  const server = createServer((request, response) => void answer(request, response, world));
  server.on("connection", (socket) => {
    socket.on("close", (wasReset) => {
      if (wasReset) for (const listener of unread.get(socket) ?? []) listener();
    });
  });
  return listen(server, port);
}

async function answer(request: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  unread.delete(request.socket);
  const client = clientOf(request.socket, response);
  const text = await readBody(request);
  if (text === undefined) return;
  const { status, body } = await dispatch(String(request.headers["x-amz-target"] ?? ""), text, world, client);
  if (client.gone) return;
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID() });
  response.end(JSON.stringify(body));
}

/** Undefined when there is nobody left to answer. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length > MAX_BODY_BYTES) request.destroy();
      chunks.push(bytes);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function clientOf(socket: Socket, response: ServerResponse): Client {
  return {
    get gone() {
      return response.closed && !response.writableFinished;
    },
    onGone(listener) {
      response.once("close", () => {
        if (response.writableFinished) unread.set(socket, [...(unread.get(socket) ?? []), listener]);
        else listener();
      });
    },
    onAnswered(listener) {
      response.once("finish", listener);
    },
  };
}
