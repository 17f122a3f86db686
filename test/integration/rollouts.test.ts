import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { CohortKey, initialRollout, RouteType } from "@crossfade/bridge";
import { DynamoDbRollouts } from "@crossfade/bridge/adapters/dynamodb-rollouts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
let rollouts: DynamoDbRollouts;
beforeAll(async () => {
  ledger = await startLedger();
  rollouts = new DynamoDbRollouts(ledger.client, ledger.table);
});
afterAll(() => ledger.close());

const audit = (reason: string) => ({ by: "test", reason, at: NOW });
const route = RouteType.parse("RENEW_DOMAIN");

it("says legacy of a route of which nothing was ever written", async () => {
  expect(await rollouts.read(RouteType.parse("NEVER_SEEN"))).toMatchObject({
    stage: "legacy",
    percentage: 0,
    version: 0,
  });
});

it("lets one of those who read the same version write, and audits each change", async () => {
  const split = { ...initialRollout(route), stage: "split" as const };
  await rollouts.write({ ...split, percentage: 5, version: 1 }, audit("start"));
  const racing = await Promise.allSettled(
    [10, 20, 30].map((percentage) => rollouts.write({ ...split, percentage, version: 2 }, audit(`${percentage}`))),
  );
  expect(racing.filter((end) => end.status === "fulfilled")).toHaveLength(1);
  for (const end of racing)
    if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "ROLLOUT_CHANGED" });
  const stored = await rollouts.read(route);
  expect(stored.version).toBe(2);
  const { Items = [] } = await ledger.client.send(
    new QueryCommand({
      TableName: ledger.table,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :audit)",
      ExpressionAttributeValues: { ":pk": `ROUTE#${route}`, ":audit": "AUDIT#" },
    }),
  );
  expect(Items.map((item) => item["reason"])).toEqual(["start", `${stored.percentage}`]);
});

it.each([
  ["a percentage above 100", { percentage: 101 }],
  ["a stage that does not exist", { stage: "shadowy" }],
  ["an unknown field", { colour: "red" }],
])("refuses %s", async (_, wrong) => {
  const rollout = Object.assign({ ...initialRollout(route), version: 3 }, wrong);
  await expect(rollouts.write(rollout, audit("wrong"))).rejects.toThrow();
  expect((await rollouts.read(route)).version).toBe(2);
});

describe("a hold", () => {
  const held = RouteType.parse("UPDATE_DNS");
  const legacy = { ...initialRollout(held), version: 1, hold: { source: "dns", since: NOW, forced: true } };

  it("stays through every change but its release, and each is audited", async () => {
    await rollouts.write(legacy, audit("held"));
    const { hold: _, ...free } = { ...legacy, version: 2 };
    const raised = { ...free, stage: "split" as const, percentage: 5 };
    await expect(rollouts.write(raised, audit("raised"))).rejects.toMatchObject({
      ...{ code: "ROLLOUT_HELD", message: expect.stringContaining("dns") },
    });
    await expect(rollouts.write({ ...raised, hold: legacy.hold }, audit("raised"))).rejects.toThrow(/held/);
    await expect(rollouts.write(free, audit("dropped"))).rejects.toMatchObject({ code: "ROLLOUT_HELD" });
    const others = { ...free, hold: { ...legacy.hold, source: "other" } };
    await expect(rollouts.write(others, audit("taken over"))).rejects.toMatchObject({ code: "ROLLOUT_HELD" });
    await rollouts.write({ ...legacy, version: 2, exclude: [CohortKey.parse("cust-1")] }, audit("excluded"));
    await expect(rollouts.write(free, audit("late"), "release")).rejects.toMatchObject({ code: "ROLLOUT_CHANGED" });
    await rollouts.write({ ...free, version: 3, legacyBefore: NOW }, audit("released"), "release");
    await rollouts.write({ ...raised, version: 4 }, audit("raised"));
    expect(await rollouts.read(held)).toMatchObject({ stage: "split", version: 4 });
  });
});
