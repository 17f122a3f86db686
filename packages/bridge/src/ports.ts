import * as z from "zod";
import type {
  Approval,
  ApprovalAnswer,
  ApprovalDecision,
  ApprovalQuestion,
  Attempt,
  TaskToken,
  WaitEnd,
} from "./approval.ts";
import type { OrderRecord } from "./charge.ts";
import type { Claim, Lease, Mirrored, Pin } from "./claim.ts";
import type { ClaimCheck, Found, Payload } from "./claim-check.ts";
import type { Evidence, EvidenceRecord } from "./evidence.ts";
import type { ExecutionStatus } from "./fence.ts";
import type { ExecutionName, OrderId, PinKey, RequestKey, RouteType } from "./ids.ts";
import type { ChargeDecision } from "./order.ts";
import type { Outcome } from "./outcome.ts";
import type { PathChoice, Rollout } from "./rollout.ts";
import type { RowImage } from "./route.ts";

/** Epoch milliseconds. */
export interface Clock {
  now(): number;
}

/** Tells one delivery, or one worker, from another. */
export interface Identities {
  next(): string;
}

/** The flag: which path a message should take, all else being equal. */
export interface PathFlag {
  /** @throws BridgeError ROLLOUT_UNKNOWN (retry) when no rollout was ever read. */
  choose(route: RouteType, cohortKey: string, sentAt: number): Promise<PathChoice>;
}

/** One page of a long list. `next`: where the following one begins; undefined at the end of the list. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly next: string | undefined;
}

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
  /** False when another delivery has it by now. */
  takeOverLease(key: RequestKey, seen: Lease, next: Lease): Promise<boolean>;
  /** Writes what the mirror writes to the row, if its fence wins; with `end`, the claim ends at that generation too. */
  mirror(key: RequestKey, mirrored: Mirrored, end?: ClaimEnd): Promise<void>;
  /** Ends a legacy claim. False when it had ended before. */
  endLegacy(key: RequestKey, outcome: Outcome, image: RowImage, at: number): Promise<boolean>;
  releasePin(pinKey: PinKey, entries: readonly string[]): Promise<void>;
  /** Claims that have not ended and were decided before `before` (epoch ms), oldest first; may be seconds behind. */
  inFlight(route: RouteType, before: number, limit: number, after?: string): Promise<Page<Claim>>;
}

/** Where a job that goes through a long list in turns stopped last; undefined: at the list's end, or never begun. */
export interface Bookmarks {
  read(job: string): Promise<string | undefined>;
  write(job: string, at: string | undefined): Promise<void>;
}

/**
 * The end of an order claim, at the generation of the execution that ended: an earlier one's ends nothing that was
 * redriven, and a later one's ends what was redriven by hand too.
 */
export interface ClaimEnd {
  readonly generation: number;
  readonly outcome: Outcome;
  readonly at: number;
}

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

/** A task token, sealed. `attempt`: an older one never takes a newer one's place. */
export interface KeptToken {
  readonly attempt: number;
  readonly sealed: string;
}

/** Tokens of Actions that wait for the legacy service, by request. */
export interface DelegationTokens {
  /** Does nothing where a newer one is kept. */
  keep(key: RequestKey, token: KeptToken): Promise<void>;
  read(key: RequestKey): Promise<KeptToken | undefined>;
  /** Does nothing where a newer one is kept. */
  remove(key: RequestKey, attempt: number): Promise<void>;
}

