/** What is to be done with a message whose handling ended in the error. */
export type Disposition =
  /** Try again: nothing is known to be wrong with the message itself. */
  | "retry"
  /** Keep the message with its reason; trying again would end the same way. */
  | "reject"
  /** The deployment is wrong; a person must act. */
  | "fatal";

/** Every code this package raises. docs/architecture.md says what to do about each. */
export type ErrorCode =
  | "MALFORMED_JSON"
  | "BODY_NOT_TEXT"
  | "NOT_AN_OBJECT"
  | "UNKNOWN_SOURCE"
  | "UNKNOWN_TOPIC"
  | "NOT_A_NOTIFICATION"
  | "UNKNOWN_TYPE"
  | "INVALID_MESSAGE"
  | "INVALID_ORDER"
  | "CONFLICT"
  | "CLAIM_EXPIRED"
  | "PIN_BUSY"
  | "LEASE_HELD"
  | "LEDGER_BUSY"
  | "CLAIM_CHECK_MISSING"
  | "CLAIM_CHECK_FORGED"
  | "PAYLOAD_TOO_LARGE"
  | "EFFECT_OPEN"
  | "EFFECT_REFUSED"
  | "REDRIVEN_BY_HAND"
  | "SUPERSEDED"
  | "CHARGE_REFUSED"
  | "CHARGE_UNKNOWN"
  | "ROW_NOT_YET_WRITTEN"
  | "TOKEN_UNREADABLE"
  | "ROLLOUT_UNKNOWN"
  | "ROLLOUT_CHANGED"
  | "ROLLOUT_HELD"
  | "PAUSE_REFUSED"
  | "GUARD_CHANGED"
  | "GUARD_UNKNOWN"
  | "INVALID_ROLLOUT"
  | "PLACE_UNKNOWN"
  | "ATTACH_CHANGED"
  | "ATTACH_REFUSED"
  | "DEPENDENCY_FAILED";

/** Plain data that helps to find the cause; never personal data. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | undefined>>;

/** An error that says by itself what to do with the message. Unknown errors are retried (style rule 6). */
export class BridgeError extends Error {
  override readonly name = "BridgeError";
  readonly code: ErrorCode;
  readonly disposition: Disposition;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    disposition: Disposition,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.disposition = disposition;
    this.details = options.details ?? {};
  }
}

/** The disposition of anything thrown. */
export const dispositionOf = (error: unknown): Disposition =>
  error instanceof BridgeError ? error.disposition : "retry";
