import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One call of Invoke as it came. */
export interface Invocation {
  readonly functionArn: string;
  readonly type: string;
  readonly payload: string;
}

export interface LambdaServer {
  readonly endpoint: string;
  readonly invocations: Invocation[];
  /** What it answers from now on; 202 is what Lambda says of an event that it queued. `silence`: it hangs up. */
  answer(status: number | "silence", errorType?: string): void;
  close(): Promise<void>;
}

/** Stands for Lambda: takes asynchronous invocations over HTTP and runs nothing. */
export async function startLambdaServer(): Promise<LambdaServer> {
  const invocations: Invocation[] = [];
  let answer: { readonly status: number | "silence"; readonly errorType?: string | undefined } = { status: 202 };
  const server = createServer(async (request, response) => {
    let payload = "";
    request.setEncoding("utf8");
    for await (const chunk of request) payload += String(chunk);
    const [, , , functionArn = ""] = (request.url ?? "").split("/");
    const type = String(request.headers["x-amz-invocation-type"]);
    invocations.push({ functionArn: decodeURIComponent(functionArn), type, payload });
    const { status, errorType } = answer;
    if (status === "silence") request.socket.destroy();
    else if (errorType === undefined) response.writeHead(status).end();
    else response.writeHead(status, { "x-amzn-errortype": errorType }).end(JSON.stringify({ Type: "User" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    invocations,
    answer: (status, errorType) => {
      answer = { status, errorType };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
