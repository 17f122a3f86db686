import { describe, expect, it } from "vitest";
import * as z from "zod";
import { testApi } from "./testing.ts";

const Document = z.object({
  openapi: z.literal("3.1.0"),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        summary: z.string(),
        security: z.array(z.record(z.string(), z.array(z.string()))),
        responses: z.record(z.string(), z.object({ content: z.json().optional() })),
        requestBody: z.object({ required: z.literal(true) }).optional(),
      }),
    ),
  ),
  components: z.object({ schemas: z.record(z.string(), z.json()) }),
});

const served = async () => {
  const answer = await testApi().app.request("/openapi.json");
  expect(answer.status).toBe(200);
  return answer.text();
};

describe("the OpenAPI document", () => {
  it("is served without a token, and tells of every endpoint under /api", async () => {
    const { paths } = Document.parse(JSON.parse(await served()));
    const told = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((m) => `${m.toUpperCase()} ${path}`),
    );
    const { app } = testApi();
    const endpoints = app.routes.filter(({ method, path }) => method !== "ALL" && path.startsWith("/api"));
    const registered = new Set(endpoints.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`));
    expect(new Set(told)).toEqual(registered);
    expect(registered.size).toBe(19);
  });

  it("says of each who may call it and what can go wrong; writes need a body", async () => {
    const { paths } = Document.parse(JSON.parse(await served()));
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { security, responses, requestBody }] of Object.entries(methods)) {
        expect(security, path).toEqual([{ oidc: [expect.stringMatching(/^(viewer|operator)$/)] }]);
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(["200", "401", "403", "429"]));
        expect(requestBody !== undefined, `${method} ${path}`).toBe(method !== "get");
      }
    }
  });

  it("has no reference that leads nowhere", async () => {
    const text = await served();
    const { components } = Document.parse(JSON.parse(text));
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to ?? "");
    const known = new Set(Object.keys(components.schemas).map((name) => `#/components/schemas/${name}`));
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((to) => !known.has(to))).toEqual([]);
    // The one that holds itself.
    expect(JSON.stringify(components.schemas["ExecutionView"])).toContain("#/components/schemas/ExecutionView");
  });
});
