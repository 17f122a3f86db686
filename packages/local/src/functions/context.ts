import type { InvocationContext } from "../contract.ts";

/** What identifies one invocation. */
export interface Invocation {
  readonly functionName: string;
  readonly functionArn: string;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export function contextOf({ functionName, functionArn, requestId, deadline }: Invocation): InvocationContext {
  const ignored = () => undefined;
  return {
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: functionArn,
    memoryLimitInMB: "1024",
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: `local/[$LATEST]${requestId}`,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: ignored,
    fail: ignored,
    succeed: ignored,
  };
}
