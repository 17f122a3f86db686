import { CorrelationId, OrderId, type SqsRecord, StatusChangeEvent } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import * as z from "zod";
import { eachRecord } from "./batch.ts";
import { composeRetries } from "./compose.ts";
import { Environment, readEnv } from "./env.ts";
import type { Telemetry } from "./telemetry.ts";

/** What a handler did about a status change, for the log and the metrics. */
export interface Handled {
  readonly outcome: string;
  readonly correlationId?: string | undefined;
}

/**
 * The function of a queue of status-change events: each is handled for itself; one that fails comes back, sooner and
 * then ever later than the queue's visibility timeout. `metric` begins the names of its metrics.
 */
export function statusChanges(
  { logger, count, time, tell, flush }: Telemetry,
  metric: string,
  queue: Parameters<typeof composeRetries>[0],
  handle: (change: StatusChangeEvent) => Promise<Handled>,
): (event: unknown) => Promise<SQSBatchResponse> {
  const comeBack = composeRetries(queue);
  const { MAX_RECEIVES } = readEnv(Environment.pick({ MAX_RECEIVES: true }));
  const one = async (record: SqsRecord): Promise<boolean> => {
    const change = StatusChangeEvent.parse(JSON.parse(record.body));
    const { executionArn, status } = change.detail;
    logger.info("Status change received", { executionArn, status });
    try {
      const handled = await handle(change);
      logger.info("Status change handled", { executionArn, status, ...handled });
      count(`${metric}.${handled.outcome}`);
      time(`${metric}.lagMs`, lagOf(change));
      return true;
    } catch (error) {
      const last = record.attributes.ApproximateReceiveCount >= MAX_RECEIVES;
      const what = last ? "Status change failed for the last time" : "Status change will be tried again";
      tell(what, error, { executionArn, status, ...idsIn(change) }, last);
      count(`${metric}.failed`);
      await comeBack(record);
      return false;
    }
  };
  return async (event) => {
    const response = await eachRecord(event, one, (record, error) =>
      tell("Record failed", error, { messageId: record.messageId }),
    );
    await flush();
    return response;
  };
}

/** Milliseconds since what the event tells of; two services' clocks may differ by a little. */
const lagOf = ({ detail }: StatusChangeEvent): number =>
  Math.max(0, Date.now() - (detail.stopDate ?? detail.startDate));

const OrderIds = z.object({ orderId: OrderId, correlationId: CorrelationId });

/** Whose status changed; nothing where the event came without the execution's input. */
function idsIn({ detail }: StatusChangeEvent): Partial<z.infer<typeof OrderIds>> {
  try {
    return OrderIds.parse(JSON.parse(detail.input ?? ""));
  } catch {
    return {};
  }
}
