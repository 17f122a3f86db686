import * as z from "zod";
import type { Claim, Pin } from "../claim.ts";
import type { ExecutionName, OrderId, PinKey } from "../ids.ts";

/** Who redrove an order, and why. `at` is epoch milliseconds. */
export const RedriveNote = z.object({
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(1000),
  at: z.int().nonnegative(),
  executionArn: z.string().min(1),
});
export type RedriveNote = z.infer<typeof RedriveNote>;

/** The move of an order to the generation after `from`. */
export interface RedriveMove {
  readonly orderId: OrderId;
  readonly from: number;
  /** As they were read: those whose work is not done. */
  readonly claims: readonly Claim[];
  readonly note: RedriveNote;
  /** Entries of pins on another lane that were seen, all of them drained. */
  readonly takeOver: ReadonlyMap<PinKey, readonly string[]>;
}

export type MoveResult =
  | { readonly kind: "moved" }
  /** Nothing was written: a claim, the generation or the decision is not as it was read. */
  | { readonly kind: "changed" }
  /** Nothing was written: these pins are on another lane, or their entries are not those that were seen. */
  | { readonly kind: "pin-busy"; readonly pins: ReadonlyMap<PinKey, Pin> };

/** Orders' generations, and who raised them. */
export interface RedriveLedger {
  /** Of the move to that generation; undefined for one that nobody made. */
  note(orderId: OrderId, generation: number): Promise<RedriveNote | undefined>;
  /** Claims, pins, the order's record and the note in one transaction: all or nothing. */
  move(move: RedriveMove): Promise<MoveResult>;
}

export interface OrderRedriver {
  /** Looks through the newest unsuccessful executions: an order that came as a message is not found by its id. */
  unsuccessful(orderId: OrderId): Promise<ExecutionName | undefined>;
  /** False when it cannot be redriven as it stands. The same token redrives once, as long as it is remembered. */
  redrive(executionArn: string, token: string): Promise<boolean>;
}
