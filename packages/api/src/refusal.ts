import type { Disposition, ErrorCode } from "@crossfade/bridge";
import { BridgeError } from "@crossfade/bridge";
import { HTTPException } from "hono/http-exception";
import * as z from "zod";

/** What every refusal and every failure looks like. */
export const ApiError = z.strictObject({
  /** SCREAMING_SNAKE; the bridge's own codes, and those of this file. */
  code: z.string(),
  message: z.string(),
  /** Of the request, where one field broke a rule. */
  field: z.string().optional(),
  /** Of the rollout as it is now, where somebody was faster. */
  version: z.int().nonnegative().optional(),
});
export type ApiError = z.infer<typeof ApiError>;

export type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503 | 504;

/** The API says no; nothing was done. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: RefusalStatus;
  readonly body: ApiError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: RefusalStatus, body: ApiError, headers: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(body.message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** Seconds; what a client waits before it tries again what did not work for now. */
const RETRY_AFTER = { "Retry-After": "2" };

/** Codes whose refusal has a status of its own; the others mean that what was asked for breaks a rule. */
const STATUS: Partial<Readonly<Record<ErrorCode, RefusalStatus>>> = {
  UNKNOWN_TYPE: 404,
  UNKNOWN_SOURCE: 404,
  ROLLOUT_CHANGED: 409,
  ROLLOUT_HELD: 409,
  PAUSE_REFUSED: 409,
  GUARD_CHANGED: 409,
  GUARD_UNKNOWN: 404,
  PLACE_UNKNOWN: 400,
  ATTACH_CHANGED: 409,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
};

const INTERNAL: ApiError = { code: "INTERNAL", message: "something went wrong here; it was logged under X-Request-Id" };
const LATER: ApiError = { code: "TRY_AGAIN", message: "something that this needs does not answer; try again" };

const refusalOf: Readonly<Record<Disposition, (error: BridgeError) => Refusal>> = {
  reject: ({ code, message, details }) => {
    const field = details["field"];
    return new Refusal(STATUS[code] ?? 422, { code, message, ...(typeof field === "string" && { field }) });
  },
  retry: ({ code }) => new Refusal(503, { ...LATER, code }, RETRY_AFTER),
  // A person must act on the deployment: that is no business of the one who asked.
  fatal: () => new Refusal(500, INTERNAL),
};

/** What is told of anything thrown: of what we do not know, nothing. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BridgeError) return refusalOf[error.disposition](error);
  if (!(error instanceof HTTPException)) return new Refusal(500, INTERNAL);
  if (error.status === 415) {
    return new Refusal(415, { code: "JSON_REQUIRED", message: "send application/json, as Content-Type too" });
  }
  if (error.status === 400) return new Refusal(400, { code: "MALFORMED_JSON", message: "the body is no JSON" });
  return new Refusal(500, INTERNAL);
}

/** Whether somebody who keeps the system has to know of it. */
export const isOurFault = ({ status }: Refusal): boolean => status >= 500;
