import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import * as z from "zod";
import { authorizePage, STYLE_HASH } from "./authorize-page.ts";
import { Codes, challengeOf } from "./codes.ts";

/** Whom one may sign in as. */
export const LocalRole = z.enum(["viewer", "operator"]);
export type LocalRole = z.infer<typeof LocalRole>;

/** What the API is told of the issuer: as a deployment's configuration says it of a real one. */
export const LOCAL_ACCESS = {
  audience: "crossfade",
  clientId: "crossfade-dashboard",
  roleClaim: "roles",
  viewers: ["viewer"],
  operators: ["operator"],
} as const;

export interface Issuer {
  /** As its tokens name it. */
  readonly url: string;
  /** Serves discovery, keys, sign-in and tokens, under the path of `url`. */
  readonly app: Hono;
  /** An access token for whoever asks: for tests, and for curl. */
  issue(role: LocalRole): Promise<string>;
  /** Signs any claims with the issuer's key; for tests of what must be refused. */
  sign(claims: JWTPayload): Promise<string>;
}

/** A working day: nobody renews a token here. */
const LIFETIME_SECONDS = 8 * 3600;
const ALGORITHM = "ES256";

/** Pages of this machine alone get a code, whatever their port. */
const isLoopback = (address: string): boolean => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
};
const LoopbackUrl = z.url().refine(isLoopback, "must be an http address of this machine");

/** OpenID Connect Core 3.1.2.1, with PKCE (RFC 7636) asked of everyone. */
const AuthorizeQuery = z.object({
  client_id: z.literal(LOCAL_ACCESS.clientId),
  response_type: z.literal("code"),
  redirect_uri: LoopbackUrl,
  code_challenge: z.string().regex(/^[\w-]{43}$/),
  code_challenge_method: z.literal("S256"),
  state: z.string().max(2_000).optional(),
  nonce: z.string().max(2_000).optional(),
  prompt: z.string().optional(),
});

const TokenForm = z.object({
  grant_type: z.literal("authorization_code"),
  client_id: z.literal(LOCAL_ACCESS.clientId),
  code: z.string(),
  redirect_uri: z.string(),
  code_verifier: z.string().regex(/^[\w.~-]{43,128}$/),
});

const claimsOf = (role: LocalRole) => ({
  sub: `local-${role}`,
  email: `${role}@crossfade.example`,
  email_verified: true,
  name: role,
  roles: [role],
});

const back = (redirectUri: string, answer: Readonly<Record<string, string | undefined>>): string => {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
};

const invalid = (c: Context, error: string, description: string) =>
  c.json({ error, error_description: description }, 400);

/**
 * A small OpenID Connect issuer, where one chooses whom to be. Its keys are made when it starts and never leave it. It
 * asks for no password, so it answers to this machine's own names alone, and sends codes to this machine alone.
 * @param url where it is served, like `http://127.0.0.1:4640/oidc`.
 */
export async function createIssuer(url: string): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
  const kid = randomBytes(8).toString("hex");
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: "sig" };
  const codes = new Codes(() => Date.now());
  const { host, pathname } = new URL(url);

  const sign = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid, typ: "JWT" }).sign(privateKey);
  const token = (claims: JWTPayload) => {
    const at = Math.floor(Date.now() / 1000);
    return sign({ iss: url, iat: at, exp: at + LIFETIME_SECONDS, ...claims });
  };
  const issue = (role: LocalRole) => token({ aud: LOCAL_ACCESS.audience, ...claimsOf(role) });

  const app = new Hono().basePath(pathname === "/" ? "" : pathname);
  // A name of somebody else's that leads to this machine must not let their pages sign in here.
  app.use(async (c, next) => {
    if (c.req.header("Host") !== host) return c.text(`this issuer is ${url}`, 421);
    return next();
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: [STYLE_HASH], frameAncestors: ["'none'"] },
    }),
    cors({ origin: (origin) => (isLoopback(origin) ? origin : null), allowMethods: ["GET", "POST"] }),
  );

  app.get("/.well-known/openid-configuration", (c) =>
    c.json({
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
      end_session_endpoint: `${url}/logout`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [ALGORITHM],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
      scopes_supported: ["openid", "profile", "email"],
    }),
  );
  app.get("/jwks", (c) => c.json({ keys: [jwk] }));

  app.get("/authorize", (c) => {
    const asked = AuthorizeQuery.safeParse(c.req.query());
    if (!asked.success) return c.text(`cannot sign in: ${z.prettifyError(asked.error)}`, 400);
    const { redirect_uri, state, prompt } = asked.data;
    if (prompt === "none") return c.redirect(back(redirect_uri, { error: "login_required", state }));
    return c.html(
      authorizePage(LocalRole.options, (role) => `${url}/grant?${new URLSearchParams({ ...c.req.query(), role })}`),
    );
  });

  app.get("/grant", (c) => {
    const asked = AuthorizeQuery.extend({ role: LocalRole }).safeParse(c.req.query());
    if (!asked.success) return c.text(`cannot sign in: ${z.prettifyError(asked.error)}`, 400);
    const { redirect_uri, state, role, nonce, code_challenge: challenge } = asked.data;
    const code = codes.give({ role, nonce, challenge, redirectUri: redirect_uri });
    return c.redirect(back(redirect_uri, { code, state, iss: url }));
  });

  app.post("/token", async (c) => {
    c.header("Cache-Control", "no-store");
    const form = TokenForm.safeParse(await c.req.parseBody());
    if (!form.success) return invalid(c, "invalid_request", z.prettifyError(form.error));
    const grant = codes.take(form.data.code);
    const { code_verifier: verifier, redirect_uri: redirectUri } = form.data;
    if (grant?.challenge !== challengeOf(verifier) || grant.redirectUri !== redirectUri)
      return invalid(c, "invalid_grant", "the code is not for that redirect, not of that verifier, used, or too old");
    const { role, nonce } = grant;
    return c.json({
      token_type: "Bearer",
      expires_in: LIFETIME_SECONDS,
      scope: "openid profile email",
      access_token: await issue(role),
      id_token: await token({ aud: LOCAL_ACCESS.clientId, ...(nonce !== undefined && { nonce }), ...claimsOf(role) }),
    });
  });

  app.get("/logout", (c) => {
    const to = LoopbackUrl.safeParse(c.req.query("post_logout_redirect_uri"));
    return to.success ? c.redirect(back(to.data, { state: c.req.query("state") })) : c.text("signed out");
  });

  return { url, app, issue, sign };
}
