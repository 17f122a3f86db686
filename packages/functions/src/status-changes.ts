import { CorrelationId, OrderId, type Settled, type SqsRecord, StatusChangeEvent } from "@crossfade/bridge";
import type { SQSBatchResponse } from "aws-lambda";
import * as z from "zod";
import { eachRecord } from "./batch.ts";
import { composeRetries } from "./compose.ts";
import { Environment, readEnv } from "./env.ts";
import { Finding } from "./error-facts.ts";
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
  { logger, count, tell, flush }: Telemetry,
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

const OrderIds = z.object({ orderId: OrderId, correlationId: CorrelationId });

/** Whose status changed; nothing where the event came without the execution's input. */
function idsIn({ detail }: StatusChangeEvent): Partial<z.infer<typeof OrderIds>> {
  try {
    return OrderIds.parse(JSON.parse(detail.input ?? ""));
  } catch {
    return {};
  }
}

/** An order that was settled, and where it broke (R4); what a person must look at has metrics to alarm on. */
export function tellSettled({ logger, count, tell }: Telemetry, settled: Settled): void {
  const { executionArn, status, order, charge, unpaid, withoutRow, kept } = settled;
  const { correlationId, orderId } = order;
  const ids = { executionArn, status, orderId, correlationId };
  const what = { charge: charge.decision.kind, chargeMismatch: charge.mismatch, unpaid, withoutRow };
  const { failedState, error } = kept.evidence ?? {};
  const text = `the order ended in ${failedState ?? "a state that is not known"}: ${error ?? "no error is named"}`;
  tell("Order settled", new Finding(`ORDER_${status}`, text), { ...ids, ...what, evidence: kept.evidence });
  if (kept.failure !== undefined) {
    tell("Evidence was not kept", kept.failure, ids);
    count("Evidence.failed");
  }
  if (charge.mismatch !== undefined) {
    tell("Charge is not what was decided", new Finding("CHARGE_MISMATCH", charge.mismatch), ids);
    count("Charge.mismatch");
  }
  if (unpaid > 0) count("Order.unpaidItems", unpaid);
  tellWithoutRow({ logger, count }, withoutRow, correlationId);
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
