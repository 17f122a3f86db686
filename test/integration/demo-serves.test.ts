import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { Overview } from "@crossfade/bridge/console";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { ROOT, runCommand } from "./support/run.ts";

/** `npm start`, as a person has it in one terminal, with another one beside it. */
let demonstration: ChildProcess;
let printed = "";
const exported = () =>
  new Map([...printed.matchAll(/^ {2}export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
const environment = () => ({ ...process.env, ...Object.fromEntries(exported()) });
const address = () => /The dashboard is at (http:\S+)/.exec(printed)?.[1] ?? "";

beforeAll(async () => {
  demonstration = spawn("npm", ["start", "--silent", "--", "--messages", "12", "--rate", "40", "--steps", "0,50"], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  demonstration.stdout?.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await eventually("the dashboard's address", async () => address() || undefined, 60_000, 100);
}, 70_000);
afterAll(() => {
  const { exitCode, signalCode, pid } = demonstration;
  if (exitCode === null && signalCode === null && pid !== undefined) process.kill(-pid, "SIGKILL");
});

it("serves the dashboard while the traffic runs", async () => {
  expect(printed).not.toContain("Ctrl-C ends it.");
  const page = await fetch(address());
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="app">')]);
  expect((await fetch(`${address()}/api/overview`)).status).toBe(401);
});

it("prints a command that asks the API, and it works", async () => {
  const [, command = ""] = /^ {2}(curl .*)$/m.exec(printed) ?? [];
  const ran = await runCommand(command);
  expect(Overview.parse(JSON.parse(ran.stdout)).migration).toBe("webcat");
});

it("then serves for a second terminal: crossfade status finds the deployment by a variable", async () => {
  await eventually("the end of the traffic", async () => printed.includes("Ctrl-C ends it.") || undefined, 90_000, 200);
  const ran = await runCommand("npm run --silent crossfade -- status", undefined, environment());
  expect(ran.stdout, ran.stderr).toMatch(/RENEW_DOMAIN +registrations +split +50/);
});

it("ends with Ctrl-C, and leaves no file that holds a key", async () => {
  const file = exported().get("CROSSFADE_DEPLOYMENT") ?? "";
  expect(existsSync(file)).toBe(true);
  const ended = once(demonstration, "close");
  process.kill(-(demonstration.pid ?? 0), "SIGINT");
  await ended;
  expect(existsSync(file)).toBe(false);
  await expect(fetch(address())).rejects.toThrow();
});
