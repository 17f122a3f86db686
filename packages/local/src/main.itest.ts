import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { clientOptions } from "./clients.ts";

const Printed = z.object({ endpoints: z.record(z.string(), z.url()), env: z.record(z.string(), z.string()) });

function run(...options: string[]) {
  const main = fileURLToPath(import.meta.resolve("./main.ts"));
  const child = spawn(process.execPath, [main, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  return { child, ended: once(child, "exit").then(([code]) => z.int().nullable().parse(code)) };
}

describe("npm run cloud", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("serves until %s, then ends with 0", async (signal) => {
    const { child, ended } = run("--json");
    const [line] = await once(child.stdout, "data");
    const { endpoints, env } = Printed.parse(JSON.parse(String(line)));
    const endpoint = z.string().parse(endpoints["sqs"]);
    expect(env["AWS_ENDPOINT_URL_SQS"]).toBe(endpoint);
    const sqs = new SQSClient(clientOptions(endpoint, "eu-west-1"));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "served" }));
    expect(QueueUrl).toBe(`${endpoint}/000000000000/served`);
    sqs.destroy();
    child.kill(signal);
    expect(await ended).toBe(0);
    await expect(fetch(z.string().parse(endpoints["dynamodb"]))).rejects.toThrow();
  });

  test("prints what a shell can read", async () => {
    const { child, ended } = run();
    const [output] = await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    const lines = String(output).trim().split("\n");
    expect(lines.filter((line) => !/^(# \w+ +http:\S+|export AWS_\w+=[\w:/.-]+)$/.test(line))).toEqual([]);
    expect(lines).toContain("export AWS_REGION=eu-west-1");
  });

  test.each([["--prot"], ["--port-base", "80"], ["--port-base"], ["extra"]])("refuses %s %s", async (...options) => {
    const { child, ended } = run(...options);
    const [said, printed] = await Promise.all([text(child.stderr), text(child.stdout)]);
    expect(await ended).toBe(2);
    expect(said).toMatch(/^error: .+; see npm run cloud -- --help\n$/);
    expect(printed).toBe("");
  });

  test("explains itself", async () => {
    const { child, ended } = run("--help");
    expect(await text(child.stdout)).toContain("--port-base <n>");
    expect(await ended).toBe(0);
  });
});
