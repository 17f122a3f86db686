import { type Answer, ApiError, answerOf, invalid } from "./errors.ts";

/** Milliseconds. */
const KEPT_FOR = 24 * 60 * 60_000;
const LONGEST_KEY = 255;

interface Kept {
  readonly request: string;
  readonly at: number;
  /** Undefined while the request is being worked on. */
  answer: Answer | undefined;
}

export interface KeyedAnswer extends Answer {
  readonly replayed: boolean;
}

/**
 * Stripe's idempotency keys (API reference, "Idempotent requests"): the first answer that an operation gave, whatever it
 * was, is given again for 24 hours; another request under the same key, or a second one at the same time, is refused.
 */
export class IdempotencyKeys {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws ApiError (400, 409) without touching what is kept. */
  async answer(key: string, request: string, perform: () => Promise<Answer>): Promise<KeyedAnswer> {
    if (key.length > LONGEST_KEY) throw invalid(`an idempotency key has at most ${LONGEST_KEY} characters`);
    const kept = this.#valid(key);
    if (kept !== undefined) return { ...repeated(kept, request), replayed: true };
    const entry: Kept = { request, at: this.#now(), answer: undefined };
    this.#kept.set(key, entry);
    entry.answer = await perform().catch(answerOf);
    return { ...entry.answer, replayed: false };
  }

  #valid(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    return kept !== undefined && this.#now() - kept.at <= KEPT_FOR ? kept : undefined;
  }
}

function repeated(kept: Kept, request: string): Answer {
  if (kept.request !== request) {
    throw new ApiError(400, { type: "idempotency_error", message: "the key belongs to a request that was different" });
  }
  if (kept.answer !== undefined) return kept.answer;
  throw new ApiError(409, {
    type: "idempotency_error",
    code: "idempotency_key_in_use",
    message: "a request with this key is being worked on",
  });
}
