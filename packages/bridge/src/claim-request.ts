import { type Claim, entryIsDrained, type Pin, parsePinEntry } from "./claim.ts";
import { BridgeError } from "./errors.ts";
import type { ClaimLedger, ClaimResult } from "./ports.ts";
import type { Lane } from "./rollout.ts";

const ROUNDS = 5;

type Ledger = Pick<ClaimLedger, "claim" | "readMany">;
type Claimed = Exclude<ClaimResult, { readonly kind: "pinned" }>;

/** A pin may be taken over when every request in it is over. Claims are asked, never rows (A6). */
export async function pinIsDrained(ledger: Pick<ClaimLedger, "readMany">, pin: Pin): Promise<boolean> {
  const entries = pin.entries.map(parsePinEntry);
  const claims = await ledger.readMany(entries.map((entry) => entry.keyText));
  return entries.every((entry) => entryIsDrained(claims.get(entry.keyText), entry.generation));
}

/**
 * Gives a request its path, for ever (P2). Precedence: the claim that is there; the pin, while work is in flight on its
 * key; then what the flag wanted. A message that may not take the pin's lane waits: one sent before the switch (D7), or
 * one that the legacy service cannot be asked to do while it works on the key.
 * @returns the claim that counts, which may be another delivery's.
 * @throws BridgeError PIN_BUSY (retry) when the message must wait, LEDGER_BUSY when others keep changing the pin.
 */
export async function claimRequest(
  ledger: Ledger,
  proposal: (lane: Lane) => Claim,
  wanted: Lane,
  mayTake: (lane: Lane) => boolean,
): Promise<Claim> {
  return (await claimOn(ledger, proposal, wanted, mayTake)).claim;
}

/**
 * Claims a request that a tap saw: on the legacy path, whatever holds its key. It joins the pin where it may, so that
 * what the bridge starts later waits for it (P4). Behind work of another lane it holds no pin: the legacy consumer has
 * begun already, and a claim that waited would only come late.
 */
export async function claimTapped(ledger: Ledger, proposal: Claim): Promise<Claimed> {
  try {
    return await claimOn(
      ledger,
      () => proposal,
      "legacy",
      () => false,
    );
  } catch (error) {
    if (!(error instanceof BridgeError && error.code === "PIN_BUSY")) throw error;
    const { pinKey: _, ...unpinned } = proposal;
    return claimOn(
      ledger,
      () => unpinned,
      "legacy",
      () => false,
    );
  }
}

async function claimOn(
  ledger: Ledger,
  proposal: (lane: Lane) => Claim,
  wanted: Lane,
  mayTake: (lane: Lane) => boolean,
): Promise<Claimed> {
  let lane = wanted;
  let seen: readonly string[] | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const result = await ledger.claim(proposal(lane), seen);
    if (result.kind !== "pinned") return result;
    if (result.pin.lane === lane) {
      seen = undefined; // somebody joined the pin on our lane since we looked
    } else if (await pinIsDrained(ledger, result.pin)) {
      seen = result.pin.entries;
    } else if (!mayTake(result.pin.lane)) {
      throw new BridgeError("PIN_BUSY", "retry", "the message waits for work in flight on a lane that it may not take");
    } else {
      lane = result.pin.lane;
      seen = undefined;
    }
  }
  throw new BridgeError("LEDGER_BUSY", "retry", "the pin kept changing");
}
