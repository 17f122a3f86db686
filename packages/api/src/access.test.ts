import { describe, expect, it } from "vitest";
import { declaredRole } from "./operation.ts";
import { fakeConsole, testApi } from "./testing.ts";

/** Every endpoint under /api as it is registered, with the role that it declares. */
function endpoints(app: ReturnType<typeof testApi>["app"]) {
  const found = new Map<string, { method: string; path: string; roles: (string | undefined)[] }>();
  for (const { method, path, handler } of app.routes) {
    if (method === "ALL" || !path.startsWith("/api/")) continue;
    const endpoint = found.get(`${method} ${path}`) ?? { method, path, roles: [] };
    endpoint.roles.push(declaredRole(handler));
    found.set(`${method} ${path}`, endpoint);
  }
  return [...found.values()];
}

const pathOf = (pattern: string): string => pattern.replaceAll(/:\w+/g, "x");

describe("deny by default", () => {
  it("every endpoint declares one role, and what changes something declares operator", () => {
    const found = endpoints(testApi().app);
    expect(found).toHaveLength(19);
    for (const { method, path, roles } of found) {
      const declared = roles.filter((role) => role !== undefined);
      const role = method === "GET" || path.endsWith("/preview") ? "viewer" : "operator";
      expect(declared, `${method} ${path}`).toEqual([role]);
    }
  });

  it("without a token no endpoint answers, also where there is none", async () => {
    const asked: unknown[][] = [];
    const { app, call } = testApi({ console: fakeConsole(asked) });
    for (const { method, path } of endpoints(app)) expect((await call(method, pathOf(path))).status, path).toBe(401);
    for (const path of ["/api/nothing", "/api/", "/api/me/x"]) expect((await call("GET", path)).status, path).toBe(401);
    expect(asked).toEqual([]);
  });

  it("a viewer is refused every endpoint that is an operator's, before what they send is looked at", async () => {
    const asked: unknown[][] = [];
    const { app, call } = testApi({ console: fakeConsole(asked) });
    const writes = endpoints(app).filter(({ roles }) => roles.includes("operator"));
    expect(writes).toHaveLength(7);
    for (const { method, path } of writes) {
      const answer = await call(method, pathOf(path), "viewer", {});
      expect([answer.status, await answer.json()], path).toMatchObject([403, { code: "OPERATOR_REQUIRED" }]);
    }
    expect(asked).toEqual([]);
  });

  it("an endpoint that declares no role answers nobody", async () => {
    const { app, call } = testApi();
    app.get("/api/forgotten", (c) => c.json({ secret: true }));
    const answer = await call("GET", "/api/forgotten", "operator");
    expect([answer.status, await answer.json()]).toMatchObject([403, { code: "NO_ROLE_DECLARED" }]);
  });

  it("methods that nobody registered answer nobody", async () => {
    const { call } = testApi();
    for (const method of ["PATCH", "TRACE", "DELETE", "HEAD"]) {
      const answer = await call(method === "TRACE" ? "OPTIONS" : method, "/api/routes/X/rollout", "operator");
      expect([204, 404], method).toContain(answer.status);
    }
  });
});
