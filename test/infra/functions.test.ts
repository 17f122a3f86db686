import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CHECK_TIMEOUT_SECONDS, deployedFunctions, FUNCTIONS } from "@crossfade/bridge/deployment";
import { webcat } from "@crossfade/legacy";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import deployments from "../../crossfade.config.ts";
import { pascal } from "../../stacks/place.ts";
import { bundleOf } from "./support/bundles.ts";
import { arnOf, nameOf, type Stack, stackOf } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf("production");
});

const EXPECTED: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    deployedFunctions(deployments("production")).map((name) => [name, FUNCTIONS[name].timeoutSeconds]),
  ),
  "check-customer": CHECK_TIMEOUT_SECONDS,
  "check-availability": CHECK_TIMEOUT_SECONDS,
};

test("there is every function of the graph, every check of the contract, and no other", () => {
  const names = Object.keys(EXPECTED).map((name) => `webcat-production-${name}`);
  expect(stack.all("function").map(nameOf).sort()).toEqual(names.sort());
});

describe.each(Object.entries(EXPECTED))("%s", (name, timeout) => {
  const fn = () => stack.one("function", `${pascal(name)}Function`);

  test("runs on arm64 and Node 24, for as long as the graph says", () => {
    expect(fn().inputs).toMatchObject({
      architectures: ["arm64"],
      ...{ runtime: "nodejs24.x", timeout, packageType: "Zip", memorySize: 1_024 },
    });
  });

  test("has a log group and a role of its own", () => {
    const log = stack.one("log", pascal(name));
    expect(log.inputs).toMatchObject({ name: `/aws/lambda/webcat-production-${name}`, retentionInDays: 90 });
    expect(fn().inputs).toMatchObject({
      role: arnOf(stack.one("role", `${pascal(name)}Role`)),
      loggingConfig: { logGroup: `/aws/lambda/webcat-production-${name}` },
    });
  });

  test("is a minified bundle with its source map", async () => {
    const folder = join(stack.synthesis.artifacts, `${pascal(name)}-src`);
    const bundle = await readFile(join(folder, "bundle.mjs"), "utf8");
    const { sources } = z
      .object({ sources: z.array(z.string()) })
      .parse(JSON.parse(await readFile(join(folder, "bundle.mjs.map"), "utf8")));
    expect(sources.some((source) => source.includes("packages/functions/src/"))).toBe(true);
    expect(Buffer.byteLength(bundle)).toBeLessThan(2_500_000);
    const [longest = 0] = bundle
      .split("\n")
      .map((line) => line.length)
      .sort((a, b) => b - a);
    expect(longest, "it is not minified").toBeGreaterThan(5_000);
    expect(bundle).not.toMatch(/packages\/local\//);
  });

  test("tells metrics and errors under the deployment's name", () => {
    expect(fn().inputs).toMatchObject({
      environment: {
        variables: {
          METRICS_NAMESPACE: "Crossfade/webcat-production",
          SENTRY_DSN: "",
          SENTRY_ENVIRONMENT: "production",
          NODE_OPTIONS: "--enable-source-maps",
        },
      },
    });
  });
});

/** A batch without records, or an event that the function's schema refuses: it got so far only with all its variables. */
describe("with exactly the variables that it is given, the bundle loads", () => {
  test.each(["ingest", "mirror", "settle", "observe", "delegate-dead-letters", "approval-requests"])(
    "%s",
    async (name) => {
      expect(await bundleOf(stack, pascal(name)).invoke({ Records: [] })).toEqual({ batchItemFailures: [] });
    },
  );

  test.each(["finish-order", "delegate", "check-customer", "check-availability"])("%s", async (name) => {
    await expect(bundleOf(stack, pascal(name)).invoke({})).rejects.toThrow(/ZodError/);
  });

  test("reconcile", async () => {
    // It asks the ledger at once, and there is none.
    await expect(bundleOf(stack, "Reconcile").invoke({})).rejects.toThrow(/ECONNREFUSED/);
  });

  test("guard", async () => {
    // The same; it tells of each route that it could not look at.
    const routes = webcat.routes.size;
    expect(await bundleOf(stack, "Guard").invoke({})).toMatchObject({ looked: 0, failed: routes, left: 0 });
  });
});

describe("secrets", () => {
  const variablesOf = (name: string) =>
    z
      .object({ environment: z.object({ variables: z.record(z.string(), z.string()) }) })
      .parse(stack.one("function", name).inputs).environment.variables;

  test("the key of task tokens is given to those that seal or open them, and to no other", () => {
    const having = stack.all("function").filter(({ name }) => "TOKEN_KEY" in variablesOf(name));
    expect(having.map(({ name }) => name.replace("Function", "")).sort()).toEqual([
      "ApprovalRequests",
      "Delegate",
      "DelegateDeadLetters",
      "Observe",
      "Reconcile",
    ]);
  });

  test("none stands in the outputs", () => {
    const outputs = JSON.stringify(stack.synthesis.outputs);
    for (const name of ["TOKEN_KEY", "STRIPE_SECRET_KEY", "SENTRY_DSN"]) expect(outputs).not.toContain(name);
    expect(outputs).not.toContain(variablesOf("ObserveFunction")["TOKEN_KEY"]);
  });

  test("charges are at one provider", () => {
    for (const name of ["FinishOrder", "Settle", "Reconcile"]) {
      const variables = variablesOf(`${name}Function`);
      expect(variables).toMatchObject({ PAYMENTS_TABLE: "webcat-payments" });
      expect(variables).not.toHaveProperty("STRIPE_SECRET_KEY");
    }
  });
});
