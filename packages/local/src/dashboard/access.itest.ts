import { randomBytes } from "node:crypto";
import { createServer, request as httpRequest } from "node:http";
import { createApi, Refusal, tokenVerifier } from "@crossfade/api";
import { getRequestListener } from "@hono/node-server";
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { fakeConsole, ROUTE } from "../../../api/src/testing.ts";
import { listen } from "../listen.ts";
import { type Dashboard, LOCAL_ACCESS, serveDashboard } from "./index.ts";

/** The API as it is served, with the issuer that the embedded cloud has: who tries to get in. */
const asked: unknown[][] = [];
let dashboard: Dashboard;
let claims: JWTPayload;

const serve = (limits: Parameters<typeof createApi>[0]["limits"] = {}) =>
  serveDashboard({
    api: ({ origin, issuer }) =>
      createApi({
        console: fakeConsole(asked),
        verify: tokenVerifier({ issuer: issuer.url, ...LOCAL_ACCESS }),
        origin,
        addressOf: () => "127.0.0.1",
        tell: () => undefined,
        now: () => Date.now(),
        limits,
      }),
  });

beforeAll(async () => {
  dashboard = await serve({ address: { burst: 1_000, perSecond: 1_000 }, subject: { burst: 1_000, perSecond: 1_000 } });
  const now = Math.floor(Date.now() / 1000);
  claims = {
    iss: dashboard.issuer.url,
    aud: LOCAL_ACCESS.audience,
    sub: "someone",
    roles: ["operator"],
    iat: now,
    exp: now + 600,
  };
});
afterAll(() => dashboard.close());

const get = (path: string, token?: string, headers: Record<string, string> = {}) =>
  fetch(`${dashboard.origin}${path}`, {
    headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...headers },
  });
const put = (
  token: string,
  headers: Record<string, string> = {},
  body = '{"change":{"percentage":5},"version":3,"reason":"why"}',
) =>
  fetch(`${dashboard.origin}/api/routes/${ROUTE}/rollout`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
    body,
  });
const codeOf = async (answer: Response): Promise<string> =>
  z.object({ code: z.string() }).parse(await answer.json()).code;

const publishedKey = async () => {
  const answer = await fetch(`${dashboard.issuer.url}/jwks`);
  return z.object({ keys: z.array(z.looseObject({ kid: z.string() })).length(1) }).parse(await answer.json()).keys[0];
};

describe("who is let in", () => {
  it("an operator, who changes something under their own name", async () => {
    asked.length = 0;
    expect((await put(await dashboard.issuer.issue("operator"))).status).toBe(200);
    expect(asked).toMatchObject([["changeRollout", ROUTE, { version: 3 }, "operator@crossfade.example"]]);
  });

  it("a viewer, to look", async () => {
    const answer = await get("/api/me", await dashboard.issuer.issue("viewer"));
    expect(await answer.json()).toEqual({ subject: "local-viewer", name: "viewer@crossfade.example", role: "viewer" });
  });

  it("who is named by an address that nobody confirmed stands in the audit by their subject", async () => {
    const nameOf = async (said: object) => {
      const token = await dashboard.issuer.sign({ ...claims, email: "boss@crossfade.example", ...said });
      return z.object({ name: z.string() }).parse(await (await get("/api/me", token)).json()).name;
    };
    // Some issuers let people write any address into their profile, and say nothing of it.
    for (const said of [{}, { email_verified: false }, { email_verified: "false" }, { email_verified: null }])
      expect(await nameOf(said), JSON.stringify(said)).toBe("someone");
    // Cognito says it as text.
    for (const said of [{ email_verified: true }, { email_verified: "true" }])
      expect(await nameOf(said)).toBe("boss@crossfade.example");
  });

  it("an access token of Cognito's, which names its client and no audience", async () => {
    const { aud: _, ...without } = claims;
    expect(
      (await get("/api/me", await dashboard.issuer.sign({ ...without, client_id: LOCAL_ACCESS.audience }))).status,
    ).toBe(200);
  });
});

