import { type ApiDeps, createApi, tokenVerifier } from "@crossfade/api";
import { composeConsole } from "./compose-console.ts";
import { Environment, readEnv } from "./env.ts";
import type { HttpSource } from "./http-event.ts";

/** The API of one deployment, and how it is asked. */
export function composeApi(tell: ApiDeps["tell"]): (request: Request, source: HttpSource) => Promise<Response> {
  const env = readEnv(
    Environment.pick({
      DASHBOARD_ISSUER: true,
      DASHBOARD_AUDIENCE: true,
      DASHBOARD_ORIGIN: true,
      DASHBOARD_ROLE_CLAIM: true,
      DASHBOARD_VIEWERS: true,
      DASHBOARD_OPERATORS: true,
    }),
  );
  const verify = tokenVerifier({
    issuer: env.DASHBOARD_ISSUER,
    audience: env.DASHBOARD_AUDIENCE,
    roleClaim: env.DASHBOARD_ROLE_CLAIM,
    viewers: env.DASHBOARD_VIEWERS,
    operators: env.DASHBOARD_OPERATORS,
  });
  const addresses = new WeakMap<Request, string>();
  const api = createApi({
    ...{ console: composeConsole(), verify, origin: env.DASHBOARD_ORIGIN, tell },
    addressOf: ({ req }) => addresses.get(req.raw),
    now: () => Date.now(),
  });
  return async (request, { sourceIp }) => {
    addresses.set(request, sourceIp);
    return api.fetch(request);
  };
}
