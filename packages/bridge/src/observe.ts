import { type Claim, keyOf, pinEntry } from "./claim.ts";
import { type AnswerDeps, endDelegated } from "./delegate.ts";
import { fenceWins } from "./fence.ts";
import type { RequestKey } from "./ids.ts";
import type { ClaimLedger, Clock, TrackingTable } from "./ports.ts";
import type { Migration } from "./route.ts";
import { imageOf, type Row } from "./row-image.ts";

export interface ObserveDeps {
  readonly migration: Migration;
  readonly claims: ClaimLedger;
  readonly tracking: TrackingTable;
  readonly clock: Clock;
  readonly delegation: AnswerDeps;
}

/** `contradicted`: delegated work whose row says otherwise than what the order went on with; a person must look. */
export type ObserveOutcome = {
  readonly kind: "ignored" | "legacy-ended" | "restored" | "delegated-ended" | "contradicted";
  readonly key?: RequestKey;
};

const ignored: ObserveOutcome = { kind: "ignored" };

/**
 * A legacy request: its end is recorded and its pin released; a first row written after its end is put right (P5), but
 * for a tapped request, whose row stays as the legacy system has it (P8).
 */
async function observeLegacy(deps: ObserveDeps, claim: Claim, row: Row, phase: string): Promise<ObserveOutcome> {
  const key = keyOf(claim);
  const outcome = deps.migration.route(claim.route).legacyOutcome(row);
  if (outcome !== undefined) {
    const ends = claim.endedAt === undefined;
    if (ends) await deps.claims.endLegacy(key, outcome, imageOf(row), deps.clock.now());
    // Also for an end that was told before: who told it may have died before this.
    if (claim.pinKey !== undefined) await deps.claims.releasePin(claim.pinKey, [pinEntry(key, claim.generation)]);
    return ends ? { kind: "legacy-ended", key } : ignored;
  }
  if (phase !== "received" || claim.tap !== undefined) return ignored;
  if (claim.endedAt === undefined || claim.mirrored === undefined) return ignored;
  const restored = await deps.tracking.restore(key, claim.mirrored.image, row);
  return restored ? { kind: "restored", key } : ignored;
}

/** Work that the legacy service does for the order path: its row tells the end (N4). */
async function observeDelegated(deps: ObserveDeps, claim: Claim, row: Row): Promise<ObserveOutcome> {
  const outcome = deps.migration.route(claim.route).legacyOutcome(row);
  const told = outcome && (await endDelegated(deps.delegation, claim, outcome));
  if (told === undefined || told === "not-delegated") return ignored;
  return { kind: told === "ended" ? "delegated-ended" : "contradicted", key: keyOf(claim) };
}

/** A request on the order path: a row that lacks the claim's fence was overwritten, and gets it back (A8). */
async function observeOrder(deps: ObserveDeps, claim: Claim, row: Row): Promise<ObserveOutcome> {
  const { mirrored } = claim;
  if (mirrored === undefined) return ignored;
  const fence = row[deps.migration.tracking.fenceAttribute];
  if (!fenceWins(mirrored.fence, typeof fence === "number" ? fence : undefined)) return ignored;
  const written = await deps.tracking.write(keyOf(claim), mirrored, true);
  return written === "written" ? { kind: "restored", key: keyOf(claim) } : ignored;
}

/**
 * One new image of a tracking row, from the table's stream. Records of one row come in order, and may repeat.
 * A row without a claim is none of the bridge's.
 */
export async function observeRow(deps: ObserveDeps, row: Row): Promise<ObserveOutcome> {
  const seen = deps.migration.tracking.read(row);
  if (seen === undefined) return ignored;
  const claim = await deps.claims.read(seen.key);
  if (claim === undefined) return ignored;
  if (claim.path === "legacy") return observeLegacy(deps, claim, row, seen.phase);
  if (claim.integration === undefined) return observeOrder(deps, claim, row);
  const delegated = await observeDelegated(deps, claim, row);
  // A row that the legacy service works on is its own, whatever was told before.
  return delegated.kind === "ignored" && seen.phase !== "working" ? observeOrder(deps, claim, row) : delegated;
}
