import { attemptNumber, BridgeError, CorrelationId, handOver, OrderId, OrderItem, TaskToken } from "@crossfade/bridge";
import * as z from "zod";
import { composeDelegate } from "./compose.ts";
import { TaskError } from "./task-error.ts";
import { telemetry } from "./telemetry.ts";

const { logger, count, tell, flush } = telemetry("delegate");
const deps = composeDelegate();

/** What an Action hands over; `token` is never logged. */
const Task = z.strictObject({
  orderId: OrderId,
  correlationId: CorrelationId,
  generation: z.int().nonnegative().max(999),
  item: OrderItem,
  token: TaskToken,
  waits: z.int().nonnegative().max(99_999),
  retries: z.int().nonnegative().max(999),
});

/**
 * A task that waits for the legacy service (N4): asks it once, and keeps the token by which observe tells the end. What
 * the function returns means nothing; the task ends by its token.
 */
export async function handler(event: unknown): Promise<void> {
  const { waits, retries, ...task } = Task.parse(event);
  const { orderId, correlationId, item } = task;
  const ids = { orderId, correlationId, requestId: item.requestId, waits, retries };
  logger.info("Handing over", ids);
  try {
    await handOver(deps, { ...task, attempt: attemptNumber({ ...task, waits, retries }) });
    logger.info("Handed over", ids);
    count("Delegate.handedOver");
  } catch (error) {
    tell("Not handed over", error, ids);
    count(error instanceof BridgeError ? `Delegate.${error.code}` : "Delegate.failed");
    throw new TaskError(error);
  } finally {
    await flush();
  }
}
