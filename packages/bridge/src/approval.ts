import * as z from "zod";
import { CorrelationId, ExecutionName, OrderId, RouteType } from "./ids.ts";
import { Amount } from "./money.ts";
import type { ApprovalNeed, OrderDraft } from "./order.ts";
import type { Migration } from "./route.ts";

/** A task token of Step Functions (N4). Whoever has it can answer the task: it is never logged, shown, or kept in clear. */
export const TaskToken = z.string().min(1).max(2048).brand<"TaskToken">();
export type TaskToken = z.infer<typeof TaskToken>;

/** Which asking it is: a redrive raises the generation, a send that had to be repeated its retries. */
export const Attempt = z.strictObject({ generation: z.int().nonnegative(), retry: z.int().nonnegative() });
export type Attempt = z.infer<typeof Attempt>;

/** What a person is asked (N16). Nothing in it is secret. Amounts in the currency's minor unit. */
export const ApprovalQuestion = z.strictObject({
  orderId: OrderId,
  executionName: ExecutionName,
  correlationId: CorrelationId,
  amount: Amount,
  over: Amount,
  /** How many items the order has. */
  items: z.int().positive(),
});
export type ApprovalQuestion = z.infer<typeof ApprovalQuestion>;

/** The message that Order sends when it begins to wait. */
export const ApprovalRequest = z.strictObject({ ...ApprovalQuestion.shape, attempt: Attempt, token: TaskToken });
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** What Order is told. Name and reason end in the old table when it is refused, hence their limits. */
export const ApprovalAnswer = z.strictObject({
  approved: z.boolean(),
  by: z.string().trim().min(1).max(100),
  reason: z.string().trim().min(1).max(500),
});
export type ApprovalAnswer = z.infer<typeof ApprovalAnswer>;

/** An answer as it was decided, once and for ever. `at` is epoch milliseconds. */
export const ApprovalDecision = z.strictObject({ ...ApprovalAnswer.shape, at: z.int().nonnegative() });
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;

/** How Order's wait ended: with an answer, or without one. */
export const WaitEnd = z.enum(["answered", "expired"]);
export type WaitEnd = z.infer<typeof WaitEnd>;

/** A request for approval, as the ledger knows it. */
export interface Approval {
  readonly question: ApprovalQuestion;
  /** The newest asking. */
  readonly attempt: Attempt;
  /** Epoch milliseconds of the first asking. */
  readonly askedAt: number;
  /** The newest asking's token, until its wait has ended. */
  readonly sealedToken: string | undefined;
  readonly decision: ApprovalDecision | undefined;
  readonly waitEnd: WaitEnd | undefined;
}

/**
 * The draft with what it needs of approval: its authorised amount is over the smallest threshold of its items' routes.
 * An item of an unknown route has none; it is refused elsewhere.
 */
export function withApproval({ routes }: Pick<Migration, "routes">, draft: OrderDraft): OrderDraft {
  const thresholds = draft.items.flatMap((item) => {
    const type = RouteType.safeParse(item.route);
    return (type.success ? routes.get(type.data)?.approveOver : undefined) ?? [];
  });
  const over = Math.min(...thresholds);
  const amount = draft.payment?.amount ?? 0;
  const approval: ApprovalNeed | undefined = amount > over ? { over, amount } : undefined;
  return { ...draft, ...(approval && { approval }) };
}
