import {
  type CompareRules,
  type Counted,
  countClaim,
  countsOf,
  type Sighting,
  type Transition,
} from "./compare/index.ts";
import { BridgeError } from "./errors.ts";
import { type RequestKey, type RouteType, requestKeyText } from "./ids.ts";
import type { CountEntry, CountLedger, FoundDifference, StoredCount } from "./ports.ts";

export interface CountDeps {
  /** Of a route that the contract no longer has too: its claims are still counted. */
  readonly rulesOf: (route: RouteType) => CompareRules;
  readonly counts: CountLedger;
}

/** One request's sightings, in the order in which they were made. */
interface Seen {
  readonly key: RequestKey;
  readonly sightings: readonly Sighting[];
}

/** So often a request is read anew because somebody else counted it meanwhile. */
const ATTEMPTS = 10;

function foundIn({ judged }: Counted, transitions: readonly Transition[]): FoundDifference[] {
  return transitions.flatMap((transition) => {
    if (transition.kind !== "judged" || transition.verdict !== "mismatch") return [];
    const { against, at } = transition;
    const differences = judged[against]?.sample?.differences ?? [];
    return differences.map(({ kind, group }) => ({ against, kind, group, at }));
  });
}

/** What is to be counted of a request; undefined where all was counted before. */
function entryOf({ key, sightings }: Seen, seen: StoredCount | undefined, rules: CompareRules): CountEntry | undefined {
  let next = seen?.counted;
  const transitions: Transition[] = [];
  for (const sighting of sightings) {
    const counting = countClaim(next, sighting, rules);
    next = counting.next;
    transitions.push(...counting.transitions);
  }
  if (next === undefined || transitions.length === 0) return undefined;
  const increments = transitions.flatMap((transition) => countsOf(transition, rules));
  return { key, seen, next, increments, found: foundIn(next, transitions) };
}

/**
 * Counts what images of claims say that was not counted before (P9), and gives verdicts (X4). Each request's own record
 * and the counts change in one transaction, so that whatever comes twice, or at two consumers at a time, counts once.
 * @param sightings of any requests; those of one request in the order in which they were made.
 * @returns of how many requests something was counted.
 * @throws BridgeError LEDGER_BUSY (retry) where others keep counting the same requests.
 */
export async function countClaims(deps: CountDeps, sightings: readonly Sighting[]): Promise<number> {
  const requests = new Map<string, Seen>();
  for (const sighting of sightings) {
    const text = requestKeyText(sighting.claim);
    const earlier = requests.get(text)?.sightings ?? [];
    requests.set(text, { key: sighting.claim, sightings: [...earlier, sighting] });
  }
  let left = [...requests.keys()];
  let counted = 0;
  for (let attempt = 1; left.length > 0; attempt++) {
    if (attempt > ATTEMPTS) throw new BridgeError("LEDGER_BUSY", "retry", "others keep counting the same requests");
    const stored = await deps.counts.read(left);
    const entries = left.flatMap((text) => {
      const seen = requests.get(text);
      return (seen && entryOf(seen, stored.get(text), deps.rulesOf(seen.key.route))) ?? [];
    });
    const refused = await deps.counts.count(entries);
    counted += entries.length - refused.length;
    left = refused.map(({ key }) => requestKeyText(key));
  }
  return counted;
}
