import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import * as z from "zod";
import { BuildRequest, buildFunction } from "./build-function.ts";

const Call = z.object({ method: z.string(), params: z.array(z.unknown()).min(1) });

async function answer(root: string, work: string, request: IncomingMessage): Promise<unknown> {
  const { method, params } = Call.parse(await json(request));
  switch (method) {
    case "Provider.Aws.Bootstrap":
      return { asset: "sst-asset", state: "sst-state", assetEcrRegistryId: "", assetEcrUrl: "" };
    case "Runtime.Build":
      return buildFunction(root, work, BuildRequest.parse(params[0]));
    default:
      throw new Error(`test/infra/synth/rpc-server.ts does not answer ${method}`);
  }
}

export interface RpcServer {
  readonly url: string;
  close(): void;
}

/** In the place of the SST program, which the components ask over HTTP for bundles and for the account's own bucket. */
export async function startRpc(root: string, work: string): Promise<RpcServer> {
  const server = createServer((request, response) => {
    answer(root, work, request)
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
