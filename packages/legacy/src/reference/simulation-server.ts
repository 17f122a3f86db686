import { serve } from "@hono/node-server";
import { Hono } from "hono";
import * as z from "zod";
import { FindRequest, SendRequest, SessionRequest } from "../service-protocol.ts";
import type { CommandHead, ReceivedCommand, Simulation } from "./simulation.ts";

/** A simulated service that listens. */
export interface SimulatedService {
  readonly url: string;
  /** Every command it was sent, in the order in which they were worked; also at `GET /commands`. */
  commands(): readonly ReceivedCommand[];
  stop(): Promise<void>;
}

const HTTP_STATUS = { done: 200, refused: 409, unavailable: 503, rejected: 403, unknown: 404 } as const;

/** Serves a simulation on 127.0.0.1. Port 0 lets the system choose. `extend` adds what only this service answers. */
export async function serveSimulation<Command extends CommandHead>(
  simulation: Simulation<Command>,
  commandSchema: z.ZodType<Command>,
  port: number,
  extend: (app: Hono) => void = () => undefined,
): Promise<SimulatedService> {
  const app = new Hono();
  extend(app);
  app.onError((error, context) => {
    const invalid = error instanceof z.ZodError || error instanceof SyntaxError;
    return context.json({ error: invalid ? `invalid request: ${error.message}` : error.message }, invalid ? 400 : 500);
  });
  app.post("/sessions", async (context) => {
    const { clientId } = SessionRequest.parse(await context.req.json());
    return context.json({ session: simulation.login(clientId) });
  });
  app.post("/commands", async (context) => {
    const request = SendRequest.parse(await context.req.json());
    const answer = await simulation.send(request, commandSchema.parse(request.command));
    return context.json(answer, HTTP_STATUS[answer.status]);
  });
  app.post("/commands/find", async (context) => {
    const answer = await simulation.find(FindRequest.parse(await context.req.json()));
    return context.json(answer, HTTP_STATUS[answer.status]);
  });
  app.get("/commands", (context) => context.json(simulation.received));

  const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (address) => resolve(address.port));
  server.once("error", reject);
  return {
    url: `http://127.0.0.1:${await listening}`,
    commands: () => simulation.received,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}
