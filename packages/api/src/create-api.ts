import { explain } from "@crossfade/bridge";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { matchedRoutes } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import { timeout } from "hono/timeout";
import { comparisons } from "./comparisons.ts";
import type { Console } from "./console.ts";
import { deadLetters } from "./dead-letters.ts";
import { describeApi } from "./document.ts";
import { guards } from "./guards.ts";
import { type ApiEnv, authorise, operation, show } from "./operation.ts";
import { type RateLimit, RateLimiter } from "./rate-limit.ts";
import { isOurFault, Refusal, toRefusal } from "./refusal.ts";
import { rollouts } from "./rollouts.ts";
import type { TokenVerifier } from "./token-verifier.ts";

/** Of a request that was not answered as it was meant: what may stand in a log. */
export interface ToldRequest {
  readonly requestId: string;
  readonly method: string;
  /** The endpoint's pattern, without what was asked for. */
  readonly endpoint: string;
  readonly status: number;
  readonly code: string;
}

export interface ApiDeps {
  readonly console: Console;
  readonly verify: TokenVerifier;
  /** The one origin whose pages may call: scheme, host and port. */
  readonly origin: string;
  /** The caller's address, as far as it is known and cannot be chosen by the caller. */
  addressOf(c: Context): string | undefined;
  /** Of a request that was refused, or (with the error) failed. */
  tell(request: ToldRequest, error?: unknown): void;
  now(): number;
  readonly limits?: Partial<ApiLimits>;
}

export interface ApiLimits {
  /** For each person. */
  readonly subject: RateLimit;
  /** For each address, also without a token: an office may stand behind one. */
  readonly address: RateLimit;
  /** Milliseconds; less than API Gateway waits, which is 30 s. */
  readonly timeoutMs: number;
  /** Of a body; lists of cohorts may be long. */
  readonly bodyBytes: number;
}

const LIMITS: ApiLimits = {
  subject: { burst: 60, perSecond: 10 },
  address: { burst: 300, perSecond: 50 },
  timeoutMs: 25_000,
  bodyBytes: 256 * 1024,
};

const TIMED_OUT = {
  code: "TIMEOUT",
  message: "it took too long; it may still be done: look before you repeat it",
};

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

/** What a person sees and does of a migration, over HTTP. The same in Lambda and beside the embedded cloud. */
export function createApi(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const { console, verify, origin, addressOf, tell, now } = deps;
  const limits = { ...LIMITS, ...deps.limits };
  const bySubject = new RateLimiter(limits.subject, now);
  const byAddress = new RateLimiter(limits.address, now);

  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const { field, rule } = explain(result.error);
      const status = result.target === "param" ? 404 : 400;
      throw new Refusal(status, { code: "INVALID_REQUEST", message: `${field}: ${rule}`, field });
    },
  });

  app.onError((error, c) => {
    const refusal =
      error instanceof HTTPException && error.status === 504 ? new Refusal(504, TIMED_OUT) : toRefusal(error);
    const { method, path = "" } = matchedRoutes(c).findLast((route) => route.method !== "ALL") ?? {
      method: c.req.method,
    };
    const { status, body } = refusal;
    const told = { requestId: c.get("requestId"), method, endpoint: path, status, code: body.code };
    tell(told, isOurFault(refusal) ? error : undefined);
    return c.json(body, status, refusal.headers);
  });
  app.notFound(() => {
    throw new Refusal(404, { code: "NOT_FOUND", message: "there is nothing here: see /openapi.json" });
  });

  app.use(requestId({ headerName: "X-Request-Id" }), headers, noStore, fromHere(origin));
  app.use(
    cors({
      origin,
      allowMethods: ["GET", "PUT", "POST", "DELETE"],
      maxAge: 600,
      allowHeaders: ["Authorization", "Content-Type"],
      exposeHeaders: ["Retry-After", "X-Request-Id"],
    }),
  );
  app.use(async (c, next) => {
    byAddress.take(addressOf(c) ?? "unknown");
    await next();
  });
  app.use(timeout(limits.timeoutMs));
  app.use(
    bodyLimit({
      maxSize: limits.bodyBytes,
      onError: () => {
        throw new Refusal(413, { code: "BODY_TOO_LARGE", message: `a body may have ${limits.bodyBytes} bytes` });
      },
    }),
  );
  app.use("/api/*", async (c, next) => {
    const person = await verify(bearer(c));
    bySubject.take(person.subject);
    c.set("person", person);
    await next();
  });
  app.use("/api/*", authorise);

  app.openapi(
    operation({
      ...({ method: "get", path: "/api/me", role: "viewer", answer: "Me" } as const),
      summary: "Who the token says you are",
      request: {},
    }),
    (c) => {
      const { subject, name, role } = c.get("person");
      return show(c, "Me", { subject, name, role });
    },
  );
  rollouts(app, console);
  comparisons(app, console);
  guards(app, console);
  deadLetters(app, console);
  describeApi(app);
  return app;
}
