import type { InvocationResult } from "../contract.ts";

/** What a runner needs to know of the function that it runs. */
export interface Identity {
  readonly name: string;
  readonly arn: string;
  readonly timeoutSeconds: number;
}

/** Runs a function, event as JSON text, one way or another. */
export interface Runner {
  run(payload: string): Promise<InvocationResult>;
  /** Ends what it holds; an invocation in hand fails. Safe to call more than once. */
  close(): Promise<void>;
}
