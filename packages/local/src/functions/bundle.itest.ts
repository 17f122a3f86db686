import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { FunctionBundle, FunctionRegistry } from "../contract.ts";
import { createFunctionHost } from "../functions.ts";
import { until } from "../mappings/testing.ts";

let folder: string;
const hosts: FunctionRegistry[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundles-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function host(source: string, options: Omit<FunctionBundle, "file"> = {}): Promise<FunctionRegistry> {
  const file = join(folder, `bundle-${files++}.mjs`);
  await writeFile(file, source);
  const functions = createFunctionHost("eu-north-1");
  hosts.push(functions);
  functions.registerBundle("f", { file, ...options });
  return functions;
}

describe("a bundle", () => {
  test("has its own environment, exactly as given, and its own globals", async () => {
    vi.stubEnv("SECRET_OF_THE_PARENT", "must not be seen");
    const functions = await host(
      "globalThis.loaded = 1; export const handler = async () => ({ env: process.env, loaded: globalThis.loaded });",
      { environment: { TABLE: "orders", AWS_REGION: "eu-north-1" } },
    );
    expect(await functions.invoke("f", {})).toEqual({
      kind: "returned",
      payload: { env: { TABLE: "orders", AWS_REGION: "eu-north-1" }, loaded: 1 },
    });
    expect(globalThis).not.toHaveProperty("loaded");
    expect(functions.find("f")?.environment).toEqual({ TABLE: "orders", AWS_REGION: "eu-north-1" });
  });

  test("is found by the name of its export, and is given event and context", async () => {
    const functions = await host(
      `export async function other(event, context) {
         return { event, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() };
       }`,
      { export: "other", timeoutSeconds: 5 },
    );
    const result = await functions.invoke("f", { at: new Date(0) });
    expect(result).toMatchObject({
      payload: { event: { at: "1970-01-01T00:00:00.000Z" }, arn: "arn:aws:lambda:eu-north-1:000000000000:function:f" },
    });
    expect(result).toMatchObject({ payload: { left: expect.toSatisfy((left) => left > 1000 && left <= 5000) } });
  });

  test("stays loaded between invocations, one at a time in each thread", async () => {
    const functions = await host(
      `let running = 0; let calls = 0;
       export const handler = async () => {
         if (++running > 1) throw new Error("two at a time");
         await new Promise(setImmediate);
         running--;
         return ++calls;
       };`,
      { concurrency: 2 },
    );
    const results = await Promise.all(Array.from({ length: 10 }, () => functions.invoke("f", {})));
    const counts = results.map((result) => (result.kind === "returned" ? Number(result.payload) : Number.NaN));
    expect(counts.every((count) => count >= 1 && count <= 10)).toBe(true);
    // Two threads at most: each count was given at most twice.
    for (const count of counts) expect(counts.filter((other) => other === count).length).toBeLessThanOrEqual(2);
  });

  test("passes undefined as null, as JSON does", async () => {
    const functions = await host("export const handler = async () => undefined;");
    expect(await functions.invoke("f", undefined)).toEqual({ kind: "returned", payload: null });
  });
});

describe("a failure", () => {
  test("of the handler is its own, and the thread goes on", async () => {
    const functions = await host(
      "let calls = 0; export const handler = async () => { if (++calls === 1) throw new TypeError('first'); return calls; };",
    );
    const failed = await functions.invoke("f", {});
    expect(failed).toMatchObject({ kind: "failed", errorType: "TypeError", errorMessage: "first" });
    expect(failed.kind === "failed" && failed.trace[0]).toBe("TypeError: first");
    expect(await functions.invoke("f", {})).toEqual({ kind: "returned", payload: 2 });
  });

  test("of a result that is no JSON is named", async () => {
    const functions = await host("export const handler = async () => 1n;");
    expect(await functions.invoke("f", {})).toMatchObject({ kind: "failed", errorType: "Runtime.MarshalError" });
  });

  test.each([
    ["process.exit(3)", "Runtime.ExitError", /Runtime exited with error: exit status 3$/],
    ["process.exit(0)", "Runtime.ExitError", /Runtime exited without providing a reason$/],
    ["setImmediate(() => { throw new RangeError('late'); })", "RangeError", /^late$/],
    ["Promise.reject(new Error('nobody cares'))", "Runtime.UnhandledPromiseRejection", /^Error: nobody cares$/],
  ])("%s ends the thread; the next invocation gets a new one", async (code, errorType, message) => {
    const functions = await host(
      `let calls = 0;
       export const handler = async (event) => {
         if (event.break) { ${code}; await new Promise(() => setInterval(() => {}, 1000)); }
         return ++calls;
       };`,
      { timeoutSeconds: 20, concurrency: 1 },
    );
    await functions.invoke("f", {});
    const failed = await functions.invoke("f", { break: true });
    expect(failed).toMatchObject({ kind: "failed", errorType });
    expect(failed.kind === "failed" && failed.errorMessage).toMatch(message);
    expect(await functions.invoke("f", {})).toEqual({ kind: "returned", payload: 1 });
  });

  test("a timeout kills the thread, even one that never yields", async () => {
    const functions = await host(
      "let calls = 0; export const handler = async (event) => { calls++; while (event.spin); return calls; };",
      { timeoutSeconds: 0.2, concurrency: 1 },
    );
    const failed = await functions.invoke("f", { spin: true });
    expect(failed).toMatchObject({ kind: "failed", errorType: "Sandbox.Timedout" });
    expect(failed.kind === "failed" && failed.errorMessage).toMatch(/Task timed out after 0\.20 seconds$/);
    expect(await functions.invoke("f", {})).toEqual({ kind: "returned", payload: 1 });
  });

  test.each([
    ["a missing import", "import './nowhere.mjs';", "Runtime.ImportModuleError", /nowhere\.mjs/],
    ["bad syntax", "export const = 1;", "Runtime.UserCodeSyntaxError", /./],
    ["an error at load", "throw new RangeError('TABLE is not set');", "RangeError", /^TABLE is not set$/],
    ["no handler", "export const other = 1;", "Runtime.HandlerNotFound", /handler is not a function exported by/],
    ["an exit at load", "process.exit(1);", "Runtime.ExitError", /exit status 1$/],
  ])("%s shows in every invocation", async (_, source, errorType, message) => {
    const functions = await host(source);
    for (let attempt = 0; attempt < 2; attempt++) {
      const result = await functions.invoke("f", {});
      expect(result).toMatchObject({ kind: "failed", errorType });
      expect(result.kind === "failed" && result.errorMessage).toMatch(message);
    }
  });

  test("a file that is not there shows too", async () => {
    const functions = createFunctionHost();
    functions.registerBundle("f", { file: join(folder, "nowhere.mjs") });
    expect(await functions.invoke("f", {})).toMatchObject({ errorType: "Runtime.ImportModuleError" });
  });
});

describe("the end", () => {
  test("closing fails what is in hand and what waits, and leaves no thread", async () => {
    const threads = () => process.getActiveResourcesInfo().filter((kind) => kind === "MessagePort").length;
    const functions = await host("export const handler = () => new Promise(() => setInterval(() => {}, 1000));", {
      concurrency: 1,
      timeoutSeconds: 60,
    });
    const results = Promise.all([functions.invoke("f", {}), functions.invoke("f", {})]);
    await functions.close();
    for (const result of await results) expect(result).toMatchObject({ errorType: "Runtime.ExitError" });
    await until("no thread is left", () => threads() === 0);
    expect(await functions.invoke("f", {})).toMatchObject({ errorType: "Runtime.ExitError" });
  });
});
