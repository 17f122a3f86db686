import { randomUUID } from "node:crypto";
import { countClaims, ExecutionName, type Outcome, RequestId, RouteType } from "@crossfade/bridge";
import { DynamoDbCounting } from "@crossfade/bridge/adapters/dynamodb-counting";
import type { ClaimImage } from "@crossfade/bridge/compare";
import { Overview, RouteDetail } from "@crossfade/bridge/console";
import { webcat } from "@crossfade/legacy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { crossfade } from "./support/cli.ts";
import { eventually } from "./support/eventually.ts";
import { startWorld, type World } from "./support/world.ts";

const RENEW = RouteType.parse("RENEW_DOMAIN");
const NOW = Date.now();
const WRONG = RequestId.parse(randomUUID());

const outcome = (price: number): Outcome => ({
  status: "COMPLETED",
  effects: [{ service: "registry", command: "renew", target: "example.fi", details: { price, owner: "a@example.fi" } }],
});

/** A request that ended on the legacy path, and what was planned for it. */
const judged = (planned: number, requestId = RequestId.parse(randomUUID())): ClaimImage => ({
  ...{ route: RENEW, requestId, path: "legacy", generation: 0, decidedAt: NOW - 2_000, endedAt: NOW - 1_000 },
  legacyOutcome: outcome(1290),
  shadow: { executionName: ExecutionName.parse("shadow-1"), outcome: outcome(planned), endedAt: NOW - 1_500 },
});

/** Of another route: its plan failed, or did as the legacy path did. */
const refreshed = (failure?: typeof DOWN): ClaimImage => {
  const { shadow, ...claim } = judged(1290);
  const planned = { executionName: ExecutionName.parse("shadow-1"), endedAt: NOW - 1_500 };
  return {
    ...{ ...claim, route: RouteType.parse("REFRESH_DOMAIN") },
    shadow: failure === undefined ? shadow : { ...planned, failure },
  };
};

/** One that ended on the order path. */
const onOrder = (status: "COMPLETED" | "FAILED"): ClaimImage => ({
  ...{ route: RENEW, requestId: RequestId.parse(randomUUID()), path: "order", generation: 0 },
  ...{ decidedAt: NOW - 2_000, endedAt: NOW - 1_500 },
  orderOutcome: { status, ...(status === "FAILED" && { Error: DOWN }), effects: [] },
});
const DOWN = { Code: "REGISTRY_DOWN", Message: "down", Retryable: true };

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.setRollouts({ stage: "shadow", percentage: 0, sample: 100, include: [] });
  const deps = {
    counts: new DynamoDbCounting(world.documents, world.bridge.ledgerTable),
    rulesOf: (route: RouteType) => webcat.route(route).compare,
  };
  const claims = [
    ...Array.from({ length: 98 }, () => judged(1290)),
    ...[judged(12.9, WRONG), judged(12.9)],
    ...[...Array.from({ length: 19 }, () => refreshed()), refreshed(DOWN)],
    ...[onOrder("COMPLETED"), onOrder("COMPLETED"), onOrder("FAILED")],
  ];
  await countClaims(
    deps,
    claims.map((claim) => ({ claim, at: NOW })),
  );
});
afterAll(() => world.close());

describe("crossfade compare", () => {
  it("tells how much differs, both paths' error rates with their intervals, and how they stand", async () => {
    const { code, stdout, stderr } = await crossfade("compare RENEW_DOMAIN");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/RENEW_DOMAIN +shadow +100 +2 +2\.00 % \(0\.55 % to 7\.00 %\) +- +0 +0 +0/);
    expect(stdout).toMatch(/RENEW_DOMAIN +legacy +100 +100 +0 +0\.0 % \(0\.0 % to 3\.70 %\) +\d/);
    expect(stdout).toMatch(/RENEW_DOMAIN +order +3 +3 +1 +33\.3 % \(6\.15 % to 79\.2 %\) +\d/);
    expect(stdout).toMatch(/RENEW_DOMAIN +not yet known +not yet known/);
  });

  it("gives a script the same, of one route or of all", async () => {
    const one = RouteDetail.parse(JSON.parse((await crossfade("compare RENEW_DOMAIN --json")).stdout));
    expect(one.summary.parity).toMatchObject({ compared: 100, matched: 98, mismatched: 2 });
    const all = z.array(RouteDetail).parse(JSON.parse((await crossfade("compare --json")).stdout));
    expect(all.map(({ summary }) => summary.route)).toEqual([...webcat.routes.keys()]);
  });

  it.each([
    ["--max-mismatch 2", 0, /^$/],
    ["--max-mismatch 1.99", 4, /2\.00 % differ, over 1\.99 %: see crossfade diffs RENEW_DOMAIN/],
    ["--max-mismatch 2 --min-compared 101", 5, /100 compared, and 101 are wanted/],
    ["--max-mismatch 2 --min-compared 100", 0, /^$/],
    ["--max-mismatch many", 2, /number from 0 to 100/],
    ["--hours 0", 2, /whole number from 1 to 720/],
  ])("is a gate: %s exits with %i", async (options, code, says) => {
    expect(await crossfade(`compare RENEW_DOMAIN ${options}`)).toMatchObject({
      code,
      stderr: expect.stringMatching(says),
    });
  });

  it.each([
    ["--max-mismatch 5", 0, /^$/],
    ["--max-mismatch 4.9", 5, /1 has no plan: with it 5\.00 % may differ, over 4\.9 %: see UNPLANNED/],
  ])("is a gate against plans that failed, of which nobody knows: %s exits with %i", async (options, code, says) => {
    const { stderr, ...ended } = await crossfade(`compare REFRESH_DOMAIN ${options}`);
    expect(ended).toMatchObject({ code, stdout: expect.stringMatching(/shadow +19 +0 .* 1\n/) });
    expect(stderr).toMatch(says);
  });

  it("is a gate for all routes: what was never compared is too early to say", async () => {
    expect(await crossfade("compare --max-mismatch 5")).toMatchObject({
      ...{ code: 5, stderr: expect.stringContaining("REGISTER_DOMAIN: 0 compared, and 1 are wanted") },
    });
    expect(await crossfade("compare NOWHERE")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("use one of"),
    });
  });
});

