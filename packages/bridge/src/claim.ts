import * as z from "zod";
import { BridgeError } from "./errors.ts";
import {
  CohortKey,
  ExecutionName,
  OrderId,
  PinKey,
  RequestId,
  type RequestKey,
  RouteType,
  requestKeyText,
} from "./ids.ts";
import { Outcome, SoftError } from "./outcome.ts";
import { BUCKETS, type Lane, Path, Stage } from "./rollout.ts";

/** The right of one delivery to send to a standard forward queue. `until` is epoch milliseconds. */
export const Lease = z.strictObject({ owner: z.string().min(1), until: z.int().nonnegative() });
export type Lease = z.infer<typeof Lease>;

/** What the mirror last wrote of a request, so that a row that lost it can be restored (A8). */
export const Mirrored = z.strictObject({ fence: z.int().nonnegative(), image: z.record(z.string(), z.json()) });
export type Mirrored = z.infer<typeof Mirrored>;

const Plan = z.strictObject({
  executionName: ExecutionName,
  outcome: Outcome.optional(),
  failure: SoftError.optional(),
  endedAt: z.int().nonnegative().optional(),
});

/**
 * The plan-only order of a request on the legacy path (X3), and how it ended: with the outcome that it planned, or with
 * the reason why there is none. It ends by itself: the claim's own end is the legacy system's.
 */
export const Shadow = z.strictObject({
  ...Plan.shape,
  /** A second plan of the same message (the baseline): lost where nobody tells of its end, and nobody waits for it. */
  twin: Plan.optional(),
});
export type Shadow = z.infer<typeof Shadow>;

/**
 * The ledger record that fixes a request's path for ever (P2). It never expires. Times are epoch milliseconds.
 * `generation` is the redrive that may work on the request; `endedAt` with it says that this generation is over.
 */
export const Claim = z.strictObject({
  route: RouteType,
  requestId: RequestId,
  origin: z.enum(["message", "direct"]),
  path: Path,
  /** Fixed with the path; absent on the legacy path, and where workers of the new path do the work. */
  integration: z.literal("delegate").optional(),
  stage: Stage,
  rolloutVersion: z.int().nonnegative(),
  bucket: z
    .int()
    .min(0)
    .max(BUCKETS - 1),
  cohortKey: CohortKey,
  pinKey: PinKey.optional(),
  bodyHash: z.string().min(1),
  orderId: OrderId.optional(),
  executionName: ExecutionName.optional(),
  decidedAt: z.int().nonnegative(),
  startedAt: z.int().nonnegative().optional(),
  forwardedAt: z.int().nonnegative().optional(),
  lease: Lease.optional(),
  /** ARN of the tap's queue by which the request was seen: the legacy consumer gets its message without us. */
  tap: z.string().min(1).optional(),
  generation: z.int().nonnegative(),
  endedAt: z.int().nonnegative().optional(),
  legacyOutcome: Outcome.optional(),
  orderOutcome: Outcome.optional(),
  mirrored: Mirrored.optional(),
  /** Of a sampled message on the legacy path. */
  shadow: Shadow.optional(),
});
export type Claim = z.infer<typeof Claim>;

export const keyOf = (claim: Claim): RequestKey => ({ route: claim.route, requestId: claim.requestId });

/** The lane that a request's claim fixes. */
export const laneOf = ({ path, integration }: Pick<Claim, "path" | "integration">): Lane =>
  integration === "delegate" ? "delegate" : path;

/** One entry of a pin: an open request at its generation. */
export const pinEntry = (key: RequestKey, generation: number): string => `${requestKeyText(key)}@${generation}`;

/** The entries of a request up to a generation: once that has ended, none of them holds its pin. */
export const pinEntriesUpTo = (key: RequestKey, generation: number): string[] =>
  Array.from({ length: generation + 1 }, (_, earlier) => pinEntry(key, earlier));

/** The inverse of pinEntry. */
export function parsePinEntry(entry: string): { readonly keyText: string; readonly generation: number } {
  const at = entry.lastIndexOf("@");
  return { keyText: entry.slice(0, at), generation: Number(entry.slice(at + 1)) };
}

