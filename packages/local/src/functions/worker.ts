/** Runs in a thread of its own: loads one bundle, then answers one invocation after another. */
import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";
import { contextOf } from "./context.ts";
import { failureOf, marshalFailure } from "./failure.ts";
import { type Answer, Request, WorkerData } from "./messages.ts";

type BundleHandler = (event: unknown, context: unknown) => unknown;

const Module = z.record(z.string(), z.unknown());
const BundleHandler = z.custom<BundleHandler>((value) => typeof value === "function");
const { url, exportName } = WorkerData.parse(workerData);
const post = (answer: Answer) => parentPort?.postMessage(answer);

process.on("uncaughtException", (error) => post({ ...failureOf(error), kind: "crashed" }));
process.on("unhandledRejection", (reason) =>
  post({
    ...{ ...failureOf(reason), errorMessage: String(reason) },
    errorType: "Runtime.UnhandledPromiseRejection",
    kind: "crashed",
  }),
);

async function load(): Promise<BundleHandler> {
  const loaded: unknown = await import(url);
  const handler = BundleHandler.safeParse(Module.parse({ ...Object(loaded) })[exportName]);
  if (handler.success) return handler.data;
  const error = new Error(`${exportName} is not a function exported by ${url}`);
  error.name = "Runtime.HandlerNotFound";
  throw error;
}

async function answer(handler: BundleHandler, request: Request): Promise<Answer> {
  const { requestId } = request;
  let returned: unknown;
  try {
    returned = await handler(JSON.parse(request.event), contextOf(request));
  } catch (error) {
    return { ...failureOf(error), requestId };
  }
  try {
    return { kind: "returned", requestId, payload: JSON.stringify(returned ?? null) ?? "null" };
  } catch (error) {
    return { ...marshalFailure(error), requestId };
  }
}

/** The names Lambda gives to the two commonest failures of loading; any other error keeps its own. */
function initErrorType(error: unknown): string {
  if (error instanceof SyntaxError) return "Runtime.UserCodeSyntaxError";
  const code = z.object({ code: z.string() }).safeParse(error).data?.code;
  return code === "ERR_MODULE_NOT_FOUND" ? "Runtime.ImportModuleError" : failureOf(error).errorType;
}

try {
  const handler = await load();
  parentPort?.on("message", (message) => void answer(handler, Request.parse(message)).then(post));
  post({ kind: "ready" });
} catch (error) {
  post({ ...failureOf(error), errorType: initErrorType(error), kind: "crashed" });
}
