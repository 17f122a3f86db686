import { CheckAnswer, CheckTask } from "@crossfade/bridge";
import { TaskError } from "./task-error.ts";
import { telemetry } from "./telemetry.ts";

/** The function of one check of Order (N15): what it throws is retried by Order, and then taken as its answer. */
export function orderCheck(
  name: string,
  check: (task: CheckTask) => Promise<CheckAnswer>,
): (event: unknown) => Promise<CheckAnswer> {
  const { logger, count, tell, flush } = telemetry(`check-${name}`);
  return async (event) => {
    const task = CheckTask.parse(event);
    const ids = { orderId: task.orderId, correlationId: task.correlationId };
    logger.info("Checking the order", ids);
    try {
      const answer = CheckAnswer.parse(await check(task));
      logger.info("Order checked", { ...ids, code: answer.Error?.Code });
      count(answer.Error === undefined ? "Check.passed" : "Check.refused");
      return answer;
    } catch (error) {
      tell("Check not done", error, ids);
      count("Check.failed");
      throw new TaskError(error);
    } finally {
      await flush();
    }
  };
}
