import type { Claim, Lease, Mirrored, Pin } from "../claim.ts";
import type { ExecutionName, OrderId, PinKey, RequestKey, RouteType } from "../ids.ts";
import type { Outcome, SoftError } from "../outcome.ts";
import type { RowImage } from "../route.ts";
import type { Page } from "./common.ts";

export type ClaimResult =
  | { readonly kind: "claimed"; readonly claim: Claim }
  | { readonly kind: "exists"; readonly claim: Claim }
  /** Nothing was written: the pin is on the other path, or its entries are not those that were seen. */
  | { readonly kind: "pinned"; readonly pin: Pin };

/** What became of the claims of an order that is placed directly. */
export type ClaimAllResult =
  | { readonly kind: "claimed" }
  /** Nothing was written: these are there already. */
  | { readonly kind: "exists"; readonly claims: readonly Claim[] }
  /** Nothing was written: the order id stands for another order. */
  | { readonly kind: "other-order" };

/** Claims and pins. Every write is conditional; none is ordered by time. */
export interface ClaimLedger {
  /** Writes claim and pin in one transaction. `takeOver`: the entries of a pin that were seen, all of them drained. */
  claim(claim: Claim, takeOver?: readonly string[]): Promise<ClaimResult>;
  /** Writes the claims of all items, without pins, and binds the order id to the order's hash; or writes nothing. */
  claimAll(
    order: { readonly orderId: OrderId; readonly hash: string },
    claims: readonly Claim[],
  ): Promise<ClaimAllResult>;
  read(key: RequestKey): Promise<Claim | undefined>;
  readMany(keyTexts: readonly string[]): Promise<ReadonlyMap<string, Claim>>;
  markStarted(key: RequestKey, at: number): Promise<void>;
  markForwarded(key: RequestKey, at: number): Promise<void>;
  /**
   * Puts the claim in the place of one that a tap wrote, and joins its pin, as `claim` does. `exists`: the request has
   * ended, or another delivery took it from the tap.
   */
  takeFromTap(claim: Claim, tap: string, takeOver?: readonly string[]): Promise<ClaimResult>;
  /** False when another delivery has it by now. */
  takeOverLease(key: RequestKey, seen: Lease, next: Lease): Promise<boolean>;
  /** Writes what the mirror writes to the row, if its fence wins; with `end`, the claim ends at that generation too. */
  mirror(key: RequestKey, mirrored: Mirrored, end?: ClaimEnd): Promise<void>;
  /** Ends a legacy claim. False when it had ended before. */
  endLegacy(key: RequestKey, outcome: Outcome, image: RowImage, at: number): Promise<boolean>;
  /** Writes how a claim's shadow ended, and nothing else of the claim. False when it had ended before, or is none of its. */
  endShadow(key: RequestKey, shadow: ExecutionName, end: ShadowEnd): Promise<boolean>;
  /** The same of its shadow's twin. */
  endTwin(key: RequestKey, twin: ExecutionName, end: ShadowEnd): Promise<boolean>;
  releasePin(pinKey: PinKey, entries: readonly string[]): Promise<void>;
  /** Claims that have not ended and were decided before `before` (epoch ms), oldest first; may be seconds behind. */
  inFlight(route: RouteType, before: number, limit: number, after?: string): Promise<Page<Claim>>;
  /** Claims whose shadow has not ended, whether they have or not; otherwise as `inFlight`. */
  openShadows(route: RouteType, before: number, limit: number, after?: string): Promise<Page<Claim>>;
}

/** The end of a plan-only order: what it planned, or why it planned nothing. `endedAt` is epoch milliseconds. */
export type ShadowEnd = { readonly endedAt: number } & (
  | { readonly outcome: Outcome }
  | { readonly failure: SoftError }
);

/**
 * The end of an order claim, at the generation of the execution that ended: an earlier one's ends nothing that was
 * redriven, and a later one's ends what was redriven by hand too.
 */
export interface ClaimEnd {
  readonly generation: number;
  readonly outcome: Outcome;
  readonly at: number;
}
