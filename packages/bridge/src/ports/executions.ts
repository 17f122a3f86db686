import type { Evidence, EvidenceRecord, HistoryStep } from "../evidence.ts";
import type { ExecutionStatus } from "../fence.ts";
import type { ExecutionName, OrderId } from "../ids.ts";

export type StartResult = { readonly kind: "started" } | { readonly kind: "exists" };

/** Starts Order executions. */
export interface OrderStarter {
  /** `exists`: the name is taken by a closed execution, or by one with another input. */
  start(name: ExecutionName, input: string): Promise<StartResult>;
}

/** An execution as DescribeExecution tells it; status and redriveCount come from one answer. Times: epoch ms. */
export interface ExecutionDescription {
  readonly executionArn: string;
  readonly status: ExecutionStatus;
  readonly redriveCount: number;
  /** Why Step Functions would not redrive it: in its own words; undefined when it would. */
  readonly notRedrivable?: string | undefined;
  readonly startedAt: number;
  readonly stoppedAt: number | undefined;
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
}

export interface ExecutionReader {
  /** The Order execution of that name; undefined when Step Functions does not know it, or not yet. */
  find(name: ExecutionName): Promise<ExecutionDescription | undefined>;
  describe(executionArn: string): Promise<ExecutionDescription>;
  /** Where an execution broke, and the newest events of its history; undefined when there is no such execution (R4). */
  evidence(executionArn: string, events: number): Promise<Evidence | undefined>;
}

/** One event of an execution's history, without its payload. `at`: epoch milliseconds. */
export type HistoryEntry = Pick<HistoryStep, "id" | "type" | "state" | "error"> & { readonly at: number };

/** What a person may see of executions; undefined when Step Functions does not know the execution, or no more. */
export interface ExecutionSights {
  look(executionArn: string): Promise<ExecutionDescription | undefined>;
  /** So many of the newest events (1,000 at most), oldest first. */
  history(executionArn: string, events: number): Promise<readonly HistoryEntry[] | undefined>;
}

/** What Step Functions told of unsuccessful orders: one record for each. */
export interface EvidenceLedger {
  /** False when the record there is of a later generation: it stays. */
  keep(orderId: OrderId, record: EvidenceRecord): Promise<boolean>;
  read(orderId: OrderId): Promise<EvidenceRecord | undefined>;
}
