import { GetFunctionCommand, GetFunctionConfigurationCommand, InvokeCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../mappings/testing.ts";
import type { DroppedEvent } from "./async-invocations.ts";
import { type LambdaTests, startLambdaTests } from "./fixture.ts";

let on: LambdaTests;
const dropped: DroppedEvent[] = [];
beforeAll(async () => {
  const onDropped = (event: DroppedEvent) => void dropped.push(event);
  on = await startLambdaTests({ asyncInvocations: { retryDelaysMs: [1, 1], onDropped } });
  on.cloud.functions.register("echo", async (event) => ({ got: event }), { timeoutSeconds: 7 });
  on.cloud.functions.register("failing", async () => {
    throw new TypeError("wrong kind");
  });
});
beforeEach(() => dropped.splice(0));
afterAll(() => on.close());

const invoke = (input: Partial<ConstructorParameters<typeof InvokeCommand>[0]>) =>
  on.lambda.send(new InvokeCommand({ FunctionName: "echo", ...input }));
const text = (payload: { transformToString(): string } | undefined) => payload?.transformToString();

describe("Invoke, synchronously", () => {
  test("gives the function's result", async () => {
    const answer = await invoke({ Payload: '{"name":"Väinö 🙂"}' });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
    expect(answer.FunctionError).toBeUndefined();
    expect(text(answer.Payload)).toBe('{"got":{"name":"Väinö 🙂"}}');
  });

  test("without a payload passes an empty object", async () => {
    expect(text((await invoke({})).Payload)).toBe('{"got":{}}');
  });

  test.each(["arn:aws:lambda:eu-west-1:000000000000:function:echo", "000000000000:function:echo", "echo:$LATEST"])(
    "takes the name %s",
    async (FunctionName) => {
      expect(text((await invoke({ FunctionName, Payload: "1" })).Payload)).toBe('{"got":1}');
    },
  );

  test("reports the function's error, with status 200", async () => {
    const answer = await invoke({ FunctionName: "failing" });
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
    expect(JSON.parse(text(answer.Payload) ?? "")).toEqual({
      errorType: "TypeError",
      errorMessage: "wrong kind",
      trace: expect.arrayContaining(["TypeError: wrong kind"]),
    });
  });

  test("reports a timeout", async () => {
    on.cloud.functions.register("slow", () => new Promise(() => undefined), { timeoutSeconds: 0.05 });
    const answer = await invoke({ FunctionName: "slow" });
    expect(answer.FunctionError).toBe("Unhandled");
    expect(JSON.parse(text(answer.Payload) ?? "")).toEqual({
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(/Task timed out after 0\.05 seconds$/),
    });
  });
});

describe("Invoke refuses", () => {
  test.each(["nobody", "echo:7", "111111111111:function:echo", "arn:aws:lambda:eu-west-2:000000000000:function:echo"])(
    "the unknown function %s",
    async (FunctionName) => {
      await expect(invoke({ FunctionName })).rejects.toMatchObject({
        name: "ResourceNotFoundException",
        $metadata: { httpStatusCode: 404 },
        message: expect.stringContaining(FunctionName),
      });
    },
  );

  test.each(["RequestResponse", "Event"] as const)("a payload that is no JSON (%s)", async (InvocationType) => {
    await expect(invoke({ InvocationType, Payload: "{" })).rejects.toMatchObject({
      name: "InvalidRequestContentException",
      $metadata: { httpStatusCode: 400 },
    });
  });

  const MIB = 1024 * 1024;
  test.each([
    ["RequestResponse", 6 * MIB],
    ["Event", MIB],
  ] as const)("a payload above the limit of %s, and takes one at it", async (InvocationType, limit) => {
    const quoted = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
    on.cloud.functions.register("length", async (event) => String(event).length);
    const FunctionName = "length";
    await expect(invoke({ FunctionName, InvocationType, Payload: quoted(limit + 1) })).rejects.toMatchObject({
      name: "RequestTooLargeException",
      $metadata: { httpStatusCode: 413 },
    });
    const answer = await invoke({ FunctionName, InvocationType, Payload: quoted(limit) });
    expect(answer.FunctionError).toBeUndefined();
    expect(text(answer.Payload)).toBe(InvocationType === "Event" ? undefined : String(limit - 2));
  });

  test("an answer above the limit, as the function's error", async () => {
    on.cloud.functions.register("huge", async () => "x".repeat(6 * MIB + 200));
    const answer = await invoke({ FunctionName: "huge" });
    expect(answer.FunctionError).toBe("Unhandled");
    expect(text(answer.Payload)).toContain("Function.ResponseSizeTooLarge");
  });

  test.each([{ LogType: "Tail" }, { ClientContext: "e30=" }, { Qualifier: "live" }] as const)(
    "what it does not do: %j",
    async (input) => {
      await expect(invoke(input)).rejects.toMatchObject({ name: "InvalidParameterValueException" });
    },
  );

  test("another action, by its path", async () => {
    const answer = await fetch(`${on.cloud.endpoints.lambda}/2015-03-31/functions`, { method: "POST", body: "{}" });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("not supported by the local cloud: POST /2015-03-31/functions");
  });

  test.each(["/2015-03-31/functions/%E0%A4%A/configuration", "//", "/2015-03-31/event-source-mappings?MaxItems=no"])(
    "a broken request, and serves on: %s",
    async (path) => {
      expect((await fetch(on.cloud.endpoints.lambda + path)).status).toBe(400);
      expect((await invoke({})).StatusCode).toBe(200);
    },
  );
});

describe("Invoke, asynchronously", () => {
  test("answers before the function has run", async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const ended: unknown[] = [];
    on.cloud.functions.register("later", async (event) => {
      await opened;
      ended.push(event);
    });
    const answer = await invoke({ FunctionName: "later", InvocationType: "Event", Payload: '{"n":1}' });
    expect(answer.StatusCode).toBe(202);
    expect(ended).toEqual([]);
    open();
    await on.cloud.invocationsSettled();
    expect(ended).toEqual([{ n: 1 }]);
  });

  test("tries three times, then drops the event", async () => {
    const events: unknown[] = [];
    on.cloud.functions.register("never", async (event) => {
      events.push(event);
      throw new Error(`no ${events.length}`);
    });
    await invoke({ FunctionName: "never", InvocationType: "Event", Payload: '{"n":1}' });
    await on.cloud.invocationsSettled();
    expect(events).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
    expect(dropped).toMatchObject([{ functionName: "never", payload: { n: 1 }, result: { errorMessage: "no 3" } }]);
  });

  test("does not try again what succeeded", async () => {
    let calls = 0;
    on.cloud.functions.register("second-time", async () => {
      if (++calls === 1) throw new Error("not yet");
    });
    await invoke({ FunctionName: "second-time", InvocationType: "Event" });
    await on.cloud.invocationsSettled();
    expect(calls).toBe(2);
    expect(dropped).toEqual([]);
  });

  test("closing the cloud gives up retries and waits for what runs", async () => {
    const other = await startLambdaTests({ asyncInvocations: { retryDelaysMs: [3_600_000] } });
    let calls = 0;
    other.cloud.functions.register("once", async () => {
      calls++;
      throw new Error("no");
    });
    await other.lambda.send(new InvokeCommand({ FunctionName: "once", InvocationType: "Event" }));
    await until("it ran", () => calls === 1);
    await other.close();
    expect(calls).toBe(1);
  });
});

