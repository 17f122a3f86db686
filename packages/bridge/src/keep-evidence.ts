import { type EvidenceRecord, MAX_EVENTS } from "./evidence.ts";
import { actionNameAt } from "./execution-name.ts";
import type { OrderInput, OrderItem } from "./order.ts";
import type { EvidenceLedger, ExecutionDescription, ExecutionReader } from "./ports.ts";

export interface EvidenceDeps {
  readonly executions: Pick<ExecutionReader, "evidence">;
  readonly evidence: EvidenceLedger;
}

/** What is known of an order's failure; `failure`: why it is not known, or not in the ledger. */
export interface KeptEvidence {
  readonly evidence?: EvidenceRecord | undefined;
  readonly failure?: unknown;
}

const ACTION_EVENTS = 10;

/**
 * `arn:<partition>:states:<region>:<account>:execution`, then the Action's machine and the name from the order. The
 * machine is called as Order is, `<prefix>-Order`: what the prefix is, each deployment says for itself.
 */
export function actionArn(
  orderArn: string,
  item: Pick<OrderItem, "action" | "executionName">,
  generation: number,
): string {
  const [order = "", ...stem] = orderArn.split(":").slice(0, 7).reverse();
  const machine = order.replace(/[^-]*$/, item.action);
  return [...stem.reverse(), machine, actionNameAt(item.executionName, generation)].join(":");
}

async function collect(
  deps: EvidenceDeps,
  order: OrderInput,
  execution: ExecutionDescription,
): Promise<EvidenceRecord> {
  const { executionArn, status, redriveCount: generation } = execution;
  const at = execution.stoppedAt ?? execution.startedAt;
  const found = (await deps.executions.evidence(executionArn, MAX_EVENTS)) ?? { events: [] };
  const record = { executionArn, status, generation, at, ...found };
  const item = found.item === undefined ? undefined : order.items[found.item];
  if (item === undefined) return record;
  const nested = actionArn(executionArn, item, generation);
  const action = await deps.executions.evidence(nested, ACTION_EVENTS);
  return action ? { ...record, action: { requestId: item.requestId, executionArn: nested, ...action } } : record;
}

/**
 * Keeps what Step Functions tells of an unsuccessful order (R4), in two calls of GetExecutionHistory at most and one
 * write. Never throws: what settle does about the order does not depend on it.
 */
export async function keepEvidence(
  deps: EvidenceDeps,
  order: OrderInput,
  execution: ExecutionDescription,
): Promise<KeptEvidence> {
  let evidence: EvidenceRecord | undefined;
  try {
    evidence = await collect(deps, order, execution);
    await deps.evidence.keep(order.orderId, evidence);
    return { evidence };
  } catch (failure) {
    return { evidence, failure };
  }
}
