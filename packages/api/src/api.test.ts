import { BridgeError } from "@crossfade/bridge";
import { GuardPolicy } from "@crossfade/bridge/console";
import { describe, expect, it } from "vitest";
import { CUSTOMER, fakeConsole, GUARDED, ROUTE, rollout, testApi } from "./testing.ts";

const policy = GuardPolicy.parse({ ramp: [{ stage: "split", percentage: 10 }] });
const change = { change: { percentage: 25 }, version: 3, reason: "the first quarter" };
const by = "operator@example.com";

/** Each endpoint, what it is asked, and what it asks the core. */
const ENDPOINTS: readonly (readonly [method: string, path: string, body: unknown, asks: readonly unknown[]])[] = [
  ["GET", "/api/overview?hours=6", undefined, ["overview", 6]],
  ["GET", `/api/routes/${ROUTE}`, undefined, ["route", ROUTE, 24]],
  ["PUT", `/api/routes/${ROUTE}/rollout`, change, ["changeRollout", ROUTE, change, by]],
  [
    "POST",
    `/api/routes/${ROUTE}/rollout/preview`,
    { percentage: 25 },
    ["previewRollout", ROUTE, { percentage: 25 }, "all"],
  ],
  [
    "POST",
    `/api/routes/${ROUTE}/rollout/pause`,
    { reason: "a smell", version: 3 },
    ["pauseRollout", ROUTE, { by, reason: "a smell" }, 3],
  ],
  [
    "POST",
    `/api/routes/${ROUTE}/rollout/resume`,
    { reason: "gone" },
    ["resumeRollout", ROUTE, { by, reason: "gone" }, undefined],
  ],
  [
    "GET",
    `/api/routes/${ROUTE}/verdicts?verdict=late&limit=5&after=x`,
    undefined,
    ["verdicts", ROUTE, "late", { limit: 5, after: "x" }],
  ],
  ["GET", `/api/routes/${ROUTE}/differences/legacy/a%20b%2Fc`, undefined, ["difference", ROUTE, "legacy", "a b/c"]],
  ["GET", `/api/routes/${ROUTE}/audit`, undefined, ["audit", ROUTE, { limit: 25 }]],
  ["GET", `/api/routes/${ROUTE}/guard`, undefined, ["guard", ROUTE]],
  [
    "PUT",
    `/api/routes/${ROUTE}/guard`,
    { policy, version: 3, reason: "why" },
    ["setGuard", ROUTE, { policy, version: 3, reason: "why" }, by],
  ],
  ["DELETE", `/api/routes/${ROUTE}/guard`, { reason: "by hand" }, ["removeGuard", ROUTE, { by, reason: "by hand" }]],
  ["GET", "/api/requests?id=a%2Fb%3Fc%23", undefined, ["requestStories", "a/b?c#", "all"]],
  ["GET", "/api/requests/r%231", undefined, ["requestStories", "r#1", "all"]],
  ["GET", "/api/dead-letters", undefined, ["deadLetterQueues"]],
  ["GET", "/api/dead-letters/quarantine?limit=3", undefined, ["deadLetters", "quarantine", 3, "all"]],
  [
    "POST",
    "/api/dead-letters/quarantine/redrive",
    { messageIds: ["m-1"], reason: "mended" },
    ["moveDeadLetters", { queue: "quarantine", action: "redrive", by, messageIds: ["m-1"], reason: "mended" }],
  ],
  [
    "POST",
    "/api/dead-letters/quarantine/discard",
    { messageIds: ["m-1"], reason: "a test" },
    ["moveDeadLetters", { queue: "quarantine", action: "discard", by, messageIds: ["m-1"], reason: "a test" }],
  ],
];

