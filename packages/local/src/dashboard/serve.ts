import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { RunningServer } from "../contract.ts";
import { listen } from "../listen.ts";
import { createIssuer, type Issuer, LOCAL_ACCESS } from "./issuer.ts";
import { pages } from "./pages.ts";

/** Where it is served, and who signs people in there. */
export interface Place {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly issuer: Issuer;
}

export interface DashboardOptions {
  /** The API, built once its own origin and its issuer are known; it answers under /api and at /openapi.json. */
  api(place: Place): Pick<Hono, "fetch">;
  /** The built app; without it, API and sign-in are served alone. */
  readonly staticDir?: string | undefined;
  /** Any free one unless given. */
  readonly port?: number | undefined;
}

export interface Dashboard extends RunningServer, Place {}

/** API, sign-in and app at one address on 127.0.0.1. The issuer is under /oidc, what the app must know is in /settings.json. */
export async function serveDashboard({ api, staticDir, port = 0 }: DashboardOptions): Promise<Dashboard> {
  const app = new Hono();
  // Its own address is known only once it listens.
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const listener = getRequestListener(
    async (request, env) => {
      await ready;
      return app.fetch(request, env);
    },
    { overrideGlobalObjects: false },
  );
  const running = await listen(createServer(listener), port);
  const { endpoint: origin } = running;

  const issuer = await createIssuer(`${origin}/oidc`);
  const place = { origin, issuer };
  const served = api(place);
  const { clientId } = LOCAL_ACCESS;
  const settings = { apiUrl: "/api", issuer: issuer.url, clientId, scope: "openid profile email" };
  app.all("/api/*", (c) => served.fetch(c.req.raw, c.env));
  app.all("/openapi.json", (c) => served.fetch(c.req.raw, c.env));
  app.all("/oidc/*", (c) => issuer.app.fetch(c.req.raw));
  app.get("/settings.json", (c) => c.json(settings, 200, { "Cache-Control": "no-cache" }));
  if (staticDir !== undefined) app.route("/", pages(staticDir));
  resolve();
  return { ...running, ...place };
}
