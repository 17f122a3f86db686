import type { Context } from "hono";
import type { Console } from "./console.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { TokenVerifier } from "./token-verifier.ts";

/** Of a request that was not answered as it was meant: what may stand in a log. */
export interface ToldRequest {
  readonly requestId: string;
  readonly method: string;
  /** The endpoint's pattern, without what was asked for. */
  readonly endpoint: string;
  readonly status: number;
  readonly code: string;
}

export interface ApiDeps {
  readonly console: Console;
  readonly verify: TokenVerifier;
  /** The one origin whose pages may call: scheme, host and port. */
  readonly origin: string;
  /** The caller's address, as far as it is known and cannot be chosen by the caller. */
  addressOf(c: Context): string | undefined;
  /** Of a request that was refused, or (with the error) failed. */
  tell(request: ToldRequest, error?: unknown): void;
  now(): number;
  readonly limits?: Partial<ApiLimits>;
}

export interface ApiLimits {
  /** For each person. */
  readonly subject: RateLimit;
  /** For each address, also without a token: an office may stand behind one. */
  readonly address: RateLimit;
  /** Milliseconds; less than API Gateway waits, which is 30 s. */
  readonly timeoutMs: number;
  /** Of a body; lists of cohorts may be long. */
  readonly bodyBytes: number;
}

export const LIMITS: ApiLimits = {
  subject: { burst: 60, perSecond: 10 },
  address: { burst: 300, perSecond: 50 },
  timeoutMs: 25_000,
  bodyBytes: 256 * 1024,
};
