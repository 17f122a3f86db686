import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import * as z from "zod";
import { BuildRequest, type Built, buildFunction, findFunction } from "./build-function.ts";

const Call = z.object({ method: z.string(), params: z.array(z.unknown()).min(1) });

/** Where the config stands, where bundles go, and whether there are to be any. */
export interface Workshop {
  readonly root: string;
  readonly work: string;
  readonly bundles: boolean;
}

/** Bundles at the same time: each takes a tenth of a gigabyte. */
const AT_ONCE = 3;

/** Lets so many run at a time; the others wait. */
function inTurns<T>(most: number): (task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= most) await new Promise<void>((go) => waiting.push(go));
    running++;
    try {
      return await task();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}
const building = inTurns<Built>(AT_ONCE);

function functionOf({ root, work, bundles }: Workshop, request: BuildRequest): Promise<Built> {
  return bundles
    ? building(() => buildFunction(root, work, request))
    : Promise.resolve(findFunction(root, work, request));
}

async function answer(workshop: Workshop, request: IncomingMessage): Promise<unknown> {
  const { method, params } = Call.parse(await json(request));
  switch (method) {
    case "Provider.Aws.Bootstrap":
      return { asset: "sst-asset", state: "sst-state", assetEcrRegistryId: "", assetEcrUrl: "" };
    case "Runtime.Build":
      return functionOf(workshop, BuildRequest.parse(params[0]));
    default:
      throw new Error(`test/infra/synth/rpc-server.ts does not answer ${method}`);
  }
}

export interface RpcServer {
  readonly url: string;
  close(): void;
}

/** In the place of the SST program, which the components ask over HTTP for bundles and for the account's own bucket. */
export async function startRpc(workshop: Workshop): Promise<RpcServer> {
  const server = createServer((request, response) => {
    answer(workshop, request)
      .then((result) => ({ result }))
      .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
      .then((body) => response.end(JSON.stringify(body)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
