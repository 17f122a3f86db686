import { OrderOutcome, PlanTask, planOrder } from "@crossfade/bridge";
import { composePlan } from "./compose.ts";
import { TaskError } from "./task-error.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("plan");
const deps = composePlan();

/** The one Task of an order in shadow: what it would do, item by item (X3). */
export async function handler(event: unknown): Promise<OrderOutcome> {
  const { order } = PlanTask.parse(event);
  const ids = { orderId: order.orderId, correlationId: order.correlationId };
  logger.info("Planning the order", ids);
  try {
    const outcome = OrderOutcome.parse(await planOrder(deps, order));
    const codes = outcome.items.flatMap((item) => item.Error?.Code ?? []);
    logger.info("Order planned", { ...ids, status: outcome.status, codes });
    count(`Plan.${outcome.status}`);
    return outcome;
  } catch (error) {
    tell("Order not planned", error, ids);
    count("Plan.failed");
    throw new TaskError(error);
  } finally {
    await flush();
  }
}
