import * as z from "zod";
import { GuardDecision, GuardTarget } from "../guard/decide.ts";
import { GuardPolicy } from "../guard/policy.ts";
import { RouteType } from "../ids.ts";
import { Rollout } from "../rollout.ts";
import type { Page } from "./common.ts";
import type { RolloutAudit } from "./rollouts.ts";

const Milliseconds = z.int().nonnegative();
const Person = { by: z.string().min(1).max(200), reason: z.string().min(1).max(1000), at: Milliseconds };

/** A decision of the guard, with the numbers that it saw. */
export const GuardEntry = z.strictObject({
  ...GuardDecision.shape,
  route: RouteType,
  /** Epoch milliseconds of the first look that decided so. */
  at: Milliseconds,
  /** Of the newest: a hold that stands is one entry, and has the numbers of its last look. */
  lastAt: Milliseconds,
  /** How often the guard looked and decided the same. */
  looks: z.int().positive(),
  from: GuardTarget,
  /** Of the rollout that it looked at. */
  version: z.int().nonnegative(),
});
export type GuardEntry = z.infer<typeof GuardEntry>;

/** That the guard moved a route, and when: epoch milliseconds. */
export const GuardMove = z.strictObject({ kind: z.enum(["promote", "roll-back"]), at: Milliseconds });

/** What a person asked of the guard for one route, and how far it has come. */
export const GuardRecord = z.strictObject({
  route: RouteType,
  ...Person,
  policy: GuardPolicy,
  /** Of the rollout that the person knew, or that the guard wrote since. */
  knownVersion: z.int().nonnegative(),
  /** When the step of the ramp began, in epoch milliseconds. */
  since: Milliseconds,
  /**
   * What was counted in the hour of `since` before the step began, and is no part of it: a route that was rolled back is
   * not judged again by the same failures.
   */
  before: z.record(z.string(), z.int()).optional(),
  last: GuardEntry.optional(),
  /** How it moved the route last, since it was set. */
  moved: GuardMove.optional(),
});
export type GuardRecord = z.infer<typeof GuardRecord>;

/** One change, or one decision not to change anything: who, when, why, and what it was about. */
export const AuditEntry = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("rollout"), route: RouteType, ...Person, rollout: Rollout }),
  z.strictObject({ kind: z.literal("policy"), route: RouteType, ...Person, policy: GuardPolicy.optional() }),
  z.strictObject({ kind: z.literal("guard"), route: RouteType, at: Milliseconds, entry: GuardEntry }),
]);
export type AuditEntry = z.infer<typeof AuditEntry>;

export interface AuditReader {
  /** Newest first. */
  page(route: RouteType, limit: number, after?: string): Promise<Page<AuditEntry>>;
}

export interface GuardReader {
  /** Undefined for a route that the guard was never asked to look after, or that it was taken off. */
  read(route: RouteType): Promise<GuardRecord | undefined>;
}

/** A record with the number of its last write, which never goes back: one that was taken away leaves its number. */
export interface GuardSight {
  readonly record: GuardRecord | undefined;
  /** 0 where there never was a record. */
  readonly revision: number;
}

/** Every write is one transaction with its audit entry, and is refused unless `revision` is the one that was seen. */
export interface GuardStore extends GuardReader {
  see(route: RouteType): Promise<GuardSight>;
  /**
   * What a person asks of the guard, in the place of what was asked before.
   * @throws BridgeError GUARD_CHANGED; ROLLOUT_CHANGED unless the rollout is at `record.knownVersion`.
   */
  set(record: GuardRecord, revision: number): Promise<void>;
  /**
   * Takes the record away. `version`: of the rollout meanwhile.
   * @throws BridgeError GUARD_CHANGED.
   */
  remove(route: RouteType, audit: RolloutAudit, version: number, revision: number): Promise<void>;
  /**
   * Writes what the guard decided, which stands in `last`, and the rollout with it where the decision moves it: a guard
   * that dies has done both or neither. A decision that stands (looks > 1) has the entry of its first look.
   * @throws BridgeError GUARD_CHANGED, ROLLOUT_CHANGED, ROLLOUT_HELD.
   */
  decide(
    record: GuardRecord & { readonly last: GuardEntry },
    revision: number,
    move?: { readonly rollout: Rollout; readonly audit: RolloutAudit },
  ): Promise<void>;
}
