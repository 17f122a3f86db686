import { BridgeError } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import type { Rollout } from "../rollout.ts";
import { type ChangeRolloutDeps, expectVersion } from "./change-rollout.ts";

/** Who, why, and the version that the person saw; without one, whatever is there. */
export interface PauseRequest {
  readonly by: string;
  readonly reason: string;
  readonly version?: number | undefined;
}

/**
 * Sends everything new the legacy way, and remembers where the route stood. What is claimed keeps its path (P2).
 * @throws BridgeError PAUSE_REFUSED (it is at legacy, or paused already), ROLLOUT_HELD, ROLLOUT_CHANGED (all reject).
 */
export function pauseRollout(deps: ChangeRolloutDeps, route: RouteType, request: PauseRequest): Promise<Rollout> {
  return change(deps, route, request, ({ stage, percentage, paused, ...rollout }) => {
    if (paused !== undefined) throw refused(route, `is paused already, from ${paused.stage} ${paused.percentage} %`);
    if (stage === "legacy") throw refused(route, "is at legacy: there is nothing to pause");
    return { ...rollout, stage: "legacy", percentage: 0, paused: { stage, percentage } };
  });
}

/**
 * Puts a paused rollout back where it stood.
 * @throws BridgeError PAUSE_REFUSED (it is not paused), ROLLOUT_HELD, ROLLOUT_CHANGED (all reject).
 */
export function resumeRollout(deps: ChangeRolloutDeps, route: RouteType, request: PauseRequest): Promise<Rollout> {
  return change(deps, route, request, ({ paused, ...rollout }) => {
    if (paused === undefined) throw refused(route, "is not paused");
    return { ...rollout, ...paused };
  });
}

async function change(
  { rollouts, clock }: ChangeRolloutDeps,
  route: RouteType,
  { by, reason, version }: PauseRequest,
  to: (current: Rollout) => Rollout,
): Promise<Rollout> {
  const current = await rollouts.read(route);
  if (version !== undefined) expectVersion(current, version);
  if (current.hold !== undefined) {
    const message = `${route} is held by its source ${current.hold.source}: see crossfade status`;
    throw new BridgeError("ROLLOUT_HELD", "reject", message, { details: { route } });
  }
  const next = { ...to(current), version: current.version + 1 };
  await rollouts.write(next, { by, reason, at: clock.now() });
  return next;
}

const refused = (route: RouteType, why: string): BridgeError =>
  new BridgeError("PAUSE_REFUSED", "reject", `${route} ${why}`, { details: { route } });
