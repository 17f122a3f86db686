import type { OpenAPIHono } from "@hono/zod-openapi";
import { componentSchemas } from "./components.ts";
import type { ApiEnv } from "./operation.ts";

const INFO = {
  openapi: "3.1.0",
  info: {
    title: "Crossfade",
    version: "1",
    description:
      "What a person sees and does of a migration. Times are epoch milliseconds, latencies milliseconds, rates 0 to 1. " +
      "Viewers see no personal data and change nothing.",
  },
} as const;

/**
 * Serves the OpenAPI document. Without a token: it says what the source code says and nothing of a deployment, and who
 * writes a client needs it before they have a token.
 */
export function describeApi(app: OpenAPIHono<ApiEnv>): void {
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "oidc", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A token of the OpenID Connect issuer; a claim of it says viewer or operator.",
  });
  for (const [name, schema] of Object.entries(componentSchemas())) registry.registerComponent("schemas", name, schema);
  let document: object | undefined;
  app.get("/openapi.json", (c) => {
    document ??= app.getOpenAPI31Document(INFO);
    return c.json(document);
  });
}
