import { explain } from "@crossfade/bridge";
import { OpenAPIHono } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { matchedRoutes } from "hono/route";
import { type ApiDeps, LIMITS } from "./api-deps.ts";
import { comparisons } from "./comparisons.ts";
import { deadLetters } from "./dead-letters.ts";
import { describeApi } from "./document.ts";
import { guards } from "./guards.ts";
import { type ApiEnv, operation, show } from "./operation.ts";
import { protect } from "./protection.ts";
import { isOurFault, Refusal, toRefusal } from "./refusal.ts";
import { rollouts } from "./rollouts.ts";

const TIMED_OUT = {
  code: "TIMEOUT",
  message: "it took too long; it may still be done: look before you repeat it",
};

/** Every refusal, and everything thrown, in the one shape of errors; told to the log without what was asked. */
function tellRefusals(app: OpenAPIHono<ApiEnv>, tell: ApiDeps["tell"]): void {
  app.onError((error, c) => {
    const isLate = error instanceof HTTPException && error.status === 504;
    const refusal = isLate ? new Refusal(504, TIMED_OUT) : toRefusal(error);
    const endpoint = matchedRoutes(c).findLast(({ method }) => method !== "ALL")?.path ?? "";
    const { status, body } = refusal;
    const told = { requestId: c.get("requestId"), method: c.req.method, endpoint, status, code: body.code };
    tell(told, isOurFault(refusal) ? error : undefined);
    return c.json(body, status, refusal.headers);
  });
  app.notFound(() => {
    throw new Refusal(404, { code: "NOT_FOUND", message: "there is nothing here: see /openapi.json" });
  });
}

/** What a person sees and does of a migration, over HTTP. The same in Lambda and beside the embedded cloud. */
export function createApi(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const { console, tell } = deps;
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const { field, rule } = explain(result.error);
      const status = result.target === "param" ? 404 : 400;
      throw new Refusal(status, { code: "INVALID_REQUEST", message: `${field}: ${rule}`, field });
    },
  });
  tellRefusals(app, tell);
  protect(app, deps, { ...LIMITS, ...deps.limits });
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
