import {
  type AuditEntry,
  type AuditReader,
  GuardEntry,
  GuardRecord,
  type GuardStore,
  initialRollout,
  type Rollout,
  type RolloutStore,
  RouteType,
} from "@crossfade/bridge";
import { decideGuard, GuardPolicy, type GuardTarget } from "@crossfade/bridge/guard";
import { describe, expect, it } from "vitest";
import { hourOf, NOTHING } from "../../../packages/bridge/src/guard/testing.ts";
import { NOW } from "./samples.ts";

/** Where rollouts, the guard and the audit of both are kept. */
export interface GuardPlace {
  readonly rollouts: RolloutStore;
  readonly guards: GuardStore;
  readonly audit: AuditReader;
}

let routes = 0;
const freshRoute = (): RouteType => RouteType.parse(`ROUTE_${++routes}`);

const policy = GuardPolicy.parse({
  ramp: [
    { stage: "split", percentage: 5 },
    { stage: "split", percentage: 25 },
  ],
});
const person = (reason: string, at = NOW) => ({ by: "Aino", reason, at });
const split = (route: RouteType, percentage: number, version: number): Rollout => ({
  ...{ ...initialRollout(route), stage: "split", percentage, version },
});
const record = (route: RouteType, knownVersion: number, given: Partial<GuardRecord> = {}): GuardRecord =>
  GuardRecord.parse({ route, ...person("look after it"), policy, knownVersion, since: NOW, ...given });

const FIVE: GuardTarget = { stage: "split", percentage: 5 };
function entry(route: RouteType, version: number, given: Partial<GuardEntry> = {}): GuardEntry {
  const seen = { rollout: { ...FIVE, version }, knownVersion: version, since: NOW };
  const decision = decideGuard(policy, seen, NOTHING, NOW + 1);
  return GuardEntry.parse({
    ...{ route, ...decision, at: NOW + 1, lastAt: NOW + 1, looks: 1, from: FIVE, version, ...given },
  });
}

/** The whole audit of a route, in pages of that many. */
async function everything(audit: AuditReader, route: RouteType, limit: number): Promise<AuditEntry[]> {
  const all: AuditEntry[] = [];
  let after: string | undefined;
  do {
    const page = await audit.page(route, limit, after);
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    all.push(...page.entries);
    after = page.next;
  } while (after !== undefined);
  return all;
}

/** What an entry of the audit is about, in a word. */
const told = (one: AuditEntry): string =>
  one.kind === "guard" ? `guard: ${one.entry.why} ${one.entry.looks}` : `${one.kind}: ${one.reason}`;

