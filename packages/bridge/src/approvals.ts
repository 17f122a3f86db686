import type { Approval, ApprovalAnswer, ApprovalDecision, ApprovalRequest } from "./approval.ts";
import type { OrderId } from "./ids.ts";
import type { ApprovalLedger, ApprovalTasks, Clock, Page, TokenVault } from "./ports.ts";

export interface ApprovalDeps {
  readonly approvals: ApprovalLedger;
  readonly tasks: ApprovalTasks;
  readonly vault: TokenVault;
  readonly clock: Clock;
}

/** `waiting`: the order has begun to ask anew, and is told the decision as soon as that request arrives. */
type Delivered = "answered" | "expired" | "waiting";

/**
 * Tells Order what was decided, then takes the token out of the ledger. Safe to repeat: a token that is no longer
 * waited for does not say why, so the execution's history is asked how its wait ended.
 */
async function deliver(deps: ApprovalDeps, approval: Approval, decision: ApprovalDecision): Promise<Delivered> {
  const { sealedToken, attempt, question } = approval;
  if (sealedToken === undefined) return approval.waitEnd ?? "waiting";
  const { approved, by, reason } = decision;
  const taken = await deps.tasks.answer(deps.vault.open(sealedToken, question.orderId), { approved, by, reason });
  const end = taken ? "answered" : await deps.tasks.waitEnd(question.executionName);
  if (end !== "waiting") await deps.approvals.end(question.orderId, attempt, end);
  return end;
}

/** What became of a request: `late` when a newer one is known, or the wait is over. */
export type RecordedApproval = { readonly kind: "asked" | "late" | Delivered };

/**
 * Records what Order asks, so that people find it. Where it was decided before (an execution was redriven, a send was
 * repeated), the decision stands and is sent at once. Idempotent: the same request again finishes what a crash left.
 * @param askedAt epoch milliseconds.
 */
export async function recordApprovalRequest(
  deps: ApprovalDeps,
  { token, attempt, ...question }: ApprovalRequest,
  askedAt: number,
): Promise<RecordedApproval> {
  const sealed = deps.vault.seal(token, question.orderId);
  const approval = await deps.approvals.record(question, attempt, sealed, askedAt);
  if (approval === undefined || approval.sealedToken === undefined) return { kind: "late" };
  return { kind: approval.decision === undefined ? "asked" : await deliver(deps, approval, approval.decision) };
}

/** Requests whose wait has not ended, oldest first; may be seconds behind. */
export const listApprovals = (
  deps: { readonly approvals: Pick<ApprovalLedger, "open"> },
  limit: number,
  after?: string,
): Promise<Page<Approval>> => deps.approvals.open(limit, after);

export type AnsweredApproval =
  /** Order has the answer. */
  | { readonly kind: "answered" | "waiting"; readonly decision: ApprovalDecision }
  /** Nobody waits for an answer any more. */
  | { readonly kind: "expired" }
  /** Somebody decided otherwise before. */
  | { readonly kind: "decided-otherwise"; readonly decision: ApprovalDecision }
  | { readonly kind: "unknown" };

/**
 * Answers a request for approval. One conditional write decides, so that of two people one wins; the same answer again
 * is fine, and finishes what a crash left between the decision, its sending, and the token's end.
 * @throws BridgeError TOKEN_UNREADABLE (fatal), DEPENDENCY_FAILED (retry).
 */
export async function answerApproval(
  deps: ApprovalDeps,
  orderId: OrderId,
  answer: ApprovalAnswer,
): Promise<AnsweredApproval> {
  const approval = await deps.approvals.decide(orderId, { ...answer, at: deps.clock.now() });
  if (approval === undefined) return { kind: "unknown" };
  const { decision } = approval;
  if (decision === undefined || approval.waitEnd === "expired") return { kind: "expired" };
  if (decision.approved !== answer.approved) return { kind: "decided-otherwise", decision };
  const kind = await deliver(deps, approval, decision);
  return kind === "expired" ? { kind } : { kind, decision };
}