describe("crossfade diffs", () => {
  it("ranks the kinds of difference, with the baseline's count beside", async () => {
    const { stdout } = await crossfade("diffs RENEW_DOMAIN");
    expect(stdout).toMatch(/REQUESTS +BASELINE +KIND +PATH/);
    expect(stdout).toMatch(/ +2 +0 +changed +effects\[\*\]\.details\.price /);
    const against = await crossfade("diffs RENEW_DOMAIN --against order");
    expect(against).toMatchObject({ code: 0, stdout: "No difference was found in RENEW_DOMAIN.\n" });
    const { groups } = z
      .object({ groups: z.array(z.object({ count: z.number(), baseline: z.number() })) })
      .parse(JSON.parse((await crossfade("diffs RENEW_DOMAIN --json")).stdout));
    expect(groups).toEqual([{ count: 2, baseline: 0 }]);
  });

  it("shows one request's differences, old and new, without personal data", async () => {
    const { code, stdout } = await crossfade(`diffs RENEW_DOMAIN --request ${WRONG}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mismatch against legacy, judged /);
    expect(stdout).toMatch(/changed +effects.*price +1290 +12\.9/);
    expect(stdout).not.toContain("a@example.fi");
    expect(await crossfade(`diffs RENEW_DOMAIN --request ${randomUUID()}`)).toMatchObject({ code: 4 });
  });
});

describe("crossfade audit", () => {
  it("tells who changed a route, when and why, newest first, page by page", async () => {
    await crossfade('rollout set UPDATE_DNS --percentage 5 --reason "a first step" --by Aino');
    const { stdout } = await crossfade("audit UPDATE_DNS --limit 2");
    expect(stdout.split("\n")[1]).toMatch(/^\d{4}-.*Z +Aino +version \d+: split 5 % +a first step$/);
    expect(stdout.split("\n")[2]).toMatch(/ test +version \d+: shadow 100 % planned +test$/);
    expect(stdout).toContain("There is more");
    const Page = z.object({ entries: z.array(z.object({ at: z.number(), reason: z.string() })), next: z.string() });
    const first = Page.parse(JSON.parse((await crossfade("audit UPDATE_DNS --limit 1 --json")).stdout));
    expect(first.entries).toMatchObject([{ reason: "a first step" }]);
  });
});

/** A terminal on which nothing happens but Ctrl-C. */
function aLiveTerminal() {
  const acts = new Set<() => void>();
  return {
    live: {
      onInterrupt(act: () => void) {
        acts.add(act);
        return () => acts.delete(act);
      },
    },
    interrupt: () => {
      for (const act of acts) act();
    },
    listeners: () => acts.size,
  };
}
const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";

describe("crossfade watch", () => {
  it("writes one line for each look where nothing can be drawn over", async () => {
    const { code, stdout } = await crossfade("watch --count 2 --every 0.1");
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(/^\d{4}-.*Z .*RENEW_DOMAIN shadow differ 2\.00 % old 0\.0 % new 33\.3 %.*123 received/);
      expect(line).not.toContain("\u001b");
    }
  });

  it("writes each look as a line of JSON, also on a terminal", async () => {
    const { live } = aLiveTerminal();
    const { stdout } = await crossfade("watch --count 2 --every 0.1 --json", { live });
    const looks = stdout.trimEnd().split("\n");
    expect(looks.map((line) => Overview.parse(JSON.parse(line)).migration)).toEqual(["webcat", "webcat"]);
  });

  it("draws over itself on a terminal, and Ctrl-C gives the terminal back with the last look on it", async () => {
    const { live, interrupt, listeners } = aLiveTerminal();
    const watching = crossfade("watch --every 3600", { live });
    await eventually("it waits for the next look", async () => (listeners() === 1 ? true : undefined));
    const began = Date.now();
    interrupt();
    const { code, stdout } = await watching;
    expect(code).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(stdout.startsWith(`${ENTER}\u001b[H\u001b[J`)).toBe(true);
    expect(stdout.split(LEAVE)).toHaveLength(2);
    expect(stdout.slice(stdout.indexOf(LEAVE))).toMatch(/RENEW_DOMAIN +shadow +0 +100 +2\.00 %/);
    expect(listeners()).toBe(0);
  });

  it("gives the terminal back whatever happens to it, and says what was never there", async () => {
    const { live, listeners } = aLiveTerminal();
    const died = await crossfade("watch --count 2 --every 0.1", { live, dieAt: /received: / });
    expect(died.code).toBe(1);
    expect(died.stdout).toContain(LEAVE);
    expect(listeners()).toBe(0);
    const nothing = await crossfade("watch --count 1", { live, env: { LEDGER_TABLE: "nothing" } });
    expect(nothing).toMatchObject({ code: 1, stdout: "" });
  });
});
