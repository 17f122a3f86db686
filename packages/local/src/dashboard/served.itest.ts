import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi, tokenVerifier } from "@crossfade/api";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { fakeConsole } from "../../../api/src/testing.ts";
import { type Dashboard, LOCAL_ACCESS, serveDashboard } from "./index.ts";

let staticDir: string;
let dashboard: Dashboard;

beforeAll(async () => {
  staticDir = await mkdtemp(join(tmpdir(), "dashboard-"));
  await mkdir(join(staticDir, "assets"));
  await writeFile(join(staticDir, "index.html"), "<title>the app</title>");
  await writeFile(join(staticDir, "assets", "app-1a2b.js"), "go()");
  dashboard = await serveDashboard({
    staticDir,
    api: ({ origin, issuer }) =>
      createApi({
        console: fakeConsole(),
        verify: tokenVerifier({ issuer: issuer.url, ...LOCAL_ACCESS }),
        origin,
        addressOf: () => undefined,
        tell: () => undefined,
        now: () => Date.now(),
      }),
  });
});
afterAll(async () => {
  await dashboard.close();
  await rm(staticDir, { recursive: true });
});

const get = (path: string) => fetch(`${dashboard.origin}${path}`, { redirect: "manual" });

describe("at one address", () => {
  it("the app, also under the paths of its own pages, with a policy that lets in its own files alone", async () => {
    for (const path of ["/", "/routes/RENEW_DOMAIN", "/requests/a.b%2Fc"]) {
      const answer = await get(path);
      expect([answer.status, await answer.text()], path).toEqual([200, "<title>the app</title>"]);
      expect(answer.headers.get("Content-Security-Policy")).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self';",
      );
      expect(answer.headers.get("Content-Security-Policy")).not.toMatch(/unsafe|\*/);
      expect(answer.headers.get("Cache-Control")).toBe("no-cache");
    }
  });

  it("its built files for ever, and no page in the place of one that is missing", async () => {
    const found = await get("/assets/app-1a2b.js");
    expect([found.status, await found.text(), found.headers.get("Content-Type")]).toEqual([
      200,
      "go()",
      expect.stringMatching(/javascript/),
    ]);
    expect(found.headers.get("Cache-Control")).toContain("immutable");
    expect((await get("/assets/app-old.js")).status).toBe(404);
  });

  it("no file beside the app", async () => {
    await writeFile(`${staticDir}.secret`, "secret");
    try {
      const name = `${staticDir.split("/").at(-1)}.secret`;
      for (const path of [`/../${name}`, `/assets/../../${name}`, `/%2e%2e/${name}`, `/..%2f${name}`, `//../${name}`]) {
        const { status, body } = await raw(path);
        expect([status, body.includes("secret\n") || body === "secret"], path).toEqual([expect.any(Number), false]);
      }
    } finally {
      await rm(`${staticDir}.secret`);
    }
  });

  it("what the app must know", async () => {
    const settings = await (await get("/settings.json")).json();
    expect(settings).toEqual({
      apiUrl: "/api",
      issuer: dashboard.issuer.url,
      clientId: "crossfade-dashboard",
      scope: "openid profile email",
    });
  });

  it("the API and its document", async () => {
    const headers = { Authorization: `Bearer ${await dashboard.issuer.issue("viewer")}` };
    expect((await fetch(`${dashboard.origin}/api/overview`, { headers })).status).toBe(200);
    expect((await get("/api/overview")).status).toBe(401);
    expect((await get("/openapi.json")).headers.get("Content-Type")).toMatch(/json/);
  });
});

/** A request whose path and Host are sent as they are given. */
const raw = (path: string, host?: string) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const { port } = new URL(dashboard.origin);
    const headers = host === undefined ? {} : { Host: host };
    const call = httpRequest({ host: "127.0.0.1", port, path, headers, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, body }));
    });
    call.on("error", reject);
    call.end();
  });

