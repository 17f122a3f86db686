import { runGuards } from "@crossfade/bridge";
import { composeGuard } from "./compose-guard.ts";
import { Environment, readEnv } from "./env.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("guard");
const { deps, routes } = composeGuard();
const { GUARD_WITHIN_MS } = readEnv(Environment.pick({ GUARD_WITHIN_MS: true }));

/** What became of one run, in numbers of routes. */
export interface GuardCounts {
  readonly looked: number;
  readonly promoted: number;
  readonly rolledBack: number;
  /** By an earlier look: told of once more, since who did it may be a person's command, or have died. */
  readonly foundRolledBack: number;
  readonly failed: number;
  readonly left: number;
}

/** On a schedule: holds, promotes or rolls back each route that a person asked it to look after (X10). */
export async function handler(): Promise<GuardCounts> {
  const { entries, found, failures, left } = await runGuards(deps, routes, GUARD_WITHIN_MS);
  for (const { kind, why, route, from, to, version, looks, numbers } of entries) {
    const line = { route, kind, why, from, to, version, looks };
    if (kind === "hold") logger.info("Held", line);
    else logger.warn(kind === "promote" ? "Promoted" : "Rolled back", { ...line, numbers });
  }
  for (const { route, error } of failures) tell("Route not guarded", error, { route });
  const of = (kind: (typeof entries)[number]["kind"]) => entries.filter((entry) => entry.kind === kind).length;
  const counts = {
    looked: entries.length,
    promoted: of("promote"),
    rolledBack: of("roll-back"),
    foundRolledBack: found.length,
    failed: failures.length,
    left,
  };
  // A metric that never comes costs nothing; that of the looks says that it lives.
  for (const [what, number] of Object.entries(counts))
    if (number > 0 || what === "looked") count(`Guard.${what}`, number);
  await flush();
  return counts;
}
