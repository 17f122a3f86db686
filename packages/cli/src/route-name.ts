import { RouteType } from "@crossfade/bridge";
import { composeMigration } from "@crossfade/functions/compose";
import { CliError, EXIT } from "./failure.ts";

/** Every route of the migration, in the order in which the contract lists them. */
export const everyRoute = (): readonly RouteType[] => [...composeMigration().routes.keys()];

/** @throws CliError that names the routes there are. */
export function routeNamed(name: string): RouteType {
  const route = RouteType.safeParse(name);
  const known = everyRoute();
  if (route.success && known.includes(route.data)) return route.data;
  throw new CliError(EXIT.badInput, `no route "${name}": use one of ${known.join(", ")}`);
}
