import { hourOf } from "./compare/counts.ts";
import type { GuardRequest } from "./console/views.ts";
import { BridgeError } from "./errors.ts";
import { countsIn, type GuardDeps } from "./guard-run.ts";
import type { RouteType } from "./ids.ts";
import type { GuardRecord } from "./ports.ts";

/**
 * Asks the guard to look after a route from now on, in the place of what it was asked before (X10). It takes the rollout
 * from where it is: one that a person changes afterwards is theirs until they set the guard again.
 * @param request with the version of the rollout that the person saw.
 * @throws BridgeError ROLLOUT_CHANGED, GUARD_CHANGED (both reject: nothing was changed).
 */
export async function setGuard(
  { guard, counts, clock }: Omit<GuardDeps, "rollouts">,
  route: RouteType,
  { policy, version, reason }: GuardRequest,
  by: string,
): Promise<GuardRecord> {
  const { revision } = await guard.see(route);
  const now = clock.now();
  const hour = hourOf(now);
  const before = countsIn(hour, await counts.hours(route, hour, hour));
  const record = { route, by, reason, at: now, policy, knownVersion: version, since: now, before };
  await guard.set(record, revision);
  return record;
}

/**
 * Takes the guard off a route, which stays where it is.
 * @throws BridgeError GUARD_UNKNOWN, GUARD_CHANGED (both reject).
 */
export async function removeGuard(
  { guard, rollouts, clock }: Omit<GuardDeps, "counts">,
  route: RouteType,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<void> {
  const [{ record, revision }, { version }] = await Promise.all([guard.see(route), rollouts.read(route)]);
  if (record === undefined) {
    throw new BridgeError("GUARD_UNKNOWN", "reject", `the guard does not look after ${route}`, { details: { route } });
  }
  await guard.remove(route, { by, reason, at: clock.now() }, version, revision);
}
