import { BridgeError, type RouteType } from "@crossfade/bridge";
import { RolloutChange, RolloutRequest } from "@crossfade/bridge/console";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Console } from "./console.ts";
import { known } from "./known-route.ts";
import { type ApiEnv, body, operation, seenBy, show } from "./operation.ts";
import { Refusal } from "./refusal.ts";
import { HoursQuery, RouteParams, StopBody } from "./requests.ts";

/** The overview, a route, and how far it has been moved. */
export function rollouts(app: OpenAPIHono<ApiEnv>, console: Console): void {
  /** Says with a refusal which version there is, so that a person can look at it and decide anew. */
  const orVersion = async <T>(route: RouteType, change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } catch (error) {
      if (!(error instanceof BridgeError && error.code === "ROLLOUT_CHANGED")) throw error;
      const { version } = await console.rollout(route);
      throw new Refusal(409, { code: error.code, message: error.message, version });
    }
  };

  app.openapi(
    operation({
      ...({ method: "get", path: "/api/overview", role: "viewer", answer: "Overview" } as const),
      summary: "All routes, with the counts of the last hours",
      request: { query: HoursQuery },
    }),
    async (c) => show(c, "Overview", await console.overview(c.req.valid("query").hours)),
  );

  app.openapi(
    operation({
      ...({ method: "get", path: "/api/routes/{route}", role: "viewer", answer: "RouteDetail" } as const),
      summary: "One route: hour by hour, its differences, its guard",
      request: { params: RouteParams, query: HoursQuery },
    }),
    async (c) => {
      const route = known(console, c.req.valid("param").route);
      return show(c, "RouteDetail", await console.route(route, c.req.valid("query").hours));
    },
  );

  app.openapi(
    operation({
      ...({ method: "put", path: "/api/routes/{route}/rollout", role: "operator", answer: "Rollout" } as const),
      summary: "Changes how far a route is moved",
      request: { params: RouteParams, body: body(RolloutRequest) },
    }),
    async (c) => {
      const route = known(console, c.req.valid("param").route);
      const change = console.changeRollout(route, c.req.valid("json"), c.get("person").name);
      return show(c, "Rollout", await orVersion(route, change));
    },
  );

  app.openapi(
    operation({
      ...({ method: "post", path: "/api/routes/{route}/rollout/preview", role: "viewer" } as const),
      answer: "RolloutPreview",
      summary: "What a change of the rollout would do; changes nothing",
      request: { params: RouteParams, body: body(RolloutChange) },
    }),
    async (c) => {
      const route = known(console, c.req.valid("param").route);
      const change = c.req.valid("json");
      const see = seenBy(c);
      // Who names a customer would be told by the numbers whether that customer has work in flight.
      if (see === "masked" && (change.include ?? change.exclude) !== undefined)
        throw new Refusal(403, { code: "OPERATOR_REQUIRED", message: "only an operator may name cohorts" });
      return show(c, "RolloutPreview", await console.previewRollout(route, change, see));
    },
  );

  app.openapi(
    operation({
      ...({ method: "post", path: "/api/routes/{route}/rollout/pause", role: "operator", answer: "Rollout" } as const),
      summary: "Sends what comes from now on to the legacy path, until it is resumed",
      request: { params: RouteParams, body: body(StopBody) },
    }),
    async (c) => {
      const route = known(console, c.req.valid("param").route);
      const { reason, version } = c.req.valid("json");
      const paused = console.pauseRollout(route, { by: c.get("person").name, reason }, version);
      return show(c, "Rollout", await orVersion(route, paused));
    },
  );

  app.openapi(
    operation({
      ...({ method: "post", path: "/api/routes/{route}/rollout/resume", role: "operator", answer: "Rollout" } as const),
      summary: "Takes a paused route to where it stood",
      request: { params: RouteParams, body: body(StopBody) },
    }),
    async (c) => {
      const route = known(console, c.req.valid("param").route);
      const { reason, version } = c.req.valid("json");
      const resumed = console.resumeRollout(route, { by: c.get("person").name, reason }, version);
      return show(c, "Rollout", await orVersion(route, resumed));
    },
  );
}
