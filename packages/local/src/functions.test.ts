import { describe, expect, it } from "vitest";
import { createFunctionHost } from "./functions.ts";

describe("functions", () => {
  it("gives each function an ARN and finds it by name and by ARN", async () => {
    const host = createFunctionHost("eu-north-1");
    const arn = host.register("greet", async (event) => ({ got: event }));
    expect(arn).toBe("arn:aws:lambda:eu-north-1:000000000000:function:greet");
    expect(host.has("greet") && host.has(arn)).toBe(true);
    expect(await host.invoke(arn, { a: 1 })).toEqual({ kind: "returned", payload: { got: { a: 1 } } });
  });

  it.each([
    ["greet", true],
    ["greet:$LATEST", true],
    ["function:greet", true],
    ["000000000000:function:greet", true],
    ["arn:aws:lambda:eu-north-1:000000000000:function:greet:$LATEST", true],
    ["arn:aws:lambda:eu-west-1:000000000000:function:greet", false],
    ["arn:aws:lambda:eu-north-1:111111111111:function:greet", false],
    ["111111111111:function:greet", false],
    ["greet:7", false],
    ["greet2", false],
    ["", false],
  ])("is asked for %j", (name, isFound) => {
    const host = createFunctionHost("eu-north-1");
    host.register("greet", async () => null, { timeoutSeconds: 7 });
    expect(host.has(name)).toBe(isFound);
    expect(host.find(name)?.timeoutSeconds).toBe(isFound ? 7 : undefined);
  });

  it("passes event and result as JSON, so that nothing is shared", async () => {
    const host = createFunctionHost();
    const sent = { at: new Date(0), nothing: undefined };
    let received: unknown;
    host.register("f", async (event) => {
      received = event;
    });
    expect(await host.invoke("f", sent)).toEqual({ kind: "returned", payload: null });
    expect(received).toEqual({ at: "1970-01-01T00:00:00.000Z" });
  });

  it("reports a thrown error as Lambda does", async () => {
    const host = createFunctionHost();
    host.register("f", async () => {
      throw new TypeError("wrong kind");
    });
    expect(await host.invoke("f", {})).toMatchObject({
      kind: "failed",
      errorType: "TypeError",
      errorMessage: "wrong kind",
    });
  });

  it("ends a function that takes too long, and tells the handler how long it has", async () => {
    const host = createFunctionHost();
    let remaining = 0;
    host.register(
      "slow",
      (_event, context) => {
        remaining = context.getRemainingTimeInMillis();
        return new Promise(() => undefined);
      },
      { timeoutSeconds: 0.05 },
    );
    const result = await host.invoke("slow", {});
    expect(result).toMatchObject({ kind: "failed", errorType: "Sandbox.Timedout" });
    expect(result.kind === "failed" && result.errorMessage).toMatch(/Task timed out after 0\.05 seconds$/);
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(50);
  });

  it("names a result that is no JSON, and rejects for an unknown function", async () => {
    const host = createFunctionHost();
    host.register("big", async () => 1n);
    expect(await host.invoke("big", {})).toMatchObject({ kind: "failed", errorType: "Runtime.MarshalError" });
    await expect(host.invoke("missing", {})).rejects.toThrow("Function not found: missing");
  });

  it.each([0, 901, Number.NaN])("refuses a timeout of %s seconds", (timeoutSeconds) => {
    expect(() => createFunctionHost().register("f", async () => null, { timeoutSeconds })).toThrow("at most 900");
  });
});
