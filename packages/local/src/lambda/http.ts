import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { RunningServer } from "../contract.ts";
import { listen } from "../listen.ts";
import type { Action, Reply, Request } from "./action.ts";
import { LambdaError, notSupported, tooLarge } from "./errors.ts";
import { SYNC_PAYLOAD_BYTES } from "./limits.ts";

/** Lambda's REST protocol: method and path name the action, errors their type in a header. */
export async function serve(actions: readonly Action[], port: number): Promise<RunningServer> {
  const server = createServer((request, response) => {
    answer(request, actions).then(({ status, headers, body }) => {
      response.writeHead(status, { "content-type": "application/json", "x-amzn-requestid": randomUUID(), ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    });
  });
  return listen(server, port);
}

async function answer(message: IncomingMessage, actions: readonly Action[]): Promise<Reply> {
  try {
    const request = await read(message);
    for (const action of actions) {
      const reply = action(request);
      if (reply !== undefined) return await reply;
    }
    throw notSupported(`${request.method} ${request.url.pathname}`);
  } catch (error) {
    return errorReply(error);
  }
}

/** A request over the greatest limit is read to its end, so that its sender gets the answer, but not kept. */
async function read(message: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes <= SYNC_PAYLOAD_BYTES) chunks.push(buffer);
  }
  if (bytes > SYNC_PAYLOAD_BYTES) throw tooLarge(bytes, SYNC_PAYLOAD_BYTES);
  const { method = "GET", url = "/", headers } = message;
  return {
    method,
    url: new URL(`http://lambda${url.startsWith("/") ? url : "/"}`),
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function errorReply(error: unknown): Reply {
  const { code, status, message } =
    error instanceof LambdaError ? error : new LambdaError("ServiceException", 500, String(error));
  const Type = status < 500 ? "User" : "Service";
  return { status, headers: { "x-amzn-errortype": code }, body: { Type, Message: message, message } };
}
