import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { type AuditEntry, GuardEntry, GuardRecord, Rollout, RouteType } from "@crossfade/bridge";
import { hourKey } from "@crossfade/bridge/adapters/dynamodb-keys";
import { type Counts, hourOf } from "@crossfade/bridge/compare";
import { composeRollouts } from "@crossfade/functions/compose";
import { composeAudit } from "@crossfade/functions/compose-console";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { crossfade } from "./support/cli.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
let folder: string;
beforeAll(async () => {
  world = await startWorld();
  await world.setRollouts({ stage: "legacy", percentage: 0, include: [] });
  folder = await mkdtemp(path.join(tmpdir(), "crossfade-guard-test-"));
});
afterAll(() => Promise.all([world.close(), rm(folder, { recursive: true })]));

const stored = (route: string) => composeRollouts().read(RouteType.parse(route));
const newest = async (route: string): Promise<AuditEntry | undefined> =>
  (await composeAudit().page(RouteType.parse(route), 1)).entries[0];

describe("crossfade rollout pause and resume", () => {
  it("sends everything new the legacy way, shows it, and puts it back", async () => {
    await crossfade("rollout set UPDATE_DNS --percentage 12.5 --reason first");
    const { version } = await stored("UPDATE_DNS");
    const paused = await crossfade(
      `rollout pause UPDATE_DNS --version ${version} --reason "registry is down" --by Aino`,
    );
    expect(paused.code, paused.stderr).toBe(0);
    expect(paused.stdout).toMatch(/UPDATE_DNS is at legacy 0 % .*puts it back to split 12.5 %/);
    expect(await stored("UPDATE_DNS")).toMatchObject({ stage: "legacy", paused: { stage: "split", percentage: 12.5 } });
    expect(await newest("UPDATE_DNS")).toMatchObject({ kind: "rollout", by: "Aino", reason: "registry is down" });
    expect((await crossfade("routes")).stdout).toMatch(/UPDATE_DNS +paused \(split 12.5 %\) +0 /);
    const resumed = await crossfade("rollout resume UPDATE_DNS --reason back --json");
    expect(Rollout.parse(JSON.parse(resumed.stdout))).toMatchObject({ stage: "split", percentage: 12.5 });
    expect(await stored("UPDATE_DNS")).not.toHaveProperty("paused");
  });

  it.each([
    ["resume UPDATE_DNS --reason x", 3, /UPDATE_DNS is not paused/],
    ["pause REFRESH_DOMAIN --reason x", 3, /REFRESH_DOMAIN is at legacy: there is nothing to pause/],
    ["pause UPDATE_DNS --version 0 --reason x", 3, /is at version \d+, not 0/],
    ["pause UPDATE_DNS", 2, /--reason/],
    ["pause NO_SUCH_ROUTE --reason x", 2, /use one of REGISTER_DOMAIN/],
  ])("refuses %s with exit code %i", async (line, code, says) => {
    const before = await stored("UPDATE_DNS");
    const ran = await crossfade(`rollout ${line}`);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(says)]);
    expect(await stored("UPDATE_DNS")).toEqual(before);
  });
});

const RAMP = "--ramp split:5,split:25,order";
const QUICK = `${RAMP} --bake 0s`;

/** What was counted in this hour, as the counts' own writer leaves it. */
async function counted(route: string, counts: Counts): Promise<void> {
  const Item = { ...hourKey(route, hourOf(Date.now())), ...counts };
  await world.documents.send(new PutCommand({ TableName: world.bridge.ledgerTable, Item }));
}

