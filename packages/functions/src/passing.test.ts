import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { GetExecutionHistoryCommand, SFNClient } from "@aws-sdk/client-sfn";
import { BridgeError } from "@crossfade/bridge";
import { ServiceError } from "@crossfade/legacy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { passes } from "./passing.ts";

let server: Server;
let client: SFNClient;
let answer: readonly [status: number, type: string];

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(answer[0], { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify({ __type: answer[1], message: "no" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  client = new SFNClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 2,
  });
});
afterAll(async () => {
  client.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const ask = (given = client, signal?: AbortSignal): Promise<unknown> =>
  given.send(new GetExecutionHistoryCommand({ executionArn: "arn" }), { ...(signal && { abortSignal: signal }) }).then(
    () => "no error",
    (error: unknown) => error,
  );

describe("what the SDK throws", () => {
  it.each([
    [400, "ThrottlingException", true],
    [500, "InternalServerError", true],
    [503, "ServiceUnavailable", true],
    [400, "AccessDeniedException", false],
    [400, "InvalidArn", false],
  ])("HTTP %i %s: passes: %s", async (status, type, expected) => {
    answer = [status, type];
    expect(passes(await ask())).toBe(expected);
  });

  it("passes when nobody listens, and when it took too long", async () => {
    answer = [500, "InternalServerError"];
    const nobody = new SFNClient({
      endpoint: "http://127.0.0.1:1",
      region: "eu-west-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 2,
    });
    expect(passes(await ask(nobody))).toBe(true);
    expect(passes(await ask(client, AbortSignal.timeout(0)))).toBe(true);
    nobody.destroy();
  });
});

describe("what we throw", () => {
  it.each([
    [new BridgeError("PIN_BUSY", "retry", "later"), true],
    [new BridgeError("DEPENDENCY_FAILED", "retry", "later"), true],
    [new BridgeError("EFFECT_REFUSED", "reject", "nothing was done"), true],
    [new BridgeError("UNKNOWN_SOURCE", "retry", "the deployment lacks it"), false],
    [new BridgeError("CHARGE_UNKNOWN", "fatal", "look"), false],
    [new BridgeError("CONFLICT", "reject", "look"), false],
    [new ServiceError("TIMED_OUT", "no answer"), true],
    [new ServiceError("INVALID_ANSWER", "the contract is broken"), false],
    [new TypeError("nobody foresaw it"), false],
    ["a string", false],
  ])("%s: passes: %s", (error, expected) => {
    expect(passes(error)).toBe(expected);
  });
});
