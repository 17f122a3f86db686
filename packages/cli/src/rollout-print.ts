import { type Rollout, shareOf } from "@crossfade/bridge";

/** Where a route stands, in a word and a number. */
export const standingOf = (rollout: Rollout): string =>
  rollout.stage === "shadow" ? `shadow, ${rollout.sample} % planned` : `${rollout.stage} ${shareOf(rollout)} %`;
