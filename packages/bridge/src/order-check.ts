import * as z from "zod";
import { CohortKey, CorrelationId, OrderId } from "./ids.ts";
import { OrderItem } from "./order.ts";
import { SoftError } from "./outcome.ts";

/** What a check of an order is told (N15): who orders what, and nothing of how it is paid. */
export const CheckTask = z.strictObject({
  orderId: OrderId,
  correlationId: CorrelationId,
  customerId: CohortKey,
  items: z.array(OrderItem).min(1),
});
export type CheckTask = z.infer<typeof CheckTask>;

/** What it finds: nothing, or the soft error with which every item of the order ends. */
export const CheckAnswer = z.strictObject({ Error: SoftError.optional() });
export type CheckAnswer = z.infer<typeof CheckAnswer>;

/** A check as a migration declares it. `name` is one lower-case word; `question` reads as a sentence (R6). */
export interface OrderCheck {
  readonly name: string;
  readonly question: string;
}
