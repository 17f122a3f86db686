import * as z from "zod";
import { BridgeError } from "./errors.ts";
import { canonicalJson, sha256 } from "./hash.ts";

/**
 * Stands for a payload that is too large for Step Functions: the payload is kept in a store under the hash of its
 * content, and an item or an outcome carries this. It has an attribute of its own (`inputCheck`, `resultCheck`), so that
 * data which looks like a check is never taken for one.
 */
export const ClaimCheck = z.strictObject({
  /** Of the content, in lower-case hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of the content, in UTF-8. More than MAX_PAYLOAD_BYTES: the content was too large to be kept. */
  bytes: z.int().nonnegative(),
});
export type ClaimCheck = z.infer<typeof ClaimCheck>;

/**
 * What travels in the execution itself, in bytes of canonical JSON; anything larger goes by claim check. Step Functions
 * ends an execution whose state is over 256 KiB (262,144 bytes) beyond any Catch, and an order's state holds its input
 * and all results at once. With 40 items of the longest names that is, at most
 *
 *     40 x (2,048 of input + 1,220 of names) + 1,200 for the order  = 131,920
 *     40 x (2,048 of outcome + 505 of names)                        = 102,120
 *
 * or 234,040 bytes: a tenth of the limit is left. `bytesAtTheEnd` in order-size.ts adds it up for each order.
 */
export const INLINE_INPUT_BYTES = 2_048;
/** Of a whole outcome: effects and error count too, and the result is what gives way. */
export const INLINE_OUTCOME_BYTES = 2_048;

/** Nothing larger is written or read: what a worker holds in memory is bounded. SQS takes no larger message either. */
export const MAX_PAYLOAD_BYTES = 1_048_576;

/**
 * The largest result that a row shows. DynamoDB takes items of 400 KB and may count short numbers and empty lists twice
 * as long as JSON does: so much fits, with the row's other attributes.
 */
export const MAX_ROW_RESULT_BYTES = 196_608;

/** A content, and the check that stands for it. */
export interface Payload {
  readonly check: ClaimCheck;
  readonly text: string;
}

/** The same value gives the same payload, and so the same key: keeping it again changes nothing. */
export function payloadOf(value: unknown): Payload {
  const text = canonicalJson(value);
  return { text, check: { sha256: sha256(text).toString("hex"), bytes: Buffer.byteLength(text) } };
}

/** What a store has under a check's key. `other-size`: not the bytes that the check promises, and not handed over. */
export type Found =
  | { readonly kind: "found"; readonly content: Uint8Array }
  | { readonly kind: "missing" }
  | { readonly kind: "other-size" };

/** Inputs and results are JSON objects. */
const Content = z.record(z.string(), z.json());
export type Content = z.infer<typeof Content>;

const forged = (check: ClaimCheck, reason: string): BridgeError =>
  new BridgeError("CLAIM_CHECK_FORGED", "reject", `what is kept under the claim check is not it: ${reason}`, {
    details: check,
  });

/**
 * The value that a check stands for.
 * @throws BridgeError CLAIM_CHECK_MISSING, CLAIM_CHECK_FORGED (reject).
 */
export function contentOf(check: ClaimCheck, found: Found): Content {
  if (found.kind === "missing") {
    throw new BridgeError("CLAIM_CHECK_MISSING", "reject", "nothing is kept under the claim check", { details: check });
  }
  if (found.kind === "other-size" || found.content.byteLength !== check.bytes) throw forged(check, "another size");
  if (sha256(found.content).toString("hex") !== check.sha256) throw forged(check, "another hash");
  try {
    return Content.parse(JSON.parse(Buffer.from(found.content).toString("utf8")));
  } catch {
    // The hash is right: whoever made the check made it of something else than an input or a result.
    throw forged(check, "no JSON object");
  }
}
