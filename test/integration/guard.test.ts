import {
  type AuditEntry,
  type Claim,
  CohortKey,
  type GuardDeps,
  initialRollout,
  type Rollout,
  RouteType,
  setGuard,
} from "@crossfade/bridge";
import { transact } from "@crossfade/bridge/adapters/dynamodb-client";
import { addCounts } from "@crossfade/bridge/adapters/dynamodb-count-writes";
import { countsOf, STRICT, type Transition } from "@crossfade/bridge/compare";
import { GuardPolicy } from "@crossfade/bridge/guard";
import { composeRollouts } from "@crossfade/functions/compose";
import { composeAudit } from "@crossfade/functions/compose-console";
import { composeGuard } from "@crossfade/functions/compose-guard";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { seeded } from "../../packages/bridge/src/guard/testing.ts";
import { eventually } from "./support/eventually.ts";
import { delivery, keyOfMessage, type Message, ON_LEGACY, ON_ORDER, refresh } from "./support/messages.ts";
import { startWorld, type World } from "./support/world.ts";

let world: World;
let guard: GuardDeps;
beforeAll(async () => {
  world = await startWorld({ guardEveryMs: 100 });
  guard = composeGuard().deps;
});
afterAll(() => world.close());

const routeOf = (name: string) => RouteType.parse(name);
const REFRESH = routeOf("REFRESH_DOMAIN");

const policy = GuardPolicy.parse({
  ramp: [
    { stage: "shadow", percentage: 0 },
    { stage: "split", percentage: 10 },
    { stage: "split", percentage: 50 },
  ],
  bakeMs: 0,
});

/** Puts a route on a step of the ramp, and the guard beside it. */
async function standing(route: RouteType, at: Partial<Rollout>): Promise<void> {
  const store = composeRollouts();
  const { version } = await store.read(route);
  const include = [CohortKey.parse(ON_ORDER)];
  const rollout = { ...initialRollout(route), include, ...at, version: version + 1 };
  await store.write(rollout, { by: "Aino", reason: "a step", at: Date.now() });
  await setGuard(guard, route, { policy, version: version + 1, reason: "look after it" }, "Aino");
}

interface Ends {
  readonly of: number;
  readonly failed: number;
}

/** Requests end, or are compared in shadow, as the ledger counts them. */
async function counted(route: RouteType, legacy: Ends, order: Ends): Promise<void> {
  const at = Date.now();
  const ends = (path: "legacy" | "order", { of, failed }: Ends): Transition[] =>
    Array.from({ length: of }, (_, n) => ({
      ...{ kind: "ended", route, at, path, ms: 100 + (n % 50) },
      status: n < failed ? "FAILED" : "COMPLETED",
    }));
  const judged = Array.from(
    { length: 1_000 },
    (): Transition => ({ kind: "judged", route, at, against: "legacy", verdict: "match" }),
  );
  const increments = [...ends("legacy", legacy), ...ends("order", order), ...judged].flatMap((transition) =>
    countsOf(transition, STRICT),
  );
  await transact(world.documents, addCounts(world.bridge.ledgerTable, increments));
}

const rolloutOf = (route: RouteType) => composeRollouts().read(route);
const auditOf = async (route: RouteType): Promise<readonly AuditEntry[]> =>
  (await composeAudit().page(route, 100)).entries;

const Looked = z.object({ looked: z.number(), promoted: z.number(), rolledBack: z.number(), failed: z.number() });

/** One run of the deployed function, now. */
async function look(): Promise<z.infer<typeof Looked>> {
  const ran = await world.cloud.functions.invoke("crossfade-guard", {});
  if (ran.kind === "failed") throw new Error(ran.errorMessage);
  return Looked.parse(ran.payload);
}

async function take(message: Message) {
  const record = delivery(world.legacy.refreshes.queueArn, message);
  expect(await world.ingest([record])).toEqual([]);
  const claim = await world.claims.read(keyOfMessage(message));
  if (claim === undefined) throw new Error("nothing was claimed");
  return { record, claim };
}

/** What a claim decided for ever; its end, and what the mirror saw of it, come later. */
const decided = ({ path, stage, rolloutVersion, bucket, decidedAt, executionName, generation }: Claim) => ({
  ...{ path, stage, rolloutVersion, bucket, decidedAt, executionName, generation },
});

