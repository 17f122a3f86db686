import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Console } from "./console.ts";
import { known } from "./known-route.ts";
import { type ApiEnv, operation, seenBy, show } from "./operation.ts";
import { Refusal } from "./refusal.ts";
import { DifferenceParams, RequestParams, RequestQuery, RouteParams, VerdictQuery } from "./requests.ts";

/** Old and new beside each other: verdicts, kinds of difference, and the story of one request. */
export function comparisons(app: OpenAPIHono<ApiEnv>, console: Console): void {
  app.openapi(
    operation({
      ...({ method: "get", path: "/api/routes/{route}/verdicts", role: "viewer", answer: "VerdictPage" } as const),
      summary: "Requests with a verdict other than match, newest first",
      request: { params: RouteParams, query: VerdictQuery },
    }),
    async (c) => {
      const { verdict, ...page } = c.req.valid("query");
      return show(c, "VerdictPage", await console.verdicts(known(console, c.req.valid("param").route), verdict, page));
    },
  );

  app.openapi(
    operation({
      ...({ method: "get", path: "/api/routes/{route}/differences/{against}/{id}", role: "viewer" } as const),
      answer: "DifferenceView",
      summary: "One kind of difference, with requests that have it",
      request: { params: DifferenceParams },
    }),
    async (c) => {
      const { route, against, id } = c.req.valid("param");
      const found = await console.difference(known(console, route), against, id);
      if (found !== undefined) return show(c, "DifferenceView", found);
      throw new Refusal(404, { code: "UNKNOWN_DIFFERENCE", message: "no such difference was found", field: "id" });
    },
  );

  // Some gateways decode a path before they pass it on: an id with a slash or a question mark is whole in a query alone.
  app.openapi(
    operation({
      ...({ method: "get", path: "/api/requests", role: "viewer", answer: "RequestStories" } as const),
      summary: "The same as /api/requests/{requestId}, for any id",
      request: { query: RequestQuery },
    }),
    async (c) => show(c, "RequestStories", await console.requestStories(c.req.valid("query").id, seenBy(c))),
  );

  app.openapi(
    operation({
      ...({ method: "get", path: "/api/requests/{requestId}", role: "viewer", answer: "RequestStories" } as const),
      summary: "What happened to a request, on every route that has one of that id",
      request: { params: RequestParams },
    }),
    async (c) => show(c, "RequestStories", await console.requestStories(c.req.valid("param").requestId, seenBy(c))),
  );
}