/** Each makes a token that must not be taken. */
const FORGERIES: Readonly<Record<string, () => Promise<string | undefined>>> = {
  "no token": async () => undefined,
  "not a token": async () => "abc",
  "wrong issuer": () => dashboard.issuer.sign({ ...claims, iss: "https://elsewhere.example" }),
  "wrong audience": () => dashboard.issuer.sign({ ...claims, aud: "another-api" }),
  "no audience": async () => {
    const { aud: _, ...without } = claims;
    return dashboard.issuer.sign(without);
  },
  "wrong audience, right client": () =>
    dashboard.issuer.sign({ ...claims, aud: "other", client_id: LOCAL_ACCESS.audience }),
  "an id token, which is for the page": () => dashboard.issuer.sign({ ...claims, aud: LOCAL_ACCESS.clientId }),
  expired: () => dashboard.issuer.sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 10 }),
  "without an end": async () => {
    const { exp: _, ...without } = claims;
    return dashboard.issuer.sign(without);
  },
  "not yet good": () => dashboard.issuer.sign({ ...claims, nbf: Math.floor(Date.now() / 1000) + 60 }),
  "without a subject": async () => {
    const { sub: _, ...without } = claims;
    return dashboard.issuer.sign(without);
  },
  "alg none": async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
  },
  "HS256, signed with the published key": async () => {
    const jwk = await publishedKey();
    const key = await importJWK({ ...jwk, ext: true }, "ES256", { extractable: true });
    if (key instanceof Uint8Array) throw new Error("a published key is no secret");
    const secret = new TextEncoder().encode(await exportSPKI(key));
    return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: jwk?.kid ?? "" }).sign(secret);
  },
  "unknown key id": async () => {
    const { privateKey } = await generateKeyPair("ES256");
    return new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "another" }).sign(privateKey);
  },
  "known key id, another key": async () => {
    const { privateKey } = await generateKeyPair("ES256");
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: (await publishedKey())?.kid ?? "" })
      .sign(privateKey);
  },
  "a key that it brings along": async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const header = { alg: "ES256", jwk: await exportJWK(publicKey) };
    return new SignJWT(claims)
      .setProtectedHeader({ ...header, kid: (await publishedKey())?.kid ?? "" })
      .sign(privateKey);
  },
  "claims changed after it was signed": async () => {
    const [head, , signature] = (await dashboard.issuer.issue("viewer")).split(".");
    return [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
  },
};

describe("who is not", () => {
  it.each(Object.entries(FORGERIES))("%s: 401, and nothing is asked of the core", async (_, forge) => {
    asked.length = 0;
    const answer = await get("/api/overview", await forge());
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
    expect(asked).toEqual([]);
  });

  it("a token that expired is told so, within the clocks' tolerance it is not", async () => {
    const ago = (seconds: number) => dashboard.issuer.sign({ ...claims, exp: Math.floor(Date.now() / 1000) - seconds });
    expect(await codeOf(await get("/api/me", await ago(10)))).toBe("TOKEN_EXPIRED");
    expect((await get("/api/me", await ago(2))).status).toBe(200);
  });

  it.each([
    ["in the query", (token: string) => get(`/api/overview?access_token=${token}&token=${token}`)],
    [
      "in a cookie",
      (token: string) => get("/api/overview", undefined, { Cookie: `token=${token}; access_token=${token}` }),
    ],
    ["as Basic", (token: string) => get("/api/overview", undefined, { Authorization: `Basic ${token}` })],
    ["twice", (token: string) => get("/api/overview", `${token}, Bearer ${token}`)],
  ])("a good token %s is none", async (_, ask) => {
    expect((await ask(await dashboard.issuer.issue("operator"))).status).toBe(401);
  });

  it.each([
    ["none", undefined],
    ["an unknown one", ["admin"]],
    ["an object", { operator: true }],
    ["a list that is not of names", ["operator", { name: "operator" }]],
    ["true", true],
    ["one that only begins so", "operators"],
  ])("of a good token whose role is %s: 403", async (_, roles) => {
    const answer = await get("/api/overview", await dashboard.issuer.sign({ ...claims, roles }));
    expect([answer.status, await codeOf(answer)]).toEqual([403, "NO_ROLE"]);
  });
});

