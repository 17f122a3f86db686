import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { Rollout } from "@crossfade/bridge";
import { composeRollouts } from "@crossfade/functions/compose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { crossfade } from "./support/cli.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(() => world.setRollouts({ stage: "legacy", percentage: 0, include: [] }));

const stored = (route: string) => composeRollouts().read(Rollout.shape.route.parse(route));

describe("crossfade routes", () => {
  it("lists every route with its stage, for a person and for a script", async () => {
    const shown = await crossfade("routes");
    expect(shown.code, shown.stderr).toBe(0);
    for (const route of ["REGISTER_DOMAIN", "RENEW_DOMAIN", "REFRESH_DOMAIN", "UPDATE_DNS"]) {
      expect(shown.stdout).toMatch(new RegExp(`${route} +legacy +0 `));
    }
    const { stdout } = await crossfade("routes --json");
    expect(z.array(Rollout).parse(JSON.parse(stdout))).toHaveLength(4);
  });
});

describe("crossfade rollout set", () => {
  it("moves one route, says how many buckets move, and keeps who and why", async () => {
    const { version } = await stored("RENEW_DOMAIN");
    const ran = await crossfade("rollout set RENEW_DOMAIN --percentage 12.5 --reason second --by Aino");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain("1250 of 10000 buckets go to order");
    expect(await stored("RENEW_DOMAIN")).toMatchObject({ stage: "split", percentage: 12.5, version: version + 1 });
    expect(await stored("REGISTER_DOMAIN")).toMatchObject({ stage: "legacy", percentage: 0 });
    const sk = `AUDIT#${String(version + 1).padStart(10, "0")}`;
    const Key = { pk: "ROUTE#RENEW_DOMAIN", sk };
    const found = await world.documents.send(new GetCommand({ TableName: world.bridge.ledgerTable, Key }));
    expect(found.Item).toMatchObject({ by: "Aino", reason: "second" });
  });

  it("gives the stage by the percentage alone, up and down, and keeps the lists", async () => {
    await crossfade("rollout set UPDATE_DNS --stage split --percentage 5 --include cust-1 cust-2 --reason ours");
    await crossfade("rollout set UPDATE_DNS --percentage 100 --reason all");
    expect(await stored("UPDATE_DNS")).toMatchObject({ stage: "order", include: ["cust-1", "cust-2"] });
    const back = await crossfade("rollout set UPDATE_DNS --percentage 0 --reason back --json");
    expect(Rollout.parse(JSON.parse(back.stdout))).toMatchObject({ stage: "legacy", percentage: 0 });
  });

  it("puts a route in shadow, with a share of its messages, and takes it back", async () => {
    const ran = await crossfade("rollout set REFRESH_DOMAIN --stage shadow --sample 12.5 --reason look");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain("REFRESH_DOMAIN is at shadow, 12.5 % planned");
    expect(await stored("REFRESH_DOMAIN")).toMatchObject({ stage: "shadow", sample: 12.5 });
    expect((await crossfade("routes")).stdout).toMatch(/REFRESH_DOMAIN +shadow +0 +12.5 /);
    await crossfade("rollout set REFRESH_DOMAIN --stage legacy --reason back");
    expect((await crossfade("routes")).stdout).toMatch(/REFRESH_DOMAIN +legacy +0 +0 /);
  });

  it.each([
    ["UPDATE_DNS --sample 100.5 --reason x", 2, /sample/],
    ["NO_SUCH_ROUTE --percentage 1 --reason x", 2, /no route "NO_SUCH_ROUTE": use one of REGISTER_DOMAIN/],
    ["UPDATE_DNS --percentage 101 --reason x", 2, /percentage/],
    ["UPDATE_DNS --percentage 0.001 --reason x", 2, /percentage/],
    ["UPDATE_DNS --percentage ten --reason x", 2, /must be a number from 0 to 100/],
    ["UPDATE_DNS --percentage 1", 2, /--reason/],
    ['UPDATE_DNS --percentage 1 --reason ""', 2, /--reason/],
    ["UPDATE_DNS --stage shadowy --reason x", 2, /legacy, shadow, split, order/],
    ["UPDATE_DNS --salt other --reason x", 2, /customers would change sides/],
    ["UPDATE_DNS --percentage 1 --version 0 --reason x", 3, /UPDATE_DNS is at version \d+, not 0: look at it again/],
  ])("refuses %s with exit code %i, and changes nothing", async (line, code, says) => {
    const before = await stored("UPDATE_DNS");
    const ran = await crossfade(`rollout set ${line}`);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(says);
    expect(await stored("UPDATE_DNS")).toEqual(before);
  });
});
