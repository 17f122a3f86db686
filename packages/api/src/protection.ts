import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { timeout } from "hono/timeout";
import type { ApiDeps, ApiLimits } from "./api-deps.ts";
import { type ApiEnv, authorise } from "./operation.ts";
import { RateLimiter } from "./rate-limit.ts";
import { Refusal } from "./refusal.ts";

/** Nothing that is answered is a page, and nothing of it may be kept by anybody on the way. */
const headers = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  referrerPolicy: "no-referrer",
  xFrameOptions: "DENY",
});

const noStore: MiddlewareHandler = async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
};

/** A browser says where a page comes from, and no page can change what it says. */
const fromHere =
  (origin: string): MiddlewareHandler =>
  async (c, next) => {
    const given = c.req.header("Origin");
    if (given !== undefined && given !== origin)
      throw new Refusal(403, { code: "FOREIGN_ORIGIN", message: "pages of other origins may not call" });
    await next();
  };

/** The header alone: no cookie that a browser sends by itself, no parameter that ends in logs. */
const bearer = (c: Context): string => {
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(c.req.header("Authorization") ?? "") ?? [];
  if (token !== undefined) return token;
  const message = "send the token of an operator or a viewer: Authorization: Bearer ...";
  throw new Refusal(401, { code: "TOKEN_MISSING", message }, { "WWW-Authenticate": "Bearer" });
};

/** Our own: one that the caller chose could be another's in the log. */
const named: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const requestId = crypto.randomUUID();
  c.set("requestId", requestId);
  c.header("X-Request-Id", requestId);
  await next();
};

/** Of the one origin alone; a page of another is told nothing. */
const forPagesOf = (origin: string): MiddlewareHandler =>
  cors({
    origin,
    allowMethods: ["GET", "PUT", "POST", "DELETE"],
    allowHeaders: ["Authorization", "Content-Type"],
    exposeHeaders: ["Retry-After", "X-Request-Id"],
    maxAge: 600,
  });

const bounded = (maxSize: number): MiddlewareHandler =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new Refusal(413, { code: "BODY_TOO_LARGE", message: `a body may have ${maxSize} bytes` });
    },
  });

/** What stands before every endpoint, from the outside in: what costs least refuses first. */
export function protect(app: OpenAPIHono<ApiEnv>, deps: ApiDeps, limits: ApiLimits): void {
  const { verify, origin, addressOf, now } = deps;
  const bySubject = new RateLimiter(limits.subject, now);
  const byAddress = new RateLimiter(limits.address, now);
  app.use(named, headers, noStore, fromHere(origin), forPagesOf(origin));
  app.use(async (c, next) => {
    byAddress.take(addressOf(c) ?? "unknown");
    await next();
  });
  app.use(timeout(limits.timeoutMs), bounded(limits.bodyBytes));
  app.use("/api/*", async (c, next) => {
    const person = await verify(bearer(c));
    bySubject.take(person.subject);
    c.set("person", person);
    await next();
  });
  app.use("/api/*", authorise);
}
