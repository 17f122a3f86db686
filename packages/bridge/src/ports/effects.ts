import * as z from "zod";
import type { Pin } from "../claim.ts";
import type { OrderId, PinKey, RequestKey } from "../ids.ts";
import type { Outcome } from "../outcome.ts";
import type { Page } from "./common.ts";
import type { KeptToken } from "./tokens.ts";

/** Which effect: the n-th external command for a request. */
export interface EffectKey {
  readonly key: RequestKey;
  readonly n: number;
}

/**
 * What an effect is to its item. `whole`: the item is done when it completes. `part`: an earlier command of an item that
 * takes several. `reversal`: it takes back what a part did.
 */
export const EffectRole = z.enum(["whole", "part", "reversal"]);
export type EffectRole = z.infer<typeof EffectRole>;

/** What a worker says of itself and its work before it sends a command. */
export interface EffectBegin extends EffectKey {
  readonly role: EffectRole;
  readonly orderId: OrderId;
  readonly generation: number;
  readonly pinKey: PinKey | undefined;
  /** Who does the work: it must be what the claim fixed, so that no worker touches what is delegated. */
  readonly lane: "order" | "delegate";
  /** False: the pin is taken here, together with the effect (orders placed directly, A9). */
  readonly pinned: boolean;
  /** The external service, and what it is told to do: who resolves an abandoned effect asks by them. */
  readonly service: string;
  readonly command: string;
  /** Tells worker sessions apart. */
  readonly owner: string;
  readonly at: number;
  /** Kept in the same write: whom to tell of the end of delegated work. */
  readonly token?: KeptToken | undefined;
}

/**
 * An effect in somebody's hands. `generation`: in which it began, so that nobody ends what was begun anew since; left out
 * where no effect is begun anew.
 */
export type OwnedEffect = Pick<EffectBegin, "key" | "n" | "role" | "orderId" | "owner"> & {
  readonly generation?: number | undefined;
};

/** An effect that has begun and not ended. */
export interface OpenEffect extends EffectKey {
  readonly generation: number;
  readonly orderId: OrderId;
  readonly role: EffectRole;
  readonly command: string;
  readonly owner: string;
}

/** `outcome` is recorded once, by whoever learns it first. */
export interface EffectRecord {
  readonly n: number;
  /** In which it began: part of the command's id. */
  readonly generation: number;
  readonly role: EffectRole;
  readonly owner: string;
  readonly begunAt: number;
  /** Epoch milliseconds of the message to the legacy service, where the work is delegated. */
  readonly sentAt: number | undefined;
  readonly outcome: Outcome | undefined;
}

/** `REDRIVEN_BY_HAND`: the execution has been redriven, and the ledger was told nothing of it. */
export type BeginRefusal = "NO_CLAIM" | "STALE_GENERATION" | "REDRIVEN_BY_HAND" | "DECIDED" | "NOT_PINNED";

export type BeginResult =
  | { readonly kind: "begun" }
  | { readonly kind: "exists"; readonly effect: EffectRecord }
  | { readonly kind: "refused"; readonly reason: BeginRefusal }
  | { readonly kind: "pin-busy"; readonly pin: Pin };

/** What an earlier attempt to begin saw, and what this one may replace. */
export interface BeginSeen {
  readonly takeOver?: readonly string[] | undefined;
  readonly anew?: EffectRecord | undefined;
}

/** Effect records: begun before the command, ended with its result (A7). */
export interface EffectLedger {
  /**
   * `takeOver`: as for a claim. `anew`: the effect that was seen and has ended; it is kept aside, and the new one takes
   * its place.
   */
  begin(begin: EffectBegin, seen?: BeginSeen): Promise<BeginResult>;
  /** Moves an open effect to another owner, if `seen` still owns it. */
  takeOver(effect: EffectKey, seen: string, owner: string): Promise<boolean>;
  /** Records the outcome, if `owner` still owns the open effect; a whole effect that completed makes its item done. */
  end(effect: OwnedEffect, outcome: Outcome): Promise<boolean>;
  /** Notes that the legacy service was asked. */
  markSent(effect: EffectKey, at: number): Promise<void>;
  /** Forgets an effect whose command certainly did nothing, so that it may begin again. */
  forget(effect: OwnedEffect): Promise<void>;
  /** The effects of a request, in order. */
  read(key: RequestKey): Promise<readonly EffectRecord[]>;
  /** Effects open at a service, oldest first; may be seconds behind. */
  open(service: string, limit: number, after?: string): Promise<Page<OpenEffect>>;
}
