import type { Server } from "node:http";
import type { RunningServer } from "./contract.ts";

const HOST = "127.0.0.1";

/** Longer than clients keep an idle connection, so that none meets one that is just being closed. */
const KEEP_ALIVE_MS = 120_000;

/** Listens on 127.0.0.1; port 0 takes any free one. Closing ends open connections too. */
export async function listen(server: Server, port: number): Promise<RunningServer> {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(port, HOST, resolve);
  await listening;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    endpoint: `http://${HOST}:${address.port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
