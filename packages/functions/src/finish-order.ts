import { FinishInput, finishOrder, flaggedItems, OrderOutcome } from "@crossfade/bridge";
import { composeFinishOrder } from "./compose.ts";
import { countFlagged } from "./status-changes.ts";
import { TaskError } from "./task-error.ts";
import { errorFields, telemetry } from "./telemetry.ts";

const { logger, count, flush } = telemetry("finish-order");
const deps = composeFinishOrder();

/** The last state of Order: the charge, then the outcome item by item (N5, N6). */
export async function handler(event: unknown): Promise<OrderOutcome> {
  const input = FinishInput.parse(event);
  const { order, refusal } = input;
  const ids = { orderId: order.orderId, correlationId: order.correlationId };
  logger.info("Finishing the order", ids);
  try {
    const outcome = OrderOutcome.parse(await finishOrder(deps, input));
    logger.info("Order finished", { ...ids, status: outcome.status, charge: outcome.charge.kind });
    count(`Order.${outcome.status}`);
    if (refusal !== undefined) {
      logger.warn("Order was refused before its work began", { ...ids, code: refusal.Code });
      count("Order.refused");
    }
    if (outcome.chargeMismatch !== undefined) {
      logger.error("Charge is not what was decided", { ...ids, chargeMismatch: outcome.chargeMismatch });
      count("Charge.mismatch");
    }
    countFlagged(count, flaggedItems(outcome.items));
    return outcome;
  } catch (error) {
    logger.warn("Order not finished", { ...ids, ...errorFields(error) });
    throw new TaskError(error);
  } finally {
    flush();
  }
}
