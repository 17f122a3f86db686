import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { runCommand } from "./support/run.ts";

const count = z.int().nonnegative();
const PathCount = z.object({ completed: count, failed: count, inFlight: count });

/** The report as issue and README promise it. */
const Report = z.object({
  received: count,
  duplicatesDelivered: count,
  rejected: count,
  paths: z.object({ legacy: PathCount, order: PathCount }),
  direct: PathCount,
  executions: z.object({ started: count, succeeded: count, failed: count, timedOut: count, aborted: count }),
  lost: count,
  processedTwice: count,
  statusRegressions: count,
  unmirrored: count,
  order: z.object({
    approvals: z.object({ approved: count, refused: count, timedOut: count }),
    compensations: count,
    delegated: count,
    native: count,
    claimChecked: count,
  }),
  charges: z.object({ authorised: count, captured: count, cancelled: count, open: count }),
  parity: z.object({
    ...{ compared: count, matched: count, mismatched: count, ignored: count, late: count },
    ...{ oldOnly: count, newOnly: count, shadowFailed: count },
    baseline: z.object({ compared: count, mismatched: count }),
  }),
  counted: z.object({ received: count, ended: count, rejected: count, gap: count }),
  steps: z.array(z.object({ percentage: z.number(), legacy: count, order: count })),
  seconds: z.number().positive(),
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "crossfade-demo-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("keeps every promise and reports it as one JSON object on the last line of stdout", async () => {
  const ran = await runCommand("npm start --silent -- --once --json --messages 160 --rate 45 --seed 3");
  expect(ran.code, ran.stderr).toBe(0);
  const lines = ran.stdout.trim().split("\n");
  expect(lines).toHaveLength(1);
  const report = Report.parse(JSON.parse(lines[0] ?? ""));
  expect(report).toMatchObject({
    lost: 0,
    processedTwice: 0,
    statusRegressions: 0,
    unmirrored: 0,
    charges: { open: 0 },
    order: { approvals: { approved: 1, refused: 1, timedOut: 1 }, compensations: 1 },
  });
  expect(report.received).toBe(160);
  const { parity, counted, direct } = report;
  expect(counted).toMatchObject({
    received: 160 + direct.completed + direct.failed,
    rejected: report.rejected,
    gap: 0,
  });
  expect(counted.ended).toBe(counted.received - counted.rejected);
  // Who failed for a reason that no plan can know is ignored; whatever else was planned was done.
  expect(parity.compared).toBeGreaterThan(10);
  expect(parity).toMatchObject({ matched: parity.compared, mismatched: 0, oldOnly: 0, newOnly: 0, late: 0 });
  expect(parity.compared + parity.ignored + parity.shadowFailed).toBe(report.steps[0]?.legacy);
  expect(parity.baseline.compared).toBeGreaterThan(0);
  expect(parity.baseline.mismatched).toBe(0);
  const { legacy, order } = report.paths;
  const crossed = legacy.completed + legacy.failed + order.completed + order.failed;
  expect(crossed + report.rejected).toBe(report.received);
  expect(legacy.failed + order.failed).toBeGreaterThan(0);
  expect(report.rejected).toBeGreaterThan(0);
  expect(report.steps.map((step) => step.percentage)).toEqual([0, 10, 50, 100]);
  expect(report.steps[0]?.order).toBe(0);
  for (const step of report.steps.slice(1, 3)) {
    expect(Math.min(step.legacy, step.order), `both paths are used at ${step.percentage} %`).toBeGreaterThan(0);
  }
  const { delegated, native, claimChecked } = report.order;
  expect(Math.min(delegated, native, claimChecked)).toBeGreaterThan(0);
  expect(report.charges.captured + report.charges.cancelled).toBe(report.charges.authorised);
});

describe("a wrong option or file gets one line that says what to do, and exit code 2", () => {
  it.each([
    ["--messages none", "whole number"],
    ["--rate 0", "whole number from 1"],
    ["--steps 0,ten", "percentages from 0 to 100"],
    ["--steps 0,101", "percentages from 0 to 100"],
    ["--nonsense", "--help"],
    ["more words", "--help"],
    ["--input no-such-file.jsonl", "cannot be read"],
  ])("%s", async (options, says) => {
    const ran = await runCommand(`npm start --silent -- --once ${options}`);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toBe("");
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
    expect(ran.stderr).toContain(says);
  });

  it("names the line of a file that is no message", async () => {
    const file = path.join(folder, "broken.jsonl");
    await writeFile(file, '{"source":"dns","body":{}}\nnot json\n');
    const ran = await runCommand(`npm start --silent -- --once --input ${file}`);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("line 2");
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
  });
});
