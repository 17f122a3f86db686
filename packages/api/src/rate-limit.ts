import { Refusal } from "./refusal.ts";

/** So many requests at once, and so many more each second. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Callers that are remembered; more than that at once, and the ones heard of longest ago begin anew. */
const MOST_CALLERS = 10_000;

/**
 * A token bucket for each caller, in this process's memory. On Lambda each instance has its own: with n instances a
 * caller gets up to n times as much, so that this keeps one caller from taking an instance for itself, and the throttling
 * of API Gateway, which stands before it, bounds the whole.
 */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** @throws Refusal 429 with Retry-After, in seconds. */
  take(caller: string): void {
    const { burst, perSecond } = this.#limit;
    const at = this.#now();
    const known = this.#buckets.get(caller);
    const grown = known === undefined ? burst : known.tokens + (Math.max(0, at - known.at) / 1000) * perSecond;
    const tokens = Math.min(burst, grown);
    // Set anew, so that the map's own order is that of the last call.
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MOST_CALLERS && oldest !== undefined) this.#buckets.delete(oldest);
    if (tokens >= 1) return;
    const seconds = Math.ceil((1 - tokens) / perSecond);
    const message = `too many requests: wait ${seconds} s`;
    throw new Refusal(429, { code: "TOO_MANY_REQUESTS", message }, { "Retry-After": String(seconds) });
  }
}
