import type { PaymentIntent } from "./intents.ts";

/** Stripe's error object (API reference, "Errors"). */
export interface ErrorBody {
  readonly type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly payment_intent?: PaymentIntent;
}

/** What a request is answered with, and what an idempotency key keeps. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A request that is answered with an error. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = "ApiError";
    this.status = status;
    this.body = body;
  }
}

export const invalid = (message: string, more: Partial<ErrorBody> = {}): ApiError =>
  new ApiError(400, { type: "invalid_request_error", message, ...more });

export const unauthorised = (): ApiError =>
  new ApiError(401, { type: "invalid_request_error", message: "the API key is missing or wrong" });

export const unknownIntent = (id: string): ApiError =>
  new ApiError(404, {
    type: "invalid_request_error",
    code: "resource_missing",
    param: "intent",
    message: `No such payment_intent: '${id}'`,
  });

/** The PaymentIntent's status does not allow what was asked; Stripe sends the PaymentIntent along. */
export const unexpectedState = (intent: PaymentIntent, what: string): ApiError =>
  invalid(`a PaymentIntent with the status ${intent.status} cannot be ${what}`, {
    code: "payment_intent_unexpected_state",
    payment_intent: { ...intent },
  });

export const declined = (): ApiError =>
  new ApiError(402, { type: "card_error", code: "card_declined", message: "the card was declined" });

export const failed = (): ApiError =>
  new ApiError(500, { type: "api_error", message: "an error on the provider's side" });

/** What the server does not do it refuses by name. */
export const notSupported = (what: string): ApiError =>
  new ApiError(404, { type: "invalid_request_error", message: `not supported by the local Stripe server: ${what}` });

/** The answer to a request that failed; what is no ApiError is a fault of the server itself. */
export function answerOf(error: unknown): Answer {
  if (error instanceof ApiError) return { status: error.status, body: { error: error.body } };
  return { status: 500, body: { error: { type: "api_error", message: String(error) } satisfies ErrorBody } };
}
