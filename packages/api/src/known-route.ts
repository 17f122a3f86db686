import type { RouteType } from "@crossfade/bridge";
import type { Console } from "./console.ts";
import { Refusal } from "./refusal.ts";

/** @throws Refusal 404 for a route that the migration does not have. */
export function known({ routes }: Pick<Console, "routes">, route: RouteType): RouteType {
  if (routes.has(route)) return route;
  throw new Refusal(404, { code: "UNKNOWN_ROUTE", message: `there is no route ${route}`, field: "route" });
}
