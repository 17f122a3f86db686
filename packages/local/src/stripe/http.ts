import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type ApiDeps, type ApiRequest, answer, kindOf } from "./api.ts";
import { answerOf, invalid } from "./errors.ts";
import type { ArrivalFault } from "./faults.ts";
import type { KeyedAnswer } from "./idempotency.ts";

const FORM = "application/x-www-form-urlencoded";

/** The secret key comes as a bearer token, or as the user name of basic authentication. */
function secretKeyOf(authorization: string | undefined): string | undefined {
  const [scheme, value = ""] = authorization?.split(" ") ?? [];
  if (scheme === "Bearer") return value;
  return scheme === "Basic" ? Buffer.from(value, "base64").toString().split(":")[0] : undefined;
}

export async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const { headers, method = "", url = "" } = request;
  const key = headers["idempotency-key"];
  return {
    method,
    path: new URL(url, "http://localhost").pathname,
    secretKey: secretKeyOf(headers.authorization),
    idempotencyKey: typeof key === "string" ? key : undefined,
    body: await text(request),
  };
}

/** Answers over HTTP, or does not, as the fault says. */
export async function respond(
  deps: ApiDeps,
  request: ApiRequest,
  contentType: string | undefined,
  response: ServerResponse,
): Promise<void> {
  const fault = deps.faults.onArrival(kindOf(request));
  if (fault === "dropped") return void response.destroy();
  const { status, body, replayed } = await asked(deps, request, contentType, fault);
  if (fault === "lost") return void response.destroy();
  if (fault === "silent") return;
  const json = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(json),
    "request-id": `req_${randomUUID()}`,
    ...(request.idempotencyKey !== undefined && { "idempotency-key": request.idempotencyKey }),
    ...(replayed && { "idempotent-replayed": "true" }),
    // Trying again would be told the same: the key keeps the answer.
    ...(status === 500 && { "stripe-should-retry": "false" }),
  });
  if (fault !== "cut") return void response.end(json);
  response.write(json.slice(0, json.length / 2), () => response.destroy());
}

async function asked(
  deps: ApiDeps,
  request: ApiRequest,
  contentType: string | undefined,
  fault: ArrivalFault | undefined,
): Promise<KeyedAnswer> {
  try {
    if (request.method === "POST" && contentType !== FORM) throw invalid(`the body must be ${FORM}`);
    return await answer(deps, request, fault);
  } catch (error) {
    return { ...answerOf(error), replayed: false };
  }
}
