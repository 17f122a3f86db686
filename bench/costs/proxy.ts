import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as send,
} from "node:http";
import { actionOf, callOf, type Exchange } from "./calls.ts";
import { askingForUnits } from "./dynamodb-units.ts";
import type { Call } from "./tally.ts";

interface CountingProxy {
  readonly url: string;
  close(): Promise<void>;
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Headers for a body of that length, which comes whole however it came before. */
function headersFor(given: IncomingHttpHeaders, body: Buffer): OutgoingHttpHeaders {
  const { "transfer-encoding": _, connection: __, ...headers } = given;
  return { ...headers, "content-length": String(body.length) };
}

/** Sends a request on. It ends with its sender, so that a server never answers somebody who has gone. */
async function forward(asked: IncomingMessage, answered: ServerResponse, upstream: URL, body: Buffer) {
  const headers = { ...headersFor(asked.headers, body), host: upstream.host };
  const gone = new AbortController();
  answered.once("close", () => gone.abort());
  const onward = send(upstream, { method: asked.method, path: asked.url, headers, signal: gone.signal });
  onward.end(body);
  const [reply]: IncomingMessage[] = await once(onward, "response");
  if (reply === undefined) throw new Error("the server gave no answer");
  return { status: reply.statusCode ?? 0, headers: reply.headers, answer: await read(reply) };
}

export interface Watch {
  onCall(call: Call): void;
  /** An exchange that could not be carried on or understood, though its sender waits: it is not counted. */
  onBroken(error: unknown): void;
}

/** Stands between SDK clients and one service of the embedded cloud, changes nothing, and tells of every call. */
async function startProxy(service: string, endpoint: string, { onCall, onBroken }: Watch): Promise<CountingProxy> {
  const upstream = new URL(endpoint);
  const server = createServer(async (asked, answered) => {
    try {
      const given = await read(asked);
      const { headers, method = "" } = asked;
      const seen = { service, method, headers, body: given.toString() };
      const isCounted = service === "dynamodb" && actionOf(seen) !== "GET";
      const body = isCounted ? Buffer.from(askingForUnits(seen.body)) : given;
      const reply = await forward(asked, answered, upstream, body);
      const exchange: Exchange = { ...seen, status: reply.status, answer: reply.answer.toString() };
      onCall(callOf(exchange));
      answered.writeHead(reply.status, headersFor(reply.headers, reply.answer));
      answered.end(reply.answer);
    } catch (error) {
      if (!answered.destroyed) onBroken(error);
      answered.destroy();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const SERVICES = ["sqs", "sns", "s3", "dynamodb", "sfn", "lambda"] as const;

export interface CountingProxies {
  /** What an SDK needs to go by them. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A proxy for each service that the bridge's functions and workers call. */
export async function startProxies(
  endpoints: Readonly<Record<(typeof SERVICES)[number], string>>,
  watch: Watch,
): Promise<CountingProxies> {
  const started = await Promise.all(
    SERVICES.map(async (service) => [service, await startProxy(service, endpoints[service], watch)] as const),
  );
  return {
    env: Object.fromEntries(started.map(([service, { url }]) => [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, url])),
    close: async () => {
      await Promise.all(started.map(([, proxy]) => proxy.close()));
    },
  };
}