describe("crossfade guard", () => {
  it("is told what to do with a route, lists it, shows it, and is told to leave it alone", async () => {
    expect((await crossfade("guard list")).stdout).toMatch(/looks after no route/);
    await crossfade("rollout set RENEW_DOMAIN --percentage 5 --reason first");
    const { version } = await stored("RENEW_DOMAIN");
    const options = "--bake 24h --minimum-samples 700 --error-margin 0.02 --latency-ratio 2 --largest-mismatch 0.01";
    const set = await crossfade(
      `guard set RENEW_DOMAIN ${RAMP} ${options} --version ${version} --reason ready --by Aino`,
    );
    expect(set.code, set.stderr).toBe(0);
    expect(set.stdout).toMatch(/ramp: \[split 5 %\], split 25 %, order; each step lasts 24 h and 700 samples/);
    expect(set.stdout).toMatch(/at most 2 % above legacy; p95 at most 2 times legacy's; mismatches at most 1 %/);
    expect(await newest("RENEW_DOMAIN")).toMatchObject({ kind: "policy", by: "Aino", reason: "ready" });

    expect((await crossfade("guard run RENEW_DOMAIN")).stdout).toMatch(
      /^hold at split 5 %, baking: .*\n +errors inconc/,
    );
    expect((await crossfade("guard list")).stdout).toMatch(/RENEW_DOMAIN +split 5 % +\[split 5 %\].* hold +baking +1 /);
    const [listed] = z.array(GuardRecord).parse(JSON.parse((await crossfade("guard list --json")).stdout));
    expect(listed).toMatchObject({
      route: "RENEW_DOMAIN",
      policy: { minimumSamples: 700, errors: { falseAlarm: 0.003 } },
    });
    const shown = GuardRecord.parse(JSON.parse((await crossfade("guard show RENEW_DOMAIN --json")).stdout));
    expect(shown).toEqual(listed);

    const removed = await crossfade("guard remove RENEW_DOMAIN --reason enough --by Aino");
    expect(removed.stdout).toMatch(/RENEW_DOMAIN stays where it is/);
    expect(await newest("RENEW_DOMAIN")).toMatchObject({ kind: "policy", by: "Aino", reason: "enough" });
    expect(await newest("RENEW_DOMAIN")).not.toHaveProperty("policy");
    expect(await crossfade("guard show RENEW_DOMAIN")).toMatchObject({ code: 3 });
    expect(await stored("RENEW_DOMAIN")).toMatchObject({ stage: "split", percentage: 5, version });
  });

  it("rolls a route back that does worse, and says by which numbers", async () => {
    await crossfade("rollout set REGISTER_DOMAIN --percentage 25 --reason second");
    await crossfade(`guard set REGISTER_DOMAIN ${QUICK} --reason ready`);
    await counted("REGISTER_DOMAIN", {
      "ended.legacy.COMPLETED": 980,
      "ended.legacy.FAILED": 20,
      "ended.order.COMPLETED": 700,
      "ended.order.FAILED": 300,
    });
    const ran = await crossfade("guard run REGISTER_DOMAIN --json");
    const entry = GuardEntry.parse(JSON.parse(ran.stdout));
    expect(entry).toMatchObject({
      kind: "roll-back",
      why: "breach",
      from: { percentage: 25 },
      to: { stage: "legacy" },
    });
    expect(await stored("REGISTER_DOMAIN")).toMatchObject({ stage: "legacy", percentage: 0 });
    const shown = (await crossfade("guard show REGISTER_DOMAIN")).stdout;
    expect(shown).toMatch(/roll-back from split 25 % to legacy, breach: a bound is broken/);
    expect(shown).toContain("errors breach: order 300 of 1000 (30 %), legacy 20 of 1000 (2 %), difference 28 points");
    expect(await newest("REGISTER_DOMAIN")).toMatchObject({ kind: "rollout", by: "guard" });
  });

  it("says that it can do nothing for a route that stands on no step, or that somebody changed", async () => {
    await crossfade("rollout set REFRESH_DOMAIN --percentage 7 --reason odd");
    const set = await crossfade(`guard set REFRESH_DOMAIN ${QUICK} --reason ready`);
    expect(set.stdout).toContain("It stands on no step of its ramp");
    await crossfade("rollout set REFRESH_DOMAIN --percentage 5 --reason even");
    expect((await crossfade("guard show REFRESH_DOMAIN")).stdout).toMatch(
      /The rollout was changed since.*crossfade guard set/,
    );
    expect((await crossfade("guard run REFRESH_DOMAIN")).stdout).toMatch(/changed-by-person/);
  });

  it("takes a whole policy from a file", async () => {
    const file = path.join(folder, "policy.json");
    await writeFile(file, JSON.stringify({ ramp: [{ stage: "split", percentage: 12.5 }], bakeMs: 60_000 }));
    const ran = await crossfade(`guard set UPDATE_DNS --policy ${file} --reason reviewed --json`);
    expect(GuardRecord.parse(JSON.parse(ran.stdout)).policy).toMatchObject({ bakeMs: 60_000, minimumSamples: 500 });
    await writeFile(file, JSON.stringify({ ramp: [], bakeHours: 3 }));
    expect(await crossfade(`guard set UPDATE_DNS --policy ${file} --reason x`)).toMatchObject({ code: 2 });
    await writeFile(file, "{");
    expect((await crossfade(`guard set UPDATE_DNS --policy ${file} --reason x`)).stderr).toMatch(/is not JSON/);
  });

  it.each([
    ["set UPDATE_DNS --reason x", 2, /--ramp: say how far/],
    ["set UPDATE_DNS --ramp split:5,shadow --reason x", 2, /every step of a ramp goes further/],
    ["set UPDATE_DNS --ramp split --reason x", 2, /"split" is no step/],
    ["set UPDATE_DNS --ramp legacy,split:5 --reason x", 2, /"legacy" is no step/],
    ["set UPDATE_DNS --ramp split:101 --reason x", 2, /the policy: ramp.0.percentage/],
    ["set UPDATE_DNS --ramp split:5 --policy p.json --reason x", 2, /the whole policy/],
    ["set UPDATE_DNS --bake 1h --policy p.json --reason x", 2, /the whole policy/],
    ["set UPDATE_DNS --policy /nowhere.json --reason x", 2, /cannot be read/],
    ["set UPDATE_DNS --ramp split:5 --bake soon --reason x", 2, /90s, 30m, 24h or 7d/],
    ["set UPDATE_DNS --ramp split:5 --error-margin 0 --reason x", 2, /the policy: errors.margin/],
    ["set UPDATE_DNS --ramp split:5 --error-margin 2 --reason x", 2, /a number from 0 to 1/],
    ["set UPDATE_DNS --ramp split:5", 2, /--reason/],
    ["set UPDATE_DNS --ramp split:5 --version 0 --reason x", 3, /is at version \d+, not 0/],
    ["set NO_SUCH_ROUTE --ramp split:5 --reason x", 2, /use one of REGISTER_DOMAIN/],
    ["show RENEW_DOMAIN", 3, /does not look after RENEW_DOMAIN/],
    ["run RENEW_DOMAIN", 3, /does not look after RENEW_DOMAIN/],
    ["remove RENEW_DOMAIN --reason x", 3, /does not look after RENEW_DOMAIN/],
  ])("refuses %s with exit code %i", async (line, code, says) => {
    const ran = await crossfade(`guard ${line}`);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(says)]);
    expect(ran.stdout).toBe("");
  });
});