describe("a viewer", () => {
  const WRITES = [
    ["PUT", `/api/routes/${ROUTE}/rollout`],
    ["POST", `/api/routes/${ROUTE}/rollout/pause`],
    ["POST", `/api/routes/${ROUTE}/rollout/resume`],
    ["PUT", `/api/routes/${ROUTE}/guard`],
    ["DELETE", `/api/routes/${ROUTE}/guard`],
    ["POST", "/api/dead-letters/quarantine/redrive"],
    ["POST", "/api/dead-letters/quarantine/discard"],
  ] as const;

  it.each(WRITES)("may not %s %s", async (method, path) => {
    asked.length = 0;
    const headers = {
      Authorization: `Bearer ${await dashboard.issuer.issue("viewer")}`,
      "Content-Type": "application/json",
    };
    const answer = await fetch(`${dashboard.origin}${path}`, { method, headers, body: '{"reason":"x"}' });
    expect([answer.status, await codeOf(answer)]).toEqual([403, "OPERATOR_REQUIRED"]);
    expect(asked).toEqual([]);
  });
});

describe("other people's pages", () => {
  const foreign = { Origin: "https://evil.example" };

  it("may not call, though a person's token came with it", async () => {
    asked.length = 0;
    const answer = await put(await dashboard.issuer.issue("operator"), foreign);
    expect([answer.status, await codeOf(answer)]).toEqual([403, "FOREIGN_ORIGIN"]);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBeNull();
    expect(asked).toEqual([]);
  });

  it("are told nothing before they call; ours are, by its exact name", async () => {
    const ask = (origin: string) =>
      fetch(`${dashboard.origin}/api/overview`, {
        method: "OPTIONS",
        headers: { Origin: origin, "Access-Control-Request-Method": "PUT" },
      });
    expect((await ask("https://evil.example")).headers.get("Access-Control-Allow-Origin")).toBeNull();
    expect((await ask("null")).headers.get("Access-Control-Allow-Origin")).toBeNull();
    const ours = await ask(dashboard.origin);
    expect(ours.headers.get("Access-Control-Allow-Origin")).toBe(dashboard.origin);
    expect(ours.headers.get("Access-Control-Allow-Credentials")).toBeNull();
  });

  it("cannot send what a form can send", async () => {
    const token = await dashboard.issuer.issue("operator");
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const answer = await put(token, { "Content-Type": type });
      expect([answer.status, await codeOf(answer)], type).toEqual([415, "JSON_REQUIRED"]);
    }
  });

  it("of ours: a refusal can be read by it too", async () => {
    const answer = await get("/api/overview", undefined, { Origin: dashboard.origin });
    expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([401, dashboard.origin]);
  });
});