/** Tasks that wait for a token. */
export interface WaitingTasks {
  /**
   * False when nobody waits: the task has timed out, was answered, or its execution is over.
   * @throws BridgeError DEPENDENCY_FAILED (retry), without the token.
   */
  succeed(token: TaskToken, output: unknown): Promise<boolean>;
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

export type DecideResult =
  | { readonly kind: "decided"; readonly decision: ChargeDecision }
  /** An effect is open, or the record has changed since it was read. */
  | { readonly kind: "not-now" };

/** Which reading of an order's record a decision is made on, and for which redrive of its execution. */
export interface DecideAt {
  readonly version: number;
  readonly generation: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The register of charge decisions: one per order, for ever (P7). */
export interface ChargeLedger {
  read(orderId: OrderId): Promise<OrderRecord>;
  /**
   * Writes decision and generation if there is no decision, no effect is open, the version is the one that was read, and
   * the record is of no later generation.
   */
  decide(orderId: OrderId, decision: ChargeDecision, at: DecideAt): Promise<DecideResult>;
  /** The decision that stands is from now on that generation's too; false when the record has changed since. */
  raise(orderId: OrderId, at: Omit<DecideAt, "at">): Promise<boolean>;
  /** `mismatch`: what the provider says of the charge, where that is not what was decided. */
  markCarriedOut(orderId: OrderId, at: number, mismatch?: string): Promise<void>;
}

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

/** Requests for approval (N16). Every write is conditional. */
export interface ApprovalLedger {
  /**
   * Writes the request unless a newer attempt is known or the wait of its generation has ended; a decision stays.
   * @returns what stands now if this attempt is the newest, also when it was recorded before.
   */
  record(
    question: ApprovalQuestion,
    attempt: Attempt,
    sealedToken: string,
    askedAt: number,
  ): Promise<Approval | undefined>;
  /** Writes the decision if there is none and the wait has not ended. Returns what stands now. */
  decide(orderId: OrderId, decision: ApprovalDecision): Promise<Approval | undefined>;
  /** The wait of that attempt has ended: its token leaves the ledger. Nothing happens to a newer attempt. */
  end(orderId: OrderId, attempt: Attempt, end: WaitEnd): Promise<void>;
  /** Requests whose wait has not ended, oldest first; may be seconds behind. */
  open(limit: number, after?: string): Promise<Page<Approval>>;
}

/** The tasks in which orders wait for approval. */
export interface ApprovalTasks {
  /**
   * False when nobody waits for an answer to that token any more, which does not say why.
   * @throws BridgeError DEPENDENCY_FAILED (retry), without the token.
   */
  answer(token: TaskToken, answer: ApprovalAnswer): Promise<boolean>;
  /** How the order's last wait ended, as its execution's history tells it. */
  waitEnd(name: ExecutionName): Promise<WaitEnd | "waiting">;
}

/** Keeps task tokens unreadable at rest. */
export interface TokenVault {
  /**
   * The same token is never sealed to the same text twice.
   * @param subject what waits with it: an order's id, or a request's key; it opens for nothing else.
   */
  seal(token: TaskToken, subject: string): string;
  /** @throws BridgeError TOKEN_UNREADABLE (fatal): sealed with another key, or for another subject. */
  open(sealedToken: string, subject: string): TaskToken;
}

export interface RolloutStore {
  read(route: RouteType): Promise<Rollout>;
  /**
   * Writes the rollout and its audit entry, if the stored version is `rollout.version - 1`.
   * @throws BridgeError ROLLOUT_CHANGED.
   */
  write(rollout: Rollout, audit: { readonly by: string; readonly reason: string; readonly at: number }): Promise<void>;
}

export type StartResult = { readonly kind: "started" } | { readonly kind: "exists" };

/** Starts Order executions. */
export interface OrderStarter {
  /** `exists`: the name is taken by a closed execution, or by one with another input. */
  start(name: ExecutionName, input: string): Promise<StartResult>;
}

/** An execution as DescribeExecution tells it; status and redriveCount come from one answer. Times: epoch ms. */
export interface ExecutionDescription {
  readonly executionArn: string;
  readonly status: ExecutionStatus;
  readonly redriveCount: number;
  /** Why Step Functions would not redrive it: in its own words; undefined when it would. */
  readonly notRedrivable?: string | undefined;
  readonly startedAt: number;
  readonly stoppedAt: number | undefined;
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
}

export interface ExecutionReader {
  /** The Order execution of that name; undefined when Step Functions does not know it, or not yet. */
  find(name: ExecutionName): Promise<ExecutionDescription | undefined>;
  describe(executionArn: string): Promise<ExecutionDescription>;
  /** Where an execution broke, and the newest events of its history; undefined when there is no such execution (R4). */
  evidence(executionArn: string, events: number): Promise<Evidence | undefined>;
}

/** What Step Functions told of unsuccessful orders: one record for each. */
export interface EvidenceLedger {
  /** False when the record there is of a later generation: it stays. */
  keep(orderId: OrderId, record: EvidenceRecord): Promise<boolean>;
  read(orderId: OrderId): Promise<EvidenceRecord | undefined>;
}

/** Where payloads are kept that are too large for Step Functions, each under the hash of its content. */
export interface PayloadStore {
  /** Resolves when the payload is kept. Keeping it again makes its time in the store begin anew. */
  put(payload: Payload): Promise<void>;
  /** Reads no more than the check promises; whether it is the content that the check stands for is the caller's to say. */
  get(check: ClaimCheck): Promise<Found>;
}

/** Where a legacy consumer reads: a queue of the bridge's, or a topic of its own. */
export type ForwardTarget =
  | { readonly kind: "fifo"; readonly queueUrl: string }
  | { readonly kind: "standard"; readonly queueUrl: string }
  | { readonly kind: "topic"; readonly topicArn: string };

/** True where the service itself drops a second send of a request; elsewhere the sender needs a lease (A4, A5). */
export const dropsRepeats = (target: ForwardTarget): boolean =>
  target.kind === "topic" ? target.topicArn.endsWith(".fifo") : target.kind === "fifo";

/**
 * One message for the legacy consumer, byte for byte: to a queue as it lay in the intercepted one, to a topic as it was
 * published.
 */
export interface ForwardMessage<Kind extends ForwardTarget["kind"] = ForwardTarget["kind"]> {
  readonly key: RequestKey;
  readonly target: Extract<ForwardTarget, { readonly kind: Kind }>;
  readonly body: string;
  readonly attributes: Readonly<Record<string, { dataType: string; stringValue?: string; binaryValue?: string }>>;
}

export interface LegacyForwarder<Kind extends ForwardTarget["kind"] = ForwardTarget["kind"]> {
  /** Resolves when the service has the message; sends of one moment travel together, ten to a call. */
  send(message: ForwardMessage<Kind>): Promise<void>;
}

/** A message that was refused, with everything that is needed to judge and to redrive it (P10). */
export interface Refusal {
  readonly code: string;
  readonly field: string;
  readonly reason: string;
  readonly queueArn: string;
  readonly messageId: string;
  readonly body: string;
  readonly attributes: ForwardMessage["attributes"];
}

export interface Quarantine {
  keep(refusal: Refusal): Promise<void>;
}

/** Makes a message that waits come back soon. Best effort: a failure only means that it comes back later. */
export interface Redelivery {
  comeBackIn(seconds: number, queueArn: string, receiptHandle: string): Promise<void>;
}

/** `other-request`: the row of that id is another route's request, and was left alone. */
export type RowWrite = "written" | "kept-out" | "no-row" | "other-request";

/** The request-tracking table of the legacy system. */
export interface TrackingTable {
  read(key: RequestKey): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Updates the row if the fence wins. `create` also writes a row that is not there. */
  write(key: RequestKey, mirrored: Mirrored, create: boolean): Promise<RowWrite>;
  /** Puts back the end of a legacy request, if the row is still the one that was seen. */
  restore(key: RequestKey, image: RowImage, seen: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Writes the first row of a request placed directly, unless there is a row. */
  create(key: RequestKey, image: RowImage): Promise<void>;
}

/** `authorised`: still open, neither captured nor cancelled. */
export type PaymentState = "authorised" | "captured" | "cancelled";
export interface PaymentRecord {
  readonly state: PaymentState;
  readonly amount: number;
  readonly captured: number;
  /** The key of the call that captured or cancelled it, where the provider tells. */
  readonly endedBy?: string | undefined;
}

/**
 * A card provider. Amounts in minor units. Every call is idempotent by its key. The bridge ends charges and authorises
 * none: that takes a customer and a card, and was done when the order was placed.
 */
export interface Payments {
  /** Tries to; the answer is what the provider then says of the charge, never assumed. */
  capture(authorisationId: string, sum: number, key: string): Promise<PaymentRecord>;
  cancel(authorisationId: string, key: string): Promise<PaymentRecord>;
  read(authorisationId: string): Promise<PaymentRecord | undefined>;
}
