import type { Claim } from "@crossfade/bridge";
import { DynamoDbCounts } from "@crossfade/bridge/adapters/dynamodb-counts";
import {
  type Conservation,
  type CountedRoute,
  type Counts,
  conservation,
  merged,
  mismatches,
  NO_ROUTE,
  verdicts,
} from "@crossfade/bridge/compare";
import { webcat } from "@crossfade/legacy";
import type { LedgerContents } from "./reading.ts";
import type { World } from "./world.ts";

/** How often the new path would have done what the old one did, as the bridge's own counts say. */
export interface Parity {
  readonly compared: number;
  readonly matched: number;
  readonly mismatched: number;
  readonly ignored: number;
  readonly oldOnly: number;
  readonly newOnly: number;
  readonly late: number;
  readonly shadowFailed: number;
  /** The same of plans and their twins: noise. */
  readonly baseline: { readonly compared: number; readonly mismatched: number };
}

/** Every message by the counts, and by how many they disagree with what the ledger holds (P9). */
export type Counted = Conservation & { readonly gap: number };

const difference = (a: number, b: number): number => Math.abs(a - b);

/** Claims and refused messages that were not counted, or twice; and claims in flight that the counts hold for ended. */
function gapOf(counts: Counts, claims: readonly Claim[], refused: number): number {
  const { inFlight, rejected } = conservation(counts);
  const paths = (["legacy", "order"] as const).map((path) => {
    const own = claims.filter((claim) => claim.path === path);
    const open = own.filter(({ endedAt }) => endedAt === undefined).length;
    return difference(counts[`claimed.${path}`] ?? 0, own.length) + difference(inFlight[path], open);
  });
  return paths.reduce((sum, gap) => sum + gap, difference(rejected, refused));
}

export async function readCounts(
  { documents, bridge }: World,
  { claims, refused }: LedgerContents,
): Promise<{ readonly parity: Parity; readonly counted: Counted }> {
  const reader = new DynamoDbCounts(documents, bridge.ledgerTable);
  const routes: readonly CountedRoute[] = [...webcat.routes.keys(), NO_ROUTE];
  const counts = merged(...(await Promise.all(routes.map((route) => reader.total(route)))));
  const given = verdicts(counts, "verdict");
  return {
    parity: {
      compared: mismatches(counts, "verdict").compared,
      ...{ matched: given.match, mismatched: given.mismatch, ignored: given.ignored, late: given.late },
      ...{ oldOnly: given["old-only"], newOnly: given["new-only"] },
      shadowFailed: counts["shadow-failed"] ?? 0,
      baseline: mismatches(counts, "baseline"),
    },
    counted: { ...conservation(counts), gap: gapOf(counts, claims, refused) },
  };
}