/** What the guard relies on, wherever its records are. */
export function guardContract(name: string, place: () => GuardPlace) {
  /** A route at 5 %, with a guard that has not looked yet. */
  async function guarded() {
    const at = place();
    const route = freshRoute();
    await at.rollouts.write(split(route, 5, 1), person("five"));
    await at.guards.set(record(route, 1), 0);
    return { ...at, route };
  }

  describe(`the guard's record, ${name}`, () => {
    it("is nothing of a route that nobody asked it to look after", async () => {
      const { guards, audit } = place();
      const route = freshRoute();
      expect(await guards.read(route)).toBeUndefined();
      expect(await guards.see(route)).toEqual({ record: undefined, revision: 0 });
      expect(await audit.page(route, 10)).toEqual({ entries: [], next: undefined });
    });

    it("comes back as it was written, with what was counted before", async () => {
      const { guards, route } = await guarded();
      const given = record(route, 1, { before: { "ended.order.FAILED": 3 }, last: entry(route, 1) });
      await guards.set(given, 1);
      expect(await guards.see(route)).toEqual({ record: given, revision: 2 });
      expect(await guards.read(route)).toEqual(given);
    });

    it("is set for the rollout that the person saw, and for no other", async () => {
      const { rollouts, guards, route } = await guarded();
      await expect(guards.set(record(route, 0), 1)).rejects.toMatchObject({ code: "ROLLOUT_CHANGED" });
      await expect(guards.set(record(route, 2), 1)).rejects.toMatchObject({ code: "ROLLOUT_CHANGED" });
      await rollouts.write(split(route, 6, 2), person("six"));
      await expect(guards.set(record(route, 1), 1)).rejects.toMatchObject({ code: "ROLLOUT_CHANGED" });
      await guards.set(record(route, 2), 1);
      expect(await guards.read(route)).toMatchObject({ knownVersion: 2 });
    });

    it("may be set for a route that was never moved", async () => {
      const { guards } = place();
      const route = freshRoute();
      await guards.set(record(route, 0), 0);
      expect(await guards.read(route)).toMatchObject({ knownVersion: 0 });
    });

    it("is changed by one of those who saw the same", async () => {
      const { guards, audit, route } = await guarded();
      const racing = await Promise.allSettled(
        ["a", "b", "c"].map((by) => guards.set(record(route, 1, { by, reason: by }), 1)),
      );
      expect(racing.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const end of racing)
        if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "GUARD_CHANGED" });
      const won = await guards.read(route);
      expect((await everything(audit, route, 10)).map(told)).toEqual([
        ...[`policy: ${won?.reason}`, "policy: look after it", "rollout: five"],
      ]);
    });

    it("leaves its number when it is taken away: a look that saw it before is refused", async () => {
      const { guards, audit, route } = await guarded();
      await guards.remove(route, person("enough"), 1, 1);
      expect(await guards.see(route)).toEqual({ record: undefined, revision: 2 });
      await guards.set(record(route, 1, { reason: "again" }), 2);
      const look = { ...record(route, 1), last: entry(route, 1) };
      await expect(guards.decide(look, 1)).rejects.toMatchObject({ code: "GUARD_CHANGED" });
      await expect(guards.remove(route, person("late"), 1, 1)).rejects.toMatchObject({ code: "GUARD_CHANGED" });
      const entries = await everything(audit, route, 10);
      expect(entries.map(told)).toEqual([
        ...["policy: again", "policy: enough", "policy: look after it", "rollout: five"],
      ]);
      expect(entries.map((one) => one.kind === "policy" && one.policy)).toEqual([policy, undefined, policy, false]);
    });
  });

  describe(`a decision, ${name}`, () => {
    it("that stands is one entry, with the numbers of its last look", async () => {
      const { guards, audit, route } = await guarded();
      for (const looks of [1, 2, 3]) {
        const last = entry(route, 1, { looks, lastAt: NOW + looks });
        await guards.decide({ ...record(route, 1), last }, looks);
      }
      await guards.decide({ ...record(route, 1), last: entry(route, 1, { why: "inconclusive" }) }, 4);
      expect((await everything(audit, route, 10)).map(told)).toEqual([
        ...["guard: inconclusive 1", "guard: baking 3", "policy: look after it", "rollout: five"],
      ]);
      expect(await guards.see(route)).toMatchObject({ revision: 5, record: { last: { why: "inconclusive" } } });
    });

    it.each([
      ["no failure at all", [0, 0]],
      ["as many failures on both paths", [200_000, 200_000]],
      ["nothing but failures on one", [0, 10_000_000]],
    ] as const)(
      "comes back with the numbers it saw, of ten million requests a path: %s",
      async (_, [legacy, order]) => {
        const { guards, audit, route } = await guarded();
        const strata = [hourOf([legacy, 10_000_000], [order, 10_000_000])];
        const seen = { rollout: { ...FIVE, version: 1 }, knownVersion: 1, since: NOW };
        const last = entry(route, 1, decideGuard(policy, seen, { ...NOTHING, strata }, NOW + 1));
        await guards.decide({ ...record(route, 1), last }, 1);
        expect(await guards.read(route)).toEqual({ ...record(route, 1), last });
        const { entries } = await audit.page(route, 1);
        expect(entries).toEqual([{ kind: "guard", route, at: last.at, entry: last }]);
      },
    );

    it("that moves the route is written with the rollout, or not at all", async () => {
      const { rollouts, guards, audit, route } = await guarded();
      const move = (version: number) => ({
        rollout: split(route, 25, version),
        audit: { by: "guard", reason: "all clear", at: NOW },
      });
      const last = entry(route, 1, { kind: "promote", why: "all-clear", to: { stage: "split", percentage: 25 } });
      const moved = { ...record(route, 2, { since: NOW + 5 }), last };
      await expect(guards.decide(moved, 0, move(2))).rejects.toMatchObject({ code: "GUARD_CHANGED" });
      await expect(guards.decide(moved, 1, move(3))).rejects.toMatchObject({ code: "ROLLOUT_CHANGED" });
      expect(await rollouts.read(route)).toMatchObject({ percentage: 5, version: 1 });
      expect(await guards.see(route)).toMatchObject({ revision: 1, record: { knownVersion: 1 } });
      expect(await everything(audit, route, 10)).toHaveLength(2);

      await guards.decide(moved, 1, move(2));
      expect(await rollouts.read(route)).toMatchObject({ percentage: 25, version: 2 });
      expect(await guards.read(route)).toEqual(moved);
      const [first, ...rest] = await everything(audit, route, 10);
      expect(first).toEqual({ kind: "rollout", route, ...move(2).audit, rollout: split(route, 25, 2) });
      expect(rest.map(told)).toEqual(["guard: all-clear 1", "policy: look after it", "rollout: five"]);
    });

    it("does not move a route that is held", async () => {
      const { rollouts, guards, route } = await guarded();
      const hold = { source: "dns", since: NOW, forced: true };
      await rollouts.write({ ...initialRollout(route), version: 2, hold }, person("held"));
      const move = { rollout: split(route, 25, 3), audit: { by: "guard", reason: "all clear", at: NOW } };
      const look = { ...record(route, 3), last: entry(route, 2) };
      await expect(guards.decide(look, 1, move)).rejects.toMatchObject({ code: "ROLLOUT_HELD" });
      expect(await rollouts.read(route)).toMatchObject({ stage: "legacy", version: 2, hold });
    });
  });

  describe(`an audit, ${name}`, () => {
    it.each([1, 2, 3, 7, 100])("is the same in pages of %i, newest first, of one route alone", async (limit) => {
      const { rollouts, guards, audit, route } = await guarded();
      const other = await guarded();
      // Two versions of which the second has one figure more.
      for (let version = 2; version <= 11; version++)
        await rollouts.write(split(route, version, version), person(`v${version}`));
      await guards.set(record(route, 11, { reason: "anew" }), 1);
      await guards.decide({ ...record(route, 11), last: entry(route, 11) }, 2);
      await rollouts.write(split(route, 12, 12), person("v12"));
      const versions = Array.from({ length: 10 }, (_, n) => `rollout: v${11 - n}`);
      expect((await everything(audit, route, limit)).map(told)).toEqual([
        ...["rollout: v12", "guard: baking 1", "policy: anew", ...versions],
        ...["policy: look after it", "rollout: five"],
      ]);
      expect(await everything(audit, other.route, limit)).toHaveLength(2);
    });

    it("refuses a place that it did not give", async () => {
      const { audit, route } = await guarded();
      await expect(audit.page(route, 10, "GUARD")).rejects.toThrow();
    });
  });
}
