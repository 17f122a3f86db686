import type { TaskToken } from "../approval.ts";
import type { RequestKey } from "../ids.ts";

/** A task token, sealed. `attempt`: an older one never takes a newer one's place. */
export interface KeptToken {
  readonly attempt: number;
  readonly sealed: string;
}

/** Tokens of Actions that wait for the legacy service, by request. */
export interface DelegationTokens {
  /** Does nothing where a newer one is kept. */
  keep(key: RequestKey, token: KeptToken): Promise<void>;
  read(key: RequestKey): Promise<KeptToken | undefined>;
  /** Does nothing where a newer one is kept. */
  remove(key: RequestKey, attempt: number): Promise<void>;
}

/** Tasks that wait for a token. */
export interface WaitingTasks {
  /**
   * False when nobody waits: the task has timed out, was answered, or its execution is over.
   * @throws BridgeError DEPENDENCY_FAILED (retry), without the token.
   */
  succeed(token: TaskToken, output: unknown): Promise<boolean>;
}

/** Keeps task tokens unreadable at rest. */
export interface TokenVault {
  /**
   * The same token is never sealed to the same text twice.
   * @param subject what waits with it: an order's id, or a request's key; it opens for nothing else.
   */
  seal(token: TaskToken, subject: string): string;
  /** @throws BridgeError TOKEN_UNREADABLE (fatal): sealed with another key, or for another subject. */
  open(sealedToken: string, subject: string): TaskToken;
}
