import Stripe from "stripe";
import { BridgeError } from "../errors.ts";

/** Why Stripe did not do what it was asked. Neither refused nor spent: it may or may not have done it. */
export interface StripeFailure {
  /** Stripe looked at the request and said no. */
  readonly refused: boolean;
  /** The answer is that of an earlier request: the idempotency key gives no other one for 24 hours. */
  readonly spent: boolean;
  readonly error: BridgeError;
}

const { StripeCardError, StripeConnectionError, StripeError, StripeIdempotencyError, StripeInvalidRequestError } =
  Stripe.errors;

/** What the system says of a connection that failed, such as ECONNREFUSED. */
const systemCode = (detail: unknown): string | undefined =>
  detail instanceof Error && "code" in detail ? String(detail.code) : undefined;

/**
 * A refused key (401, 403) is tried again like the rest: the order waits while the key is put right, and is not failed
 * with a charge that nobody could ask about. The error has no cause: Stripe's own one carries the PaymentIntent with its
 * client secret, and what is known of the card.
 */
function unavailable(error: InstanceType<typeof StripeError>): BridgeError {
  const { statusCode: status, requestId } = error;
  const code = error instanceof StripeConnectionError ? systemCode(error.detail) : error.code;
  const said = status === undefined ? "no answer from Stripe" : `Stripe answered ${status}`;
  const what = [error.type, code, requestId].filter((part) => part !== undefined).join(", ");
  return new BridgeError("DEPENDENCY_FAILED", "retry", `${said} (${what})`, {
    details: { status, type: error.type, code, requestId },
  });
}

/** Stripe's errors in the bridge's words. What is not one of them is thrown again. */
export function failureOf(error: unknown): StripeFailure {
  if (!(error instanceof StripeError)) throw error;
  return {
    refused: error instanceof StripeInvalidRequestError || error instanceof StripeCardError,
    spent: error instanceof StripeIdempotencyError || error.headers?.["idempotent-replayed"] === "true",
    error: unavailable(error),
  };
}

export const isUnknownObject = (error: unknown): boolean =>
  error instanceof StripeInvalidRequestError && error.code === "resource_missing";
