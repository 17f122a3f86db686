import { setImmediate } from "node:timers/promises";
import { type Answer, ApiError, declined, failed, notSupported, unauthorised } from "./errors.ts";
import type { ArrivalFault, Faults, RequestKind } from "./faults.ts";
import { CancelParams, CaptureParams, CreateParams, parseParams } from "./form.ts";
import type { IdempotencyKeys, KeyedAnswer } from "./idempotency.ts";
import type { PaymentIntents } from "./intents.ts";

/** A request, as far as the API looks at it. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly secretKey: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly body: string;
}

export interface ApiDeps {
  readonly secretKey: string;
  readonly intents: PaymentIntents;
  readonly keys: IdempotencyKeys;
  readonly faults: Faults;
}

export const kindOf = ({ method }: ApiRequest): RequestKind => (method === "GET" ? "read" : "write");

const INTENTS = "/v1/payment_intents";
const OF_ONE = new RegExp(`^${INTENTS}/([^/]+)(?:/(capture|cancel))?$`);

/** The operation that a request asks for, with its parameters read; it has not begun yet. */
function operation({ intents }: ApiDeps, { method, path, body }: ApiRequest): () => unknown {
  const [, encoded = "", verb] = OF_ONE.exec(path) ?? [];
  const id = decodeURIComponent(encoded);
  if (method === "GET" && id !== "" && verb === undefined) return () => intents.read(id);
  if (method === "POST" && verb === "capture") {
    const params = parseParams(CaptureParams, body);
    return () => intents.capture(id, params);
  }
  if (method === "POST" && verb === "cancel") {
    const params = parseParams(CancelParams, body);
    return () => intents.cancel(id, params);
  }
  if (method === "POST" && path === INTENTS) {
    const params = parseParams(CreateParams, body);
    return () => intents.create(params);
  }
  throw notSupported(`${method} ${path}`);
}

/** Answers one request, in Stripe's order: key, parameters, idempotency, operation. */
export async function answer(deps: ApiDeps, request: ApiRequest, fault?: ArrivalFault): Promise<KeyedAnswer> {
  if (fault === "rate-limited") {
    throw new ApiError(429, { type: "invalid_request_error", code: "rate_limit", message: "too many requests" });
  }
  if (fault === "unavailable") throw new ApiError(503, { type: "api_error", message: "no service at the moment" });
  if (request.secretKey !== deps.secretKey) throw unauthorised();
  const { method, path, body, idempotencyKey } = request;
  const run = operation(deps, request);
  const perform = async (): Promise<Answer> => {
    if (method === "POST") {
      await deps.faults.held();
      await setImmediate(); // so that two requests of one moment meet
    }
    const trouble = deps.faults.atWork(kindOf(request));
    if (trouble === "declined") throw declined();
    if (trouble === "failed") throw failed();
    const result = run();
    if (trouble === "failed-late") throw failed();
    return { status: 200, body: result };
  };
  if (method !== "POST" || idempotencyKey === undefined) return { ...(await perform()), replayed: false };
  return deps.keys.answer(idempotencyKey, `${path} ${body}`, perform);
}