/** What holds a pin key on one lane: the requests that are open there. */
export interface Pin {
  readonly lane: Lane;
  readonly entries: readonly string[];
}

/** An entry no longer holds its pin once its claim has ended at that generation or a later one began (A6, A7). */
export const entryIsDrained = (claim: Claim | undefined, generation: number): boolean =>
  claim !== undefined &&
  (claim.generation > generation || (claim.generation === generation && claim.endedAt !== undefined));

/** True for a request that was done before that redrive of its order: nothing of it begins again. */
export const wasDoneBefore = (claim: Claim | undefined, generation: number): boolean =>
  claim !== undefined && claim.generation < generation && isDone(claim);

/** True once an order's request has ended done. */
export const isDone = ({ endedAt, orderOutcome }: Claim): boolean =>
  endedAt !== undefined && orderOutcome !== undefined && orderOutcome.status !== "FAILED";

/** Names are free again 90 days after an execution closed; ten days are kept as headroom (X8). In milliseconds. */
export const NEVER_START_AFTER = 80 * 24 * 3600 * 1000;

/** True for an order that has not started and must not any more. `now`: epoch milliseconds. */
export const mayNotStart = (claim: Claim, now: number): boolean =>
  claim.path === "order" && claim.startedAt === undefined && now - claim.decidedAt > NEVER_START_AFTER;

export const claimExpired = () =>
  new BridgeError("CLAIM_EXPIRED", "reject", "the order was claimed over 80 days ago and never started");

/** SQS drops a repeated deduplication id for 5 minutes; a minute is kept as headroom. In milliseconds. */
export const FIFO_WINDOW = 4 * 60 * 1000;

/** What a delivery does about a claim, its own or one that was there. */
export type ClaimAction =
  | { readonly kind: "acknowledge" }
  | { readonly kind: "start" }
  /** `lookFirst`: an earlier send may have gone through; the row tells whether the legacy consumer has it. */
  | { readonly kind: "forward"; readonly lookFirst: boolean }
  | { readonly kind: "take-over-lease"; readonly seen: Lease }
  /** It was seen by a tap, and now the consumer's own copy came to us: nobody else will bring it. */
  | { readonly kind: "take-from-tap"; readonly tap: string }
  | { readonly kind: "wait" };

/** @throws BridgeError CONFLICT for another body under the same id. */
export function refuseOther(claim: Claim, bodyHash: string): void {
  if (claim.bodyHash === bodyHash) return;
  throw new BridgeError("CONFLICT", "reject", "requestId: the same id was claimed with another body", {
    details: { field: "requestId" },
  });
}

/**
 * What to do next about a request's claim; the claim decides, never the flag.
 * @param owner identifies this delivery, unique.
 * @param queueArn the queue of this delivery.
 * @param now epoch milliseconds.
 * @throws BridgeError CONFLICT for another body under the same id, CLAIM_EXPIRED for an order too old to start.
 */
export function actOn(
  claim: Claim,
  seen: { bodyHash: string; owner: string; queueArn: string; now: number },
): ClaimAction {
  refuseOther(claim, seen.bodyHash);
  const { tap } = claim;
  if (tap !== undefined && tap !== seen.queueArn && claim.endedAt === undefined) return { kind: "take-from-tap", tap };
  if (claim.endedAt !== undefined || claim.startedAt !== undefined || claim.forwardedAt !== undefined) {
    return { kind: "acknowledge" };
  }
  if (claim.path === "order") {
    if (mayNotStart(claim, seen.now)) throw claimExpired();
    return { kind: "start" };
  }
  if (claim.lease === undefined) return { kind: "forward", lookFirst: seen.now - claim.decidedAt > FIFO_WINDOW };
  if (claim.lease.owner === seen.owner) return { kind: "forward", lookFirst: false };
  return seen.now <= claim.lease.until ? { kind: "wait" } : { kind: "take-over-lease", seen: claim.lease };
}
