import type { RouteType } from "../ids.ts";
import type { PathChoice, Rollout } from "../rollout.ts";

/** The flag: which path a message should take, all else being equal. */
export interface PathFlag {
  /** @throws BridgeError ROLLOUT_UNKNOWN (retry) when no rollout was ever read. */
  choose(route: RouteType, cohortKey: string, sentAt: number): Promise<PathChoice>;
}

export interface RolloutAudit {
  readonly by: string;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface RolloutStore {
  read(route: RouteType): Promise<Rollout>;
  /**
   * Writes the rollout and its audit entry, if the stored version is `rollout.version - 1`. A hold that is there stays,
   * and stays as it is, unless `release` is given: attach and detach alone end one.
   * @throws BridgeError ROLLOUT_CHANGED, ROLLOUT_HELD.
   */
  write(rollout: Rollout, audit: RolloutAudit, release?: "release"): Promise<void>;
}
