import { BridgeError } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import type { Clock, RolloutStore } from "../ports.ts";
import { Rollout, type Stage } from "../rollout.ts";
import { explain } from "../route.ts";
import type { RolloutChange, RolloutRequest } from "./views.ts";

/** The stage that a percentage asks for, where none is given. */
const stageFor = (percentage: number): Stage => (percentage === 0 ? "legacy" : percentage === 100 ? "order" : "split");

/**
 * The rollout that a change makes of another, one version later. What is not given stays; a percentage alone gives the
 * stage too. Either of them ends a pause: nothing is left that could be resumed.
 * @throws BridgeError INVALID_ROLLOUT (reject) that names the field and its rule.
 */
export function nextRollout(current: Rollout, change: RolloutChange): Rollout {
  const { percentage } = change;
  const stage = change.stage ?? (percentage === undefined ? current.stage : stageFor(percentage));
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const { paused: _, ...unpaused } = current;
  const isMoved = change.stage !== undefined || percentage !== undefined;
  const next = Rollout.safeParse({ ...(isMoved ? unpaused : current), ...given, stage, version: current.version + 1 });
  if (next.success) return next.data;
  const { field, rule } = explain(next.error);
  throw new BridgeError("INVALID_ROLLOUT", "reject", `${field}: ${rule}`, { details: { field } });
}

export interface ChangeRolloutDeps {
  readonly rollouts: RolloutStore;
  readonly clock: Clock;
}

/** @throws BridgeError ROLLOUT_CHANGED (reject) with the version that is there now. */
export function expectVersion({ route, version }: Rollout, seen: number): void {
  if (version === seen) return;
  const message = `${route} is at version ${version}, not ${seen}: look at it again, then decide anew`;
  throw new BridgeError("ROLLOUT_CHANGED", "reject", message, { details: { route, version } });
}

/**
 * Moves a route as a person asks, if its rollout still is the one that the person saw; written with who and why (B3).
 * Requests that are claimed stay on their path.
 * @throws BridgeError ROLLOUT_CHANGED, ROLLOUT_HELD, INVALID_ROLLOUT (all reject: nothing was changed).
 */
export async function changeRollout(
  { rollouts, clock }: ChangeRolloutDeps,
  route: RouteType,
  { change, version, reason }: RolloutRequest,
  by: string,
): Promise<Rollout> {
  const current = await rollouts.read(route);
  expectVersion(current, version);
  const next = nextRollout(current, change);
  await rollouts.write(next, { by, reason, at: clock.now() });
  return next;
}
