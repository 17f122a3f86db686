import type { InvocationResult } from "../contract.ts";

export type Failure = Extract<InvocationResult, { kind: "failed" }>;

/** What a function threw, as Lambda's Node.js runtime reports it. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) {
    return { kind: "failed", errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const trace = error.stack?.split("\n") ?? [];
  return { kind: "failed", errorType: error.name, errorMessage: error.message, trace };
}

/** A result that is no JSON. */
export function marshalFailure(error: unknown): Failure {
  return { ...failureOf(error), errorType: "Runtime.MarshalError" };
}

export function timeoutFailure(requestId: string, seconds: number): Failure {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
  return { kind: "failed", errorType: "Sandbox.Timedout", errorMessage, trace: [] };
}

/** The function ended its own process in the middle of an invocation. */
export function exitFailure(requestId: string, exitCode: number): Failure {
  const reason = exitCode === 0 ? "Runtime exited without providing a reason" : `exit status ${exitCode}`;
  const error = exitCode === 0 ? reason : `Runtime exited with error: ${reason}`;
  return {
    kind: "failed",
    errorType: "Runtime.ExitError",
    errorMessage: `RequestId: ${requestId} Error: ${error}`,
    trace: [],
  };
}
