import type { RouteType } from "../ids.ts";
import type { PathChoice, Rollout } from "../rollout.ts";

/** The flag: which path a message should take, all else being equal. */
export interface PathFlag {
  /** @throws BridgeError ROLLOUT_UNKNOWN (retry) when no rollout was ever read. */
  choose(route: RouteType, cohortKey: string, sentAt: number): Promise<PathChoice>;
}

export interface RolloutStore {
  read(route: RouteType): Promise<Rollout>;
  /**
   * Writes the rollout and its audit entry, if the stored version is `rollout.version - 1`.
   * @throws BridgeError ROLLOUT_CHANGED.
   */
  write(rollout: Rollout, audit: { readonly by: string; readonly reason: string; readonly at: number }): Promise<void>;
}
