import { flaggedItems, type Settled, type SqsRecord, StatusChangeEvent } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import { eachRecord } from "./batch.ts";
import { composeRetries } from "./compose.ts";
import { errorFields, type Telemetry } from "./telemetry.ts";

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
  { logger, count, flush }: Telemetry,
  metric: string,
  queue: Parameters<typeof composeRetries>[0],
  handle: (change: StatusChangeEvent) => Promise<Handled>,
): (event: unknown) => Promise<SQSBatchResponse> {
  const comeBack = composeRetries(queue);
  const one = async (record: SqsRecord): Promise<boolean> => {
    const change = StatusChangeEvent.parse(JSON.parse(record.body));
    const { executionArn, status } = change.detail;
    logger.info("Status change received", { executionArn, status });
    try {
      const handled = await handle(change);
      logger.info("Status change handled", { executionArn, status, ...handled });
      count(`${metric}.${handled.outcome}`);
      return true;
    } catch (error) {
      logger.warn("Status change will be tried again", { executionArn, status, ...errorFields(error) });
      count(`${metric}.failed`);
      await comeBack(record);
      return false;
    }
  };
  return async (event) => {
    const response = await eachRecord(event, one, (record, error) =>
      logger.error("Record failed", { messageId: record.messageId, ...errorFields(error) }),
    );
    flush();
    return response;
  };
}

/** An order that was settled, with the tail of its history (R4); what a person must look at has metrics to alarm on. */
export function tellSettled({ logger, count }: Telemetry, settled: Settled): void {
  const { executionArn, status, order, charge, ends, withoutRow, history } = settled;
  const flagged = flaggedItems(ends);
  const { correlationId, orderId } = order;
  const what = { charge: charge.decision.kind, chargeMismatch: charge.mismatch, ...flagged, withoutRow };
  logger.error("Order settled", { executionArn, status, orderId, correlationId, ...what, history });
  if (charge.mismatch !== undefined) count("Charge.mismatch");
  countFlagged(count, flagged);
  tellWithoutRow({ logger, count }, withoutRow, correlationId);
}

/** Metrics to alarm on: each item counted is a person's business. */
export function countFlagged(count: Telemetry["count"], { unpaid, partlyDone }: ReturnType<typeof flaggedItems>): void {
  if (unpaid > 0) count("Order.unpaidItems", unpaid);
  if (partlyDone > 0) count("Order.partlyDoneItems", partlyDone);
}

/** A request that shares its id with another route's: its end stands in the ledger alone. */
export function tellWithoutRow(
  { logger, count }: Pick<Telemetry, "logger" | "count">,
  items: number,
  correlationId: string | undefined,
): void {
  if (items === 0) return;
  logger.error("Row belongs to another route's request", { correlationId, items });
  count("Mirror.withoutRow", items);
}
