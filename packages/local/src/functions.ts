import { randomUUID } from "node:crypto";
import {
  ACCOUNT_ID,
  DEFAULT_REGION,
  type FunctionHost,
  type Handler,
  type InvocationContext,
  type InvocationResult,
} from "./contract.ts";

/** Lambda's default and greatest function timeout, in seconds (Lambda developer guide, "Configure function timeout"). */
const DEFAULT_TIMEOUT_SECONDS = 3;
const GREATEST_TIMEOUT_SECONDS = 900;
const NAME = /^[a-zA-Z0-9-_]{1,64}$/;

interface RegisteredFunction {
  readonly name: string;
  readonly arn: string;
  readonly handler: Handler;
  readonly timeoutSeconds: number;
}

/**
 * Functions that run in this process. The event and the result cross as JSON text, as they do in Lambda, so that
 * nothing shared or unserialisable slips through. A timed-out handler cannot be killed here: its result is ignored.
 */
export function createFunctionHost(region: string = DEFAULT_REGION): FunctionHost {
  const functions = new Map<string, RegisteredFunction>();
  const find = (nameOrArn: string) => functions.get(nameOrArn.split(":function:").at(-1) ?? nameOrArn);

  function mustFind(nameOrArn: string): RegisteredFunction {
    const found = find(nameOrArn);
    if (found === undefined) throw new Error(`Function not found: ${nameOrArn}`);
    return found;
  }

  return {
    register(name, handler, options) {
      const timeoutSeconds = options?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
      if (!NAME.test(name)) throw new Error(`not a function name: ${name}`);
      if (!(timeoutSeconds > 0 && timeoutSeconds <= GREATEST_TIMEOUT_SECONDS)) {
        throw new Error(`timeoutSeconds of ${name} must be above 0 and at most ${GREATEST_TIMEOUT_SECONDS}`);
      }
      const arn = `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`;
      functions.set(name, { name, arn, handler, timeoutSeconds });
      return arn;
    },
    has: (nameOrArn) => find(nameOrArn) !== undefined,
    async invoke(nameOrArn, payload) {
      return run(mustFind(nameOrArn), payload);
    },
  };
}

async function run(fn: RegisteredFunction, payload: unknown): Promise<InvocationResult> {
  const awsRequestId = randomUUID();
  const event: unknown = JSON.parse(JSON.stringify(payload ?? {}));
  const deadline = Date.now() + fn.timeoutSeconds * 1000;
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<InvocationResult>((resolve) => {
    timer = setTimeout(() => resolve(timeoutFailure(awsRequestId, fn.timeoutSeconds)), fn.timeoutSeconds * 1000);
  });
  try {
    return await Promise.race([timedOut, call(fn, event, contextOf(fn, awsRequestId, deadline))]);
  } finally {
    clearTimeout(timer);
  }
}

async function call(fn: RegisteredFunction, event: unknown, context: InvocationContext): Promise<InvocationResult> {
  let returned: unknown;
  try {
    returned = await fn.handler(event, context);
  } catch (error) {
    return failureOf(error);
  }
  try {
    const payload: unknown = JSON.parse(JSON.stringify(returned ?? null) ?? "null");
    return { kind: "returned", payload };
  } catch (error) {
    return { ...failureOf(error), errorType: "Runtime.MarshalError" };
  }
}

function failureOf(error: unknown): Extract<InvocationResult, { kind: "failed" }> {
  if (!(error instanceof Error)) {
    return { kind: "failed", errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const trace = error.stack?.split("\n") ?? [];
  return { kind: "failed", errorType: error.name, errorMessage: error.message, trace };
}

function timeoutFailure(requestId: string, seconds: number): InvocationResult {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
  return { kind: "failed", errorType: "Sandbox.Timedout", errorMessage, trace: [] };
}

function contextOf(fn: RegisteredFunction, awsRequestId: string, deadline: number): InvocationContext {
  const ignored = () => undefined;
  return {
    functionName: fn.name,
    functionVersion: "$LATEST",
    invokedFunctionArn: fn.arn,
    memoryLimitInMB: "1024",
    awsRequestId,
    logGroupName: `/aws/lambda/${fn.name}`,
    logStreamName: `local/[$LATEST]${awsRequestId}`,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: ignored,
    fail: ignored,
    succeed: ignored,
  };
}
