import { createApi, type ToldRequest, tokenVerifier } from "@crossfade/api";
import { type Deployed, deadLetterVariable } from "@crossfade/bridge/deployment";
import { composeConsole } from "@crossfade/functions/compose-console";
import { provideEnv } from "@crossfade/functions/env";
import { getConnInfo } from "@hono/node-server/conninfo";
import { LOCAL_ACCESS } from "./issuer.ts";
import { type Dashboard, type DashboardOptions, serveDashboard } from "./serve.ts";

export interface BridgeDashboardOptions extends Pick<DashboardOptions, "staticDir" | "port"> {
  /** Of requests that were refused, or (with the error) failed. */
  tell?(request: ToldRequest, error?: unknown): void;
}

/**
 * The dashboard of a bridge that was deployed on the embedded cloud, whose variables are this process's own: the same API,
 * and the same check of tokens, as in AWS.
 */
export function serveBridgeDashboard(
  { deadLetters, sources }: Pick<Deployed, "deadLetters" | "sources">,
  { tell = () => undefined, ...options }: BridgeDashboardOptions = {},
): Promise<Dashboard> {
  const intakes = Object.values(sources).map(({ intake }) => intake);
  provideEnv({ DEAD_LETTERS: JSON.stringify(deadLetterVariable({ deadLetters, intakes })) });
  return serveDashboard({
    ...options,
    api: ({ origin, issuer }) =>
      createApi({
        console: composeConsole(),
        verify: tokenVerifier({ issuer: issuer.url, ...LOCAL_ACCESS }),
        ...{ origin, tell },
        addressOf: (c) => getConnInfo(c).remote.address,
        now: () => Date.now(),
      }),
  });
}
