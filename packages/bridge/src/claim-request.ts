import { type Claim, entryIsDrained, type Pin, parsePinEntry } from "./claim.ts";
import { BridgeError } from "./errors.ts";
import type { ClaimLedger } from "./ports.ts";
import type { Path } from "./rollout.ts";

const ROUNDS = 5;

/** A pin may be taken over when every request in it is over. Claims are asked, never rows (A6). */
export async function pinIsDrained(ledger: Pick<ClaimLedger, "readMany">, pin: Pin): Promise<boolean> {
  const entries = pin.entries.map(parsePinEntry);
  const claims = await ledger.readMany(entries.map((entry) => entry.keyText));
  return entries.every((entry) => entryIsDrained(claims.get(entry.keyText), entry.generation));
}

/**
 * Gives a request its path, for ever (P2). Precedence: the claim that is there; the pin, while work is in flight on its
 * key; then what the flag wanted. `forced`: the message may only go its wanted path and waits for the pin (D7).
 * @returns the claim that counts, which may be another delivery's.
 * @throws BridgeError PIN_BUSY (retry) when a forced message must wait, LEDGER_BUSY when others keep changing the pin.
 */
export async function claimRequest(
  ledger: ClaimLedger,
  proposal: (path: Path) => Claim,
  wanted: Path,
  forced: boolean,
): Promise<Claim> {
  let path = wanted;
  let seen: readonly string[] | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const result = await ledger.claim(proposal(path), seen);
    if (result.kind !== "pinned") return result.claim;
    if (result.pin.path === path) {
      seen = undefined; // somebody joined the pin on our path since we looked
    } else if (await pinIsDrained(ledger, result.pin)) {
      seen = result.pin.entries;
    } else if (forced) {
      throw new BridgeError("PIN_BUSY", "retry", "sent before the switch: waits for work in flight on the other path");
    } else {
      path = result.pin.path;
      seen = undefined;
    }
  }
  throw new BridgeError("LEDGER_BUSY", "retry", "the pin kept changing");
}
