import type {
  Approval,
  ApprovalAnswer,
  ApprovalDecision,
  ApprovalQuestion,
  Attempt,
  TaskToken,
  WaitEnd,
} from "../approval.ts";
import type { ExecutionName, OrderId } from "../ids.ts";
import type { Page } from "./common.ts";

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
