import { createHash, randomBytes } from "node:crypto";
import type { LocalRole } from "./issuer.ts";

/** What a code stands for, until it is exchanged for tokens. */
interface Grant {
  readonly role: LocalRole;
  readonly nonce: string | undefined;
  readonly challenge: string;
  readonly redirectUri: string;
}

const LIFETIME_MS = 60_000;

/** RFC 7636: what a verifier was announced as. */
export const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

/** Authorization codes: each is good once, for a minute. */
export class Codes {
  readonly #now: () => number;
  readonly #grants = new Map<string, { readonly grant: Grant; readonly until: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  give(grant: Grant): string {
    const at = this.#now();
    for (const [code, { until }] of this.#grants) if (until < at) this.#grants.delete(code);
    const code = randomBytes(24).toString("base64url");
    this.#grants.set(code, { grant, until: at + LIFETIME_MS });
    return code;
  }

  take(code: string): Grant | undefined {
    const found = this.#grants.get(code);
    this.#grants.delete(code);
    return found !== undefined && found.until >= this.#now() ? found.grant : undefined;
  }
}