describe("a regression on the order path", () => {
  it("rolls the route back, with the numbers in the audit, and touches nothing that is in flight (P2)", async () => {
    await standing(REFRESH, { stage: "split", percentage: 10 });
    const messages = [refresh({ customerId: ON_ORDER }), refresh({ customerId: ON_LEGACY })];
    const inFlight = await Promise.all(messages.map(take));
    expect(inFlight.map(({ claim }) => claim.path)).toEqual(["order", "legacy"]);
    expect((await rolloutOf(REFRESH)).stage).toBe("split");

    await counted(REFRESH, { of: 2_000, failed: 40 }, { of: 200, failed: 60 });
    const back = await eventually("the guard to roll back", async () => {
      const rollout = await rolloutOf(REFRESH);
      return rollout.stage === "legacy" ? rollout : undefined;
    });
    expect(back).toMatchObject({ percentage: 0, include: [ON_ORDER] });

    const entries = (await auditOf(REFRESH)).filter(
      (entry) => entry.kind !== "guard" || entry.entry.version === back.version - 1,
    );
    const saw = { legacy: { count: 40, of: 2_000 }, order: { count: 60, of: 200 }, finding: "breach" };
    expect(entries[0]).toMatchObject({ kind: "rollout", by: "guard", rollout: { version: back.version } });
    expect(entries[0]).toHaveProperty(
      "reason",
      expect.stringContaining("order 60 of 200 (30 %), legacy 40 of 2000 (2 %)"),
    );
    expect(entries[1]).toMatchObject({ entry: { kind: "roll-back", why: "breach", numbers: { errors: saw } } });

    // Both stay on their path, also when they are delivered again; what is new goes the legacy way.
    const again = await Promise.all(
      inFlight.map(async ({ record, claim }) => {
        expect(await world.ingest([record])).toEqual([]);
        return world.claims.read(claim);
      }),
    );
    expect(again.map((claim) => claim && decided(claim))).toEqual(inFlight.map(({ claim }) => decided(claim)));
    expect(await world.executionsNamed(inFlight[0]?.claim.executionName)).toBe(1);
    const { claim } = await eventually("ingest to learn of it", async () => {
      const taken = await take(refresh({ customerId: ON_ORDER }));
      return taken.claim.rolloutVersion === back.version ? taken : undefined;
    });
    expect(claim).toMatchObject({ path: "legacy", stage: "legacy" });
    expect(await look()).toMatchObject({ rolledBack: 0, failed: 0 });
  });
});

describe("without one", () => {
  it("the ramp is climbed to its limit and no further", async () => {
    const route = routeOf("UPDATE_DNS");
    await standing(route, { stage: "shadow", percentage: 0 });
    for (let n = 0; n < 8; n++) {
      await counted(route, { of: 8_000, failed: 80 }, { of: 8_000, failed: 80 });
      await look();
    }
    expect(await rolloutOf(route)).toMatchObject({ stage: "split", percentage: 50 });
    const moves = (await auditOf(route)).flatMap((entry) =>
      entry.kind === "rollout" && entry.by === "guard" ? [`${entry.rollout.stage} ${entry.rollout.percentage}`] : [],
    );
    expect(moves).toEqual(["split 50", "split 10"]);
    expect(await guard.guard.read(route)).toMatchObject({ last: { kind: "hold", why: "last-step" } });
  });

  it("noise alone does not roll back", async () => {
    const route = routeOf("RENEW_DOMAIN");
    await standing(route, { stage: "split", percentage: 50 });
    const { version } = await rolloutOf(route);
    const random = seeded(7);
    const some = (of: number): Ends => ({
      of,
      failed: Array.from({ length: of }, random).filter((x) => x < 0.03).length,
    });
    let worst = 0;
    for (let n = 0; n < 40; n++) {
      await counted(route, some(60), some(60));
      expect(await look()).toMatchObject({ rolledBack: 0, failed: 0 });
      const last = (await guard.guard.read(route))?.last;
      worst = Math.max(worst, last?.numbers.errors.difference.estimate ?? 0);
    }
    // There was something to be taken in by.
    expect(worst).toBeGreaterThan(0.01);
    expect(await rolloutOf(route)).toMatchObject({ stage: "split", percentage: 50, version });
  });
});
