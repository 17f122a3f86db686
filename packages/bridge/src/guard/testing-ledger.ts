import * as z from "zod";
import { BridgeError, type ErrorCode } from "../errors.ts";
import type { RouteType } from "../ids.ts";
import type {
  AuditEntry,
  AuditReader,
  GuardEntry,
  GuardRecord,
  GuardSight,
  GuardStore,
  Page,
  RolloutAudit,
  RolloutStore,
} from "../ports.ts";
import { initialRollout, Rollout } from "../rollout.ts";

// For tests only; nothing else imports this.

const refused = (code: ErrorCode): BridgeError => new BridgeError(code, "reject", "as the ledger says it");

/** Entries sort by the rollout's version; at one version by its own entry first, then by the guard record's revision. */
interface Kept {
  readonly version: number;
  readonly revision: number;
  readonly entry: AuditEntry;
}

/** Rollouts, guard and audit in memory: passes the same contract suite as the ledger table. */
export class MemoryGuardLedger implements GuardStore, AuditReader {
  readonly #rollouts = new Map<RouteType, Rollout>();
  readonly #guards = new Map<RouteType, GuardSight>();
  readonly #audit = new Map<RouteType, readonly Kept[]>();

  readonly rollouts: RolloutStore = {
    read: async (route) => this.#rollout(route),
    write: async (rollout, audit, release) => this.#move(rollout, audit, release),
  };

  async read(route: RouteType): Promise<GuardRecord | undefined> {
    return this.#see(route).record;
  }

  async see(route: RouteType): Promise<GuardSight> {
    return this.#see(route);
  }

  async set(record: GuardRecord, seen: number): Promise<void> {
    const { route, by, reason, at, policy, knownVersion } = record;
    this.#mustBe(route, seen);
    if (this.#rollout(route).version !== knownVersion) throw refused("ROLLOUT_CHANGED");
    this.#put(route, seen, record, knownVersion, { kind: "policy", route, by, reason, at, policy });
  }

  async remove(route: RouteType, audit: RolloutAudit, version: number, seen: number): Promise<void> {
    this.#mustBe(route, seen);
    this.#put(route, seen, undefined, version, { kind: "policy", route, ...audit });
  }

  async decide(
    record: GuardRecord & { readonly last: GuardEntry },
    seen: number,
    move?: { readonly rollout: Rollout; readonly audit: RolloutAudit },
  ): Promise<void> {
    const { route } = record;
    const entry = record.last;
    this.#mustBe(route, seen);
    if (move !== undefined) this.#move(move.rollout, move.audit);
    const first = seen + 2 - entry.looks;
    this.#put(route, seen, record, entry.version, { kind: "guard", route, at: entry.at, entry }, first);
  }

  async page(route: RouteType, limit: number, after = "0"): Promise<Page<AuditEntry>> {
    const from = z.coerce.number().int().parse(after);
    const all = (this.#audit.get(route) ?? []).toSorted((a, b) => b.version - a.version || b.revision - a.revision);
    const entries = all.slice(from, from + limit).map(({ entry }) => entry);
    return { entries, next: from + limit < all.length ? String(from + limit) : undefined };
  }

  #rollout(route: RouteType): Rollout {
    return this.#rollouts.get(route) ?? initialRollout(route);
  }

  #move(given: Rollout, audit: RolloutAudit, release?: "release"): void {
    const rollout = Rollout.parse(given);
    const { route, version } = rollout;
    const old = this.#rollout(route);
    if (old.version !== version - 1) throw refused("ROLLOUT_CHANGED");
    const isSame = JSON.stringify(old.hold) === JSON.stringify(rollout.hold);
    if (old.hold !== undefined && !isSame && release === undefined) throw refused("ROLLOUT_HELD");
    this.#rollouts.set(route, rollout);
    this.#keep(route, { version, revision: 0, entry: { kind: "rollout", route, ...audit, rollout } });
  }

  #see(route: RouteType): GuardSight {
    return this.#guards.get(route) ?? { record: undefined, revision: 0 };
  }

  /** A transaction: nothing else happens between this and the write. */
  #mustBe(route: RouteType, seen: number): void {
    if (this.#see(route).revision !== seen) throw refused("GUARD_CHANGED");
  }

  #put(
    route: RouteType,
    seen: number,
    record: GuardRecord | undefined,
    version: number,
    entry: AuditEntry,
    revision = seen + 1,
  ): void {
    this.#guards.set(route, { record, revision: seen + 1 });
    this.#keep(route, { version, revision, entry });
  }

  #keep(route: RouteType, kept: Kept): void {
    const others = (this.#audit.get(route) ?? []).filter(
      ({ version, revision }) => version !== kept.version || revision !== kept.revision,
    );
    this.#audit.set(route, [...others, kept]);
  }
}
