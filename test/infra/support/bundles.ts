import { join } from "node:path";
import { createFunctionHost } from "@crossfade/local/functions";
import { onTestFinished } from "vitest";
import * as z from "zod";
import type { Stack } from "./stack.ts";

const Deployed = z.object({
  handler: z.string().regex(/^bundle\.\w+$/),
  timeout: z.number(),
  environment: z.object({ variables: z.record(z.string(), z.string()) }),
});

/** What Lambda gives a function besides its own variables; nobody listens at the endpoint. */
const LAMBDA = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "none",
  AWS_SECRET_ACCESS_KEY: "none",
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  AWS_MAX_ATTEMPTS: "1",
  POWERTOOLS_LOG_LEVEL: "SILENT",
  POWERTOOLS_METRICS_DISABLED: "true",
};

export interface Bundle {
  /** @throws Error when the bundle does not load, or its handler fails. */
  invoke(event: unknown): Promise<unknown>;
}

/** The bundle that would be deployed, with exactly the variables that it would have. `name`: of the component. */
export function bundleOf(stack: Stack, name: string): Bundle {
  const { handler, timeout, environment } = Deployed.parse(stack.one("function", `${name}Function`).inputs);
  const file = join(stack.synthesis.artifacts, `${name}-src`, "bundle.mjs");
  return {
    async invoke(event) {
      const host = createFunctionHost();
      onTestFinished(() => host.close());
      host.registerBundle("bundle", {
        file,
        export: handler.replace("bundle.", ""),
        timeoutSeconds: timeout,
        environment: { ...environment.variables, ...LAMBDA },
      });
      const result = await host.invoke("bundle", event);
      if (result.kind === "failed") throw new Error(`${name}: ${result.errorType}: ${result.errorMessage}`);
      return result.payload;
    },
  };
}
