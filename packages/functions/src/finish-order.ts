import { FinishInput, finishOrder, OrderOutcome } from "@crossfade/bridge";
import { composeFinishOrder } from "./compose.ts";
import { Finding } from "./error-facts.ts";
import { TaskError } from "./task-error.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("finish-order");
const deps = composeFinishOrder();

/** The last state of Order: the charge, then the outcome item by item (N5, N6). */
export async function handler(event: unknown): Promise<OrderOutcome> {
  const { order, results } = FinishInput.parse(event);
  const ids = { orderId: order.orderId, correlationId: order.correlationId };
  logger.info("Finishing the order", ids);
  try {
    const outcome = OrderOutcome.parse(await finishOrder(deps, { order, results }));
    logger.info("Order finished", { ...ids, status: outcome.status, charge: outcome.charge.kind });
    count(`Order.${outcome.status}`);
    if (outcome.chargeMismatch !== undefined) {
      tell("Charge is not what was decided", new Finding("CHARGE_MISMATCH", outcome.chargeMismatch), ids);
      count("Charge.mismatch");
    }
    const unpaid = outcome.items.filter((item) => item.status === "COMPLETED_UNPAID").length;
    if (unpaid > 0) count("Order.unpaidItems", unpaid);
    return outcome;
  } catch (error) {
    tell("Order not finished", error, ids);
    throw new TaskError(error);
  } finally {
    await flush();
  }
}