describe("each endpoint asks the core once", () => {
  it.each(ENDPOINTS)("%s %s", async (method, path, body, asks) => {
    const asked: unknown[][] = [];
    const { call, told } = testApi({ console: fakeConsole(asked) });
    const answer = await call(method, path, "operator", body);
    expect([answer.status, told]).toEqual([200, []]);
    expect(asked).toEqual([asks]);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
  });

  it("and there is no other", () => {
    const { app } = testApi();
    const registered = new Set(
      app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`),
    );
    const tested = ENDPOINTS.map(([method, path]) => [method, path.split("?")[0] ?? ""] as const);
    const pattern = (path: string) => new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`);
    const untested = [...registered].filter((one) => {
      const [method = "", path = ""] = one.split(" ");
      return !tested.some(([m, p]) => m === method && pattern(path).test(p));
    });
    expect(untested).toEqual(["GET /api/me", "GET /openapi.json"]);
  });
});

it("says who one is", async () => {
  const answer = await testApi().call("GET", "/api/me", "viewer");
  expect(await answer.json()).toEqual({ subject: "viewer", name: "viewer@example.com", role: "viewer" });
});

describe("personal data", () => {
  const reads = ENDPOINTS.filter(([method, path]) => method === "GET" || path.endsWith("preview"));

  it.each(reads)(
    "%s %s: a viewer reads nothing of a customer, also where the core forgets to mask",
    async (method, path, body) => {
      const answer = await testApi().call(method, path, "viewer", body);
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain(CUSTOMER);
    },
  );

  it.each(["include", "exclude"])(
    "a viewer cannot find out by a preview's %s whether somebody has work in flight",
    async (list) => {
      const asked: unknown[][] = [];
      const { call } = testApi({ console: fakeConsole(asked) });
      const path = `/api/routes/${ROUTE}/rollout/preview`;
      expect((await call("POST", path, "viewer", { [list]: [CUSTOMER] })).status).toBe(403);
      expect(asked).toEqual([]);
      expect((await call("POST", path, "operator", { [list]: [CUSTOMER] })).status).toBe(200);
    },
  );

  it("of why something was changed, a viewer reads all else", async () => {
    const answer = await testApi().call("GET", `/api/routes/${ROUTE}/audit`, "viewer");
    expect(await answer.json()).toMatchObject({ entries: [{ by: "someone", reason: `[masked] asked; ${GUARDED}` }] });
  });

  it("an operator reads it", async () => {
    const { call } = testApi();
    for (const path of [
      "/api/overview",
      `/api/routes/${ROUTE}/audit`,
      "/api/requests/r-1",
      "/api/dead-letters/quarantine",
    ])
      expect(await (await call("GET", path, "operator")).text(), path).toContain(CUSTOMER);
  });

  it("the core is told whom it answers", async () => {
    const asked: unknown[][] = [];
    await testApi({ console: fakeConsole(asked) }).call("GET", "/api/requests/r-1", "viewer");
    expect(asked).toEqual([["requestStories", "r-1", "masked"]]);
  });

  it("a viewer still sees how many cohorts are listed by name", async () => {
    const answer = await testApi().call("GET", `/api/routes/${ROUTE}/audit`, "viewer");
    expect(await answer.json()).toMatchObject({ entries: [{ rollout: { include: ["[masked 1]"], exclude: [] } }] });
  });
});

