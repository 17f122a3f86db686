import { randomUUID } from "node:crypto";
import type { Handler, InvocationContext, InvocationResult } from "../contract.ts";
import { contextOf } from "./context.ts";
import { failureOf, marshalFailure, timeoutFailure } from "./failure.ts";
import type { Identity, Runner } from "./runner.ts";

/**
 * Runs a handler in this process. The event and the result cross as JSON text, as they do in Lambda, so that nothing
 * shared or unserialisable slips through. A timed-out handler cannot be killed here: its result is ignored.
 */
export function runInProcess(fn: Identity, handler: Handler): Runner {
  return {
    async run(payload) {
      const requestId = randomUUID();
      const event: unknown = JSON.parse(payload);
      const deadline = Date.now() + fn.timeoutSeconds * 1000;
      let timer: NodeJS.Timeout | undefined;
      const timedOut = new Promise<InvocationResult>((resolve) => {
        timer = setTimeout(() => resolve(timeoutFailure(requestId, fn.timeoutSeconds)), fn.timeoutSeconds * 1000);
      });
      const context = contextOf({ functionName: fn.name, functionArn: fn.arn, requestId, deadline });
      try {
        return await Promise.race([timedOut, call(handler, event, context)]);
      } finally {
        clearTimeout(timer);
      }
    },
    close: async () => undefined,
  };
}

async function call(handler: Handler, event: unknown, context: InvocationContext): Promise<InvocationResult> {
  let returned: unknown;
  try {
    returned = await handler(event, context);
  } catch (error) {
    return failureOf(error);
  }
  try {
    const payload: unknown = JSON.parse(JSON.stringify(returned ?? null) ?? "null");
    return { kind: "returned", payload };
  } catch (error) {
    return marshalFailure(error);
  }
}
