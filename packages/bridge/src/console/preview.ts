import type { RouteType } from "../ids.ts";
import type { ClaimLedger, Clock, RolloutStore } from "../ports.ts";
import { bucketsOf, choosePath, shareOf } from "../rollout.ts";
import { nextRollout } from "./change-rollout.ts";
import type { RolloutChange, RolloutPreview, See } from "./views.ts";

export interface PreviewDeps {
  readonly rollouts: Pick<RolloutStore, "read">;
  readonly claims: Pick<ClaimLedger, "inFlight">;
  readonly clock: Clock;
}

/** Claims that are looked at for their cohorts: one page of the index. */
const MOST_CLAIMS = 1_000;
const MOST_EXAMPLES = 20;

/**
 * What a change would do, without doing it: how many buckets change their path, and which of the cohorts that have
 * requests in flight. Those requests themselves stay where they are. Two reads.
 * @throws BridgeError INVALID_ROLLOUT (reject).
 */
export async function previewRollout(
  { rollouts, claims, clock }: PreviewDeps,
  route: RouteType,
  change: RolloutChange,
  see: See,
): Promise<RolloutPreview> {
  const now = clock.now();
  const [current, { entries }] = await Promise.all([
    rollouts.read(route),
    claims.inFlight(route, now + 1, MOST_CLAIMS),
  ]);
  const next = nextRollout(current, change);
  const more = bucketsOf(shareOf(next)) - bucketsOf(shareOf(current));
  const cohorts = [...new Set(entries.map(({ cohortKey }) => cohortKey))];
  const moving = cohorts.flatMap((cohortKey) => {
    const [{ path: from }, { path: to }] = [choosePath(current, cohortKey, now), choosePath(next, cohortKey, now)];
    return from === to ? [] : [{ cohortKey, to }];
  });
  const toOrder = moving.filter(({ to }) => to === "order").length;
  return {
    at: now,
    next,
    buckets: { toOrder: Math.max(0, more), toLegacy: Math.max(0, -more) },
    cohorts: {
      seen: cohorts.length,
      toOrder,
      toLegacy: moving.length - toOrder,
      ...(see === "all" && { examples: moving.slice(0, MOST_EXAMPLES) }),
    },
  };
}