describe("refusals", () => {
  const failing = (error: Error) => {
    const fail = async () => {
      throw error;
    };
    return testApi({ console: { ...fakeConsole(), changeRollout: fail, overview: fail } });
  };
  const changed = (error: Error) => failing(error).call("PUT", `/api/routes/${ROUTE}/rollout`, "operator", change);

  it("somebody was faster: 409 with the version that there is", async () => {
    const answer = await changed(new BridgeError("ROLLOUT_CHANGED", "reject", "look again"));
    expect(answer.status).toBe(409);
    expect(await answer.json()).toEqual({ code: "ROLLOUT_CHANGED", message: "look again", version: rollout.version });
  });

  it("held by its source: 409", async () => {
    expect((await changed(new BridgeError("ROLLOUT_HELD", "reject", "held"))).status).toBe(409);
  });

  it("what breaks a rule of the core: 422 with the field", async () => {
    const error = new BridgeError("INVALID_ROLLOUT", "reject", "stage: no", { details: { field: "stage" } });
    const answer = await changed(error);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toEqual({ code: "INVALID_ROLLOUT", message: "stage: no", field: "stage" });
  });

  it("what does not answer: 503, with when to try again, and in the log", async () => {
    const { call, told } = failing(new BridgeError("LEDGER_BUSY", "retry", "table web-42 is busy"));
    const answer = await call("GET", "/api/overview", "viewer");
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "2"]);
    expect(await answer.text()).not.toContain("web-42");
    expect(told).toMatchObject([
      [{ status: 503, code: "LEDGER_BUSY", endpoint: "/api/overview" }, { code: "LEDGER_BUSY" }],
    ]);
  });

  it.each([
    ["an unknown error", new Error(`cannot read ${CUSTOMER}`)],
    ["a wrong deployment", new BridgeError("INVALID_ORDER", "fatal", `table ${CUSTOMER}`)],
  ])("%s: 500 without anything of it; its request is named in the log", async (_, error) => {
    const { call, told } = failing(error);
    const answer = await call("GET", "/api/overview", "viewer");
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ code: "INTERNAL", message: expect.not.stringContaining(CUSTOMER) });
    expect(told).toEqual([
      [expect.objectContaining({ requestId: answer.headers.get("X-Request-Id"), status: 500 }), error],
    ]);
  });

  it("the caller does not choose the name under which it is logged", async () => {
    const answer = await testApi().call("GET", "/api/me", "viewer", undefined, { "X-Request-Id": "another-one" });
    expect(answer.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("an answer that is not as its schema says: 500, and not sent", async () => {
    const console = { ...fakeConsole(), deadLetterQueues: async () => ({ at: -1, queues: [] }) };
    expect((await testApi({ console }).call("GET", "/api/dead-letters", "viewer")).status).toBe(500);
  });

  it.each([
    ["GET", "/api/overview?hours=0", undefined, 400, "hours"],
    ["GET", "/api/overview?hours=1e9", undefined, 400, "hours"],
    ["GET", `/api/routes/${ROUTE}/verdicts?verdict=fine`, undefined, 400, "verdict"],
    ["GET", `/api/routes/${ROUTE}/audit?limit=101`, undefined, 400, "limit"],
    ["PUT", `/api/routes/${ROUTE}/rollout`, { ...change, reason: "  " }, 400, "reason"],
    ["PUT", `/api/routes/${ROUTE}/rollout`, { ...change, change: { percentage: 101 } }, 400, "change.percentage"],
    ["PUT", `/api/routes/${ROUTE}/rollout`, { ...change, by: "somebody else" }, 400, "by"],
    ["POST", "/api/dead-letters/quarantine/discard", { reason: "all of it" }, 400, "messageIds"],
    ["GET", "/api/routes/NO_SUCH/guard", undefined, 404, "route"],
    ["GET", "/api/routes/no%20route/guard", undefined, 404, "route"],
    ["GET", "/api/nothing", undefined, 404, undefined],
  ])("%s %s %j: %i, and the field %s", async (method, path, body, status, field) => {
    const asked: unknown[][] = [];
    const answer = await testApi({ console: fakeConsole(asked) }).call(method, path, "operator", body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      code: expect.any(String),
      message: expect.any(String),
      ...(field && { field }),
    });
    expect(asked).toEqual([]);
  });

  it("no JSON: 400; no such difference: 404", async () => {
    const { app, call } = testApi({ console: { ...fakeConsole(), difference: async () => undefined } });
    const headers = { Authorization: "Bearer operator", "Content-Type": "application/json" };
    const broken = await app.request(`/api/routes/${ROUTE}/rollout`, { method: "PUT", headers, body: "{" });
    expect([broken.status, await broken.json()]).toMatchObject([400, { code: "MALFORMED_JSON" }]);
    expect((await call("GET", `/api/routes/${ROUTE}/differences/legacy/x`, "viewer")).status).toBe(404);
  });

  it("what takes too long: 504, which does not say that it was not done", async () => {
    const never = new Promise<never>(() => undefined);
    const { call, told } = testApi({ console: { ...fakeConsole(), overview: () => never }, limits: { timeoutMs: 20 } });
    const answer = await call("GET", "/api/overview", "viewer");
    expect([answer.status, await answer.json()]).toMatchObject([504, { code: "TIMEOUT" }]);
    expect(told).toHaveLength(1);
  });
});
