import type { See } from "@crossfade/bridge/console";
import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type * as z from "zod";
import { componentRef, type ViewName, views } from "./components.ts";
import { visible } from "./masked.ts";
import { mayAct, type Person, type Role, seeOf } from "./person.ts";
import { Refusal } from "./refusal.ts";

export interface ApiEnv {
  Variables: { person: Person; requestId: string };
}

const declared = new WeakMap<object, Role>();

/** Declares who may call the endpoint; `authorise` reads it. */
function allow(role: Role): MiddlewareHandler {
  const declaration: MiddlewareHandler = (_, next) => next();
  declared.set(declaration, role);
  return declaration;
}

/** The role that a handler declares; undefined for one that declares none. */
export const declaredRole = (handler: object): Role | undefined => declared.get(handler);

/** Deny by default: an endpoint that declares no role answers nobody. */
export const authorise: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const endpoint = matchedRoutes(c).filter(({ method }) => method !== "ALL");
  const roles = endpoint.flatMap(({ handler }) => declaredRole(handler) ?? []);
  if (endpoint.length > 0 && roles.length === 0)
    throw new Refusal(403, { code: "NO_ROLE_DECLARED", message: "this endpoint does not say who may use it" });
  if (!roles.every((role) => mayAct(c.get("person"), role)))
    throw new Refusal(403, { code: "OPERATOR_REQUIRED", message: "only an operator may do that" });
  await next();
};

const json = (view: ViewName) => ({ "application/json": { schema: componentRef(view) } });
const refusal = (description: string) => ({ description, content: json("ApiError") });

const REFUSALS = {
  400: refusal("A parameter breaks a rule; `field` names it"),
  401: refusal("No token, or one that is not good"),
  403: refusal("The token's role may not do that"),
  404: refusal("No such route, queue or difference"),
  429: refusal("Too many requests; Retry-After says for how many seconds"),
  500: refusal("Our fault; logged under X-Request-Id"),
  503: refusal("Something does not answer; Retry-After says when to try again"),
} as const satisfies RouteConfig["responses"];

const WRITE_REFUSALS = {
  409: refusal("Somebody was faster; `version` is that of the rollout now"),
  413: refusal("The body is too large"),
  415: refusal("The body's type is not application/json"),
  422: refusal("What is asked for breaks a rule; `field` names it"),
  504: refusal("It took too long, and may have been done: look before you repeat it"),
} as const satisfies RouteConfig["responses"];

/** An endpoint as the document tells of it, and who may call it. */
export function operation<P extends string, M extends "get" | "put" | "post" | "delete", R extends object>(says: {
  readonly method: M;
  readonly path: P;
  readonly role: Role;
  readonly summary: string;
  readonly answer: ViewName;
  readonly request: R;
}) {
  const { method, path, role, summary, answer, request } = says;
  const responses: RouteConfig["responses"] = {
    200: { description: summary, content: json(answer) },
    ...REFUSALS,
    ...(method !== "get" && WRITE_REFUSALS),
  };
  const security = [{ oidc: [role] }];
  return createRoute({ method, path, summary, request, responses, security, middleware: allow(role) });
}

/** Of a write: JSON and nothing else, so that no page of another origin can send it without being asked about first. */
export const body = <S extends z.ZodType>(schema: S) =>
  ({ required: true, content: { "application/json": { schema } } }) as const;

export const seenBy = (c: Context<ApiEnv>): See => seeOf(c.get("person"));

/** Answers with a view, as its schema has it and as far as the one who asks may see it. */
export function show<N extends ViewName>(c: Context<ApiEnv>, name: N, view: z.output<(typeof views)[N]>): Response {
  return c.json(views[name].parse(visible(view, seenBy(c))));
}
