import { type Dashboard, serveBridgeDashboard } from "@crossfade/local/dashboard";
import type { DemoOptions } from "./options.ts";
import { builtPages } from "./pages.ts";
import type { World } from "./world.ts";

/** Serves the dashboard while the traffic runs, and for as long as the demonstration does afterwards. */
export async function openDashboard(
  world: World,
  { port, verbose }: Pick<DemoOptions, "port" | "verbose">,
  say: (text: string) => void,
): Promise<Dashboard> {
  const staticDir = await builtPages(say);
  const tell = verbose ? (...told: readonly unknown[]) => console.error(...told) : () => undefined;
  return serveBridgeDashboard(world.bridge.deployed, { staticDir, port, tell });
}

/** Where it is, and how a program asks it. */
export async function invitation({ origin, issuer }: Dashboard): Promise<string> {
  const token = await issuer.issue("operator");
  return [
    `The dashboard is at ${origin} (sign in as viewer or operator; there is no password).`,
    `Its API, described at ${origin}/openapi.json, for eight hours as operator:`,
    `  curl -s -H 'Authorization: Bearer ${token}' ${origin}/api/overview`,
  ].join("\n");
}
