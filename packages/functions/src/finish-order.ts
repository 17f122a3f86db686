import { BridgeError, FinishInput, finishOrder, flaggedItems, OrderOutcome } from "@crossfade/bridge";
import { composeFinishOrder } from "./compose.ts";
import { Finding } from "./error-facts.ts";
import { TaskError } from "./task-error.ts";
import { telemetry } from "./telemetry.ts";
import { tellFlagged } from "./tell-order.ts";

const { logger, count, tell, flush } = telemetry("finish-order");
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
      tell("Charge is not what was decided", new Finding("CHARGE_MISMATCH", outcome.chargeMismatch), ids);
      count("Charge.mismatch");
    }
    tellFlagged({ count, tell }, flaggedItems(outcome.items), ids);
    return outcome;
  } catch (error) {
    if (error instanceof BridgeError && error.code === "SUPERSEDED") {
      logger.warn("Order has been redriven since", ids);
      count("Order.superseded");
    } else tell("Order not finished", error, ids);
    throw new TaskError(error);
  } finally {
    await flush();
  }
}
