import type { OrderRuns } from "../support/order-runs.ts";
import type { Script } from "./deeds.ts";

/** How the machine is changed for a run; `hurried` unless said otherwise. See definition.ts. */
export type Variant = "hurried" | "stand-ins" | "overdue";

export interface Start {
  readonly machine: string;
  readonly variant?: Variant;
  readonly name?: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** One execution, what everybody does in it, and how it must end. */
export interface Scenario extends Start {
  readonly what: string;
  readonly orderId: string;
  readonly script?: Script;
  /** What must have happened before it starts. */
  readonly before?: (stage: Stage) => Promise<unknown>;
  readonly ends: Readonly<Record<string, unknown>>;
}

export interface Stage extends OrderRuns {
  /** Starts an execution. Resolves with its ARN. */
  play(start: Start): Promise<string>;
}

export const FAILED = (Code: string) => ({ output: { status: "FAILED", Error: { Code } } });
export const DONE = { status: "SUCCEEDED", output: { status: "COMPLETED" } };