it("every answer forbids to be framed, sniffed and kept", async () => {
  for (const answer of [
    await get("/api/me", await dashboard.issuer.issue("viewer")),
    await get("/api/me"),
    await get("/api/x"),
  ]) {
    expect(answer.headers.get("Content-Security-Policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(answer.headers.get("Strict-Transport-Security")).toMatch(/max-age=\d{8}/);
    expect(answer.headers.get("Set-Cookie")).toBeNull();
  }
});

describe("too much", () => {
  /** On a connection of its own: the server closes it, rather than read what it has refused. */
  const putBytes = (token: string, body: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const all = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers };
      const options = { method: "PUT", headers: all, agent: false };
      const call = httpRequest(`${dashboard.origin}/api/routes/${ROUTE}/rollout`, options, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      call.on("error", reject);
      call.end(body);
    });

  it("a body of 300 kilobytes: 413, also where its length is not said", async () => {
    const token = await dashboard.issuer.issue("operator");
    const body = `{"reason":"${"x".repeat(300_000)}"}`;
    expect(await putBytes(token, body, { "Content-Length": String(body.length) })).toBe(413);
    expect(await putBytes(token, body, { "Transfer-Encoding": "chunked" })).toBe(413);
  });

  it("a token of ten kilobytes: 401 (a longer one Node refuses by itself)", async () => {
    expect((await get("/api/me", randomBytes(7_500).toString("base64url"))).status).toBe(401);
  });

  it("requests: 429 with when to come again; for one person, whatever their address, and for one address without a token", async () => {
    const strict = await serve({ subject: { burst: 3, perSecond: 0.001 }, address: { burst: 8, perSecond: 0.001 } });
    try {
      const token = await strict.issuer.issue("viewer");
      const other = await strict.issuer.issue("operator");
      const ask = (headers: Record<string, string>) => fetch(`${strict.origin}/api/me`, { headers });
      const as = (given: string) => ({ Authorization: `Bearer ${given}` });
      const statuses: number[] = [];
      for (const headers of [as(token), as(token), as(token), as(token), as(other), {}, {}, {}, {}])
        statuses.push((await ask(headers)).status);
      expect(statuses).toEqual([200, 200, 200, 429, 200, 401, 401, 401, 429]);
      const refused = await ask(as(token));
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    } finally {
      await strict.close();
    }
  });
});

describe("an issuer that cannot be asked", () => {
  const keysAt = (answer: (path: string) => Response) => {
    const answerTo = (request: Request) => answer(new URL(request.url).pathname);
    return listen(createServer(getRequestListener(answerTo, { overrideGlobalObjects: false })), 0);
  };
  const statusOf = async (verify: ReturnType<typeof tokenVerifier>, token: string) =>
    verify(token).then(
      ({ role }) => role,
      (error: unknown) => (error instanceof Refusal ? error.status : error),
    );

  it("refuses nobody for good: 503, and the next one is let in once it answers", async () => {
    let isUp = false;
    const issuer = await keysAt((path) => {
      if (!isUp) return new Response("down", { status: 500 });
      const jwks_uri = `${dashboard.issuer.url}/jwks`;
      return path.endsWith("openid-configuration")
        ? Response.json({ issuer: issuer.endpoint, jwks_uri })
        : new Response();
    });
    try {
      const verify = tokenVerifier({ issuer: issuer.endpoint, ...LOCAL_ACCESS });
      const token = await dashboard.issuer.sign({ ...claims, iss: issuer.endpoint });
      expect(await statusOf(verify, token)).toBe(503);
      isUp = true;
      expect(await statusOf(verify, token)).toBe("operator");
    } finally {
      await issuer.close();
    }
  });

  it.each([
    ["names another issuer", (own: string) => ({ issuer: "https://elsewhere.example", jwks_uri: `${own}/jwks` })],
    [
      "sends us for keys where anybody may answer",
      (own: string) => ({ issuer: own, jwks_uri: "http://keys.example/" }),
    ],
  ])("or %s lets nobody in", async (_, says) => {
    const issuer = await keysAt(() => Response.json(says(issuer.endpoint)));
    try {
      const verify = tokenVerifier({ issuer: issuer.endpoint, ...LOCAL_ACCESS });
      const token = await dashboard.issuer.sign({ ...claims, iss: issuer.endpoint });
      expect(await statusOf(verify, token)).toBe(503);
    } finally {
      await issuer.close();
    }
  });

  it("or that is not asked by https lets nobody in", async () => {
    const verify = tokenVerifier({ issuer: "http://issuer.example", ...LOCAL_ACCESS });
    expect(await statusOf(verify, await dashboard.issuer.issue("operator"))).toBe(503);
  });
});
