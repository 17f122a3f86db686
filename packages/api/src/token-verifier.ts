import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import * as z from "zod";
import type { Person } from "./person.ts";
import { Refusal } from "./refusal.ts";
import { type RoleSettings, roleOf } from "./roles.ts";

export interface TokenSettings extends RoleSettings {
  /** As the tokens say it, to the letter; its keys are found by OpenID Connect Discovery. */
  readonly issuer: string;
  /** Whom the tokens are for. Cognito's access tokens name no audience: there it is compared with `client_id`. */
  readonly audience: string;
}

export type TokenVerifier = (token: string) => Promise<Person>;

/** Asymmetric ones alone: with a symmetric one, whoever knows the public key could sign. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** Seconds by which our clock and the issuer's may differ. */
const CLOCK_TOLERANCE = 5;
const TIMEOUT_MS = 5_000;

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
const isSafe = (url: URL): boolean => url.protocol === "https:" || LOOPBACK.has(url.hostname);

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

const Claims = z.object({
  sub: z.string().min(1).max(255),
  email: z.email().max(200).optional().catch(undefined),
  email_verified: z.unknown().optional(),
  client_id: z.unknown().optional(),
});

const refused = (code: string, message: string) =>
  new Refusal(401, { code, message }, { "WWW-Authenticate": 'Bearer error="invalid_token"' });

const unavailable = (cause: unknown) => {
  const message = "the issuer of the tokens does not answer; try again";
  return new Refusal(503, { code: "ISSUER_UNAVAILABLE", message }, { "Retry-After": "2" }, cause);
};

/** The token names no key of the issuer's; all else that fails in finding its key is the issuer's. */
const isOfTheToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

async function discover(issuer: string): Promise<URL> {
  const url = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (!isSafe(url)) throw new TypeError("the issuer must be asked by https");
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
  if (!answer.ok) throw new Error(`the issuer's discovery answers ${answer.status}`);
  const found = Discovery.parse(await answer.json());
  if (found.issuer !== issuer) throw new Error("the issuer's discovery names another issuer");
  const keys = new URL(found.jwks_uri);
  if (!isSafe(keys)) throw new Error("the issuer's keys must be asked for by https");
  return keys;
}

function isForUs({ aud }: JWTPayload, clientId: unknown, audience: string): boolean {
  if (aud === undefined) return clientId === audience;
  return Array.isArray(aud) ? aud.includes(audience) : aud === audience;
}

/**
 * Verifies tokens against the keys that the issuer publishes; the keys are kept, and asked for anew when a token names
 * one that is not among them.
 * @returns a function that throws Refusal: 401 for a token that is not good, 403 where it gives no role, 503 where the
 * issuer cannot be asked.
 */
export function tokenVerifier(settings: TokenSettings): TokenVerifier {
  const { issuer, audience } = settings;
  let keys: JWTVerifyGetKey | undefined;
  const keyOf: JWTVerifyGetKey = async (header, token) => {
    try {
      keys ??= createRemoteJWKSet(await discover(issuer), { timeoutDuration: TIMEOUT_MS });
      return await keys(header, token);
    } catch (error) {
      throw isOfTheToken(error) ? error : unavailable(error);
    }
  };
  return async (token) => {
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keyOf, {
        issuer,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE,
        requiredClaims: ["exp", "sub"],
      }));
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw refused("TOKEN_EXPIRED", "the token has expired: sign in again");
      if (error instanceof Refusal) throw error;
      throw refused("TOKEN_REFUSED", "the token is not one of this issuer's for this API");
    }
    const claims = Claims.safeParse(payload);
    if (!claims.success || !isForUs(payload, claims.data.client_id, audience))
      throw refused("TOKEN_REFUSED", "the token is not one of this issuer's for this API");
    const { sub, email, email_verified } = claims.data;
    // An address that was only claimed could be anybody's, and would stand in the audit. Cognito says "true" as text.
    const mayName = email_verified === true || email_verified === "true";
    const name = (mayName ? email : undefined) ?? sub.slice(0, 200);
    return { subject: sub, name, role: roleOf(payload, settings) };
  };
}