describe("sign-in", () => {
  const verifier = randomBytes(32).toString("base64url");
  const redirectUri = "http://127.0.0.1:5173/signed-in";
  const asks = (given: Record<string, string> = {}) =>
    new URLSearchParams({
      ...{
        client_id: LOCAL_ACCESS.clientId,
        response_type: "code",
        redirect_uri: redirectUri,
        scope: "openid",
        state: "s-1",
        nonce: "n-1",
      },
      ...{ code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256" },
      ...given,
    });
  const locationOf = (answer: Response) => new URL(answer.headers.get("Location") ?? "");
  const codeFor = async (role: string) =>
    locationOf(await get(`/oidc/grant?${asks({ role })}`)).searchParams.get("code") ?? "";
  const exchange = (code: string, given: Record<string, string> = {}) =>
    fetch(`${dashboard.issuer.url}/token`, {
      method: "POST",
      body: new URLSearchParams({
        ...{
          grant_type: "authorization_code",
          client_id: LOCAL_ACCESS.clientId,
          code,
          redirect_uri: redirectUri,
          code_verifier: verifier,
        },
        ...given,
      }),
    });

  it("one chooses on a page whom to be, is sent back with a code, and gets a token that the API takes", async () => {
    const page = await (await get(`/oidc/authorize?${asks()}`)).text();
    const href = /id="operator" href="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const back = locationOf(await fetch(href, { redirect: "manual" }));
    expect([back.origin + back.pathname, back.searchParams.get("state")]).toEqual([redirectUri, "s-1"]);
    const answer = await exchange(back.searchParams.get("code") ?? "");
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    const tokens = z
      .object({ access_token: z.string(), id_token: z.string(), token_type: z.literal("Bearer") })
      .parse(await answer.json());
    const me = await fetch(`${dashboard.origin}/api/me`, {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
    });
    expect(await me.json()).toMatchObject({ role: "operator" });
    const keys = createRemoteJWKSet(new URL(`${dashboard.issuer.url}/jwks`));
    const expected = { issuer: dashboard.issuer.url, audience: LOCAL_ACCESS.clientId };
    expect((await jwtVerify(tokens.id_token, keys, expected)).payload).toMatchObject({
      nonce: "n-1",
      sub: "local-operator",
    });
  });

  it("a code is good once, and for who asked for it alone", async () => {
    const code = await codeFor("viewer");
    expect((await exchange(code)).status).toBe(200);
    expect((await exchange(code)).status).toBe(400);
    const wrong = [
      { code_verifier: "x".repeat(43) },
      { redirect_uri: "http://127.0.0.1:1/" },
      { client_id: "another" },
    ];
    for (const given of wrong)
      expect((await exchange(await codeFor("viewer"), given)).status, JSON.stringify(given)).toBe(400);
  });

  it.each([
    ["another machine's page", { redirect_uri: "https://evil.example/" }],
    ["a name that only begins with this machine's", { redirect_uri: "http://127.0.0.1.evil.example/" }],
    ["an address with a user in front", { redirect_uri: "http://127.0.0.1@evil.example/" }],
    ["no PKCE", { code_challenge: "" }],
    ["plain PKCE", { code_challenge_method: "plain" }],
    ["another client", { client_id: "another" }],
    ["an implicit token", { response_type: "token" }],
  ])("%s is sent nothing", async (_, given) => {
    for (const path of ["authorize", "grant"]) {
      const answer = await get(`/oidc/${path}?${asks({ role: "operator", ...given })}`);
      expect([answer.status, answer.headers.get("Location")]).toEqual([400, null]);
    }
  });

  it("who may not be asked is told to", async () => {
    const back = locationOf(await get(`/oidc/authorize?${asks({ prompt: "none" })}`));
    expect(back.searchParams.get("error")).toBe("login_required");
  });

  it("under another name of this machine it does not answer", async () => {
    expect((await raw("/oidc/jwks", "evil.example")).status).toBe(421);
    expect((await raw("/oidc/jwks")).status).toBe(200);
  });
});