test("DryRun looks for the function and does not run it", async () => {
  let calls = 0;
  on.cloud.functions.register("dry", async () => calls++);
  expect((await invoke({ FunctionName: "dry", InvocationType: "DryRun" })).StatusCode).toBe(204);
  await expect(invoke({ FunctionName: "nobody", InvocationType: "DryRun" })).rejects.toThrow("nobody");
  await on.cloud.invocationsSettled();
  expect(calls).toBe(0);
});

describe("a function's configuration", () => {
  const FunctionArn = "arn:aws:lambda:eu-west-1:000000000000:function:echo";
  const expected = { FunctionName: "echo", FunctionArn, Timeout: 7, State: "Active", LastUpdateStatus: "Successful" };

  test.each(["echo", FunctionArn, "000000000000:function:echo"])("is found by %s", async (FunctionName) => {
    const { Configuration } = await on.lambda.send(new GetFunctionCommand({ FunctionName }));
    const configuration = await on.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    for (const given of [Configuration, configuration]) {
      expect(given).toMatchObject({ ...expected, Role: "arn:aws:iam::000000000000:role/local", Version: "$LATEST" });
    }
  });

  test("shows the environment of a bundle", async () => {
    on.cloud.functions.registerBundle("bundled", { file: "/nowhere.mjs", environment: { TABLE: "orders" } });
    const { Configuration } = await on.lambda.send(new GetFunctionCommand({ FunctionName: "bundled" }));
    expect(Configuration).toMatchObject({ Timeout: 3, Environment: { Variables: { TABLE: "orders" } } });
  });

  test("of no function is not found", async () => {
    for (const command of [GetFunctionCommand, GetFunctionConfigurationCommand]) {
      await expect(on.lambda.send(new command({ FunctionName: "nobody" }))).rejects.toMatchObject({
        name: "ResourceNotFoundException",
      });
    }
  });
});
