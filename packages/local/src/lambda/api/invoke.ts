import * as z from "zod";
import type { InvocationResult } from "../../contract.ts";
import { type Action, defineAction, parse, type Reply } from "../action.ts";
import { noJson, tooLarge } from "../errors.ts";
import { ASYNC_PAYLOAD_BYTES, SYNC_PAYLOAD_BYTES } from "../limits.ts";
import { mustFindFunction, type World } from "../world.ts";

const Headers = z.object({
  "x-amz-invocation-type": z.enum(["RequestResponse", "Event", "DryRun"]).default("RequestResponse"),
  "x-amz-log-type": z.literal("None", "not supported by the local cloud: the tail of the log").optional(),
  "x-amz-client-context": z.never("not supported by the local cloud: ClientContext").optional(),
});

/** An answer may be a little longer than a request: room for the envelope that Lambda's runtime puts around it. */
const ANSWER_BYTES = SYNC_PAYLOAD_BYTES + 100;

export const invoke = (world: World): Action =>
  defineAction({
    method: "POST",
    path: "/2015-03-31/functions/{FunctionName}/invocations",
    input: { FunctionName: z.string(), Qualifier: z.literal("$LATEST").optional() },
    payload: true,
    run: async ({ FunctionName }, { headers, body }) => {
      const { "x-amz-invocation-type": type } = parse(Headers, headers);
      const { name } = mustFindFunction(world, FunctionName);
      const payload = readPayload(body, type === "Event" ? ASYNC_PAYLOAD_BYTES : SYNC_PAYLOAD_BYTES);
      if (type === "DryRun") return { status: 204 };
      if (type === "RequestResponse") return answered(await world.functions.invoke(name, payload));
      world.events.accept(name, payload);
      return { status: 202 };
    },
  });

function readPayload(body: string, limit: number): unknown {
  const bytes = Buffer.byteLength(body);
  if (bytes > limit) throw tooLarge(bytes, limit);
  try {
    return body === "" ? {} : JSON.parse(body);
  } catch (error) {
    throw noJson(String(error));
  }
}

function answered(result: InvocationResult): Reply {
  const headers = { "x-amz-executed-version": "$LATEST" };
  const size = result.kind === "returned" ? Buffer.byteLength(JSON.stringify(result.payload)) : 0;
  if (result.kind === "returned" && size <= ANSWER_BYTES) return { status: 200, headers, body: result.payload };
  const failure =
    result.kind === "failed"
      ? result
      : {
          errorType: "Function.ResponseSizeTooLarge",
          errorMessage: `Response payload size exceeded maximum allowed payload size (${ANSWER_BYTES} bytes).`,
          trace: [],
        };
  const { errorType, errorMessage, trace } = failure;
  return {
    status: 200,
    headers: { ...headers, "x-amz-function-error": "Unhandled" },
    body: { errorType, errorMessage, ...(trace.length > 0 && { trace }) },
  };
}
