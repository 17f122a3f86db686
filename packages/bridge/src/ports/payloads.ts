import type { ClaimCheck, Found, Payload } from "../claim-check.ts";

/** Where payloads are kept that are too large for Step Functions, each under the hash of its content. */
export interface PayloadStore {
  /** Resolves when the payload is kept. Keeping it again makes its time in the store begin anew. */
  put(payload: Payload): Promise<void>;
  /** Reads no more than the check promises; whether it is the content that the check stands for is the caller's to say. */
  get(check: ClaimCheck): Promise<Found>;
}
