import { GuardRequest } from "@crossfade/bridge/console";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Console } from "./console.ts";
import { known } from "./known-route.ts";
import { type ApiEnv, body, operation, show } from "./operation.ts";
import { PageQuery, ReasonBody, RouteParams } from "./requests.ts";

/** What the guard was asked to do, and everything that was changed or decided. */
export function guards(app: OpenAPIHono<ApiEnv>, console: Console): void {
  app.openapi(
    operation({
      ...({ method: "get", path: "/api/routes/{route}/guard", role: "viewer", answer: "GuardAnswer" } as const),
      summary: "What the guard was asked to do with a route, and its newest decision",
      request: { params: RouteParams },
    }),
    async (c) => {
      const guard = await console.guard(known(console, c.req.valid("param").route));
      return show(c, "GuardAnswer", { guard });
    },
  );

  app.openapi(
    operation({
      ...({ method: "put", path: "/api/routes/{route}/guard", role: "operator", answer: "GuardAnswer" } as const),
      summary: "Asks the guard to look after a route",
      request: { params: RouteParams, body: body(GuardRequest) },
    }),
    async (c) => {
      const route = known(console, c.req.valid("param").route);
      const guard = await console.setGuard(route, c.req.valid("json"), c.get("person").name);
      return show(c, "GuardAnswer", { guard });
    },
  );

  app.openapi(
    operation({
      ...({ method: "delete", path: "/api/routes/{route}/guard", role: "operator", answer: "GuardAnswer" } as const),
      summary: "Takes the guard off a route; its rollout stays",
      request: { params: RouteParams, body: body(ReasonBody) },
    }),
    async (c) => {
      const { reason } = c.req.valid("json");
      await console.removeGuard(known(console, c.req.valid("param").route), { by: c.get("person").name, reason });
      return show(c, "GuardAnswer", {});
    },
  );

  app.openapi(
    operation({
      ...({ method: "get", path: "/api/routes/{route}/audit", role: "viewer", answer: "AuditPage" } as const),
      summary: "Changes and decisions, newest first",
      request: { params: RouteParams, query: PageQuery },
    }),
    async (c) => {
      const route = known(console, c.req.valid("param").route);
      return show(c, "AuditPage", await console.audit(route, c.req.valid("query")));
    },
  );
}
