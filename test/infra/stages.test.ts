import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import deployments from "../../crossfade.config.ts";
import { type Stack, stackOf } from "./support/stack.ts";
import { synthesise } from "./synth/index.ts";

let production: Stack;
let staging: Stack;
beforeAll(async () => {
  production = await stackOf("production");
  staging = await stackOf("staging");
});

describe("what outlives a deployment", () => {
  const HOLDING = ["bucket", "queue", "table"] as const;

  test("in production: every table, bucket and queue", () => {
    expect(production.synthesis.app).toMatchObject({ removal: "retain", protect: true });
    for (const kind of HOLDING) {
      expect(production.all(kind).length).toBeGreaterThan(0);
      for (const { name, options } of production.all(kind)) expect(options.retainOnDelete, name).toBe(true);
    }
  });

  test("in staging: nothing", () => {
    expect(staging.synthesis.app).toMatchObject({ removal: "remove", protect: false });
    for (const { name, options } of staging.synthesis.resources) {
      // SST keeps what it has uploaded to its own bucket.
      if (!name.endsWith("Code")) expect(options.retainOnDelete, name).toBe(false);
    }
    expect(staging.one("table", "ledger").inputs["deletionProtectionEnabled"]).toBe(false);
  });

  test("a bucket that holds payloads can be removed in staging alone", () => {
    const forced = (stack: Stack) => stack.one("bucket", "payloads").inputs["forceDestroy"];
    expect([forced(production), forced(staging)]).toEqual([false, true]);
  });
});

describe("the account", () => {
  test("is the configuration's, and credentials of another one are refused by the provider", () => {
    const { accountId, region } = deployments("production");
    expect(production.synthesis.app.providers.aws).toEqual({
      version: "7.20.0",
      region,
      allowedAccountIds: [accountId],
    });
    expect(production.deployed).toMatchObject({ accountId, region });
  });

  test("stands in no file: it comes from the environment", async () => {
    const root = resolve(import.meta.dirname, "../..");
    const environment = { CROSSFADE_ACCOUNT_ID: "210987654321" };
    const { app, resources } = await synthesise({
      root,
      stage: "staging",
      environment,
      bundles: false,
      into: "another-account",
    });
    expect(app.providers.aws.allowedAccountIds).toEqual(["210987654321"]);
    expect(JSON.stringify(resources)).not.toContain("000000000000");
  });
});

test("stages share no name", () => {
  const names = (stack: Stack) =>
    (["function", "machine", "queue", "role", "rule", "log", "alarm", "table", "topic"] as const).flatMap((kind) =>
      stack.all(kind).map(({ inputs }) => `${kind} ${inputs["name"]}`),
    );
  const taken = new Set(names(production));
  expect(names(staging).filter((name) => taken.has(name))).toEqual([]);
  expect(names(staging).every((name) => name.includes("webcat-staging"))).toBe(true);
});
