import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hourOf } from "./compare/counts.ts";
import { bucketOf as latencyBucket } from "./compare/latency.ts";
import { type Counts, merged } from "./compare/tally.ts";
import { pauseRollout, resumeRollout } from "./console/pause-rollout.ts";
import { GuardPolicy } from "./guard/policy.ts";
import { seeded } from "./guard/testing.ts";
import { MemoryGuardLedger } from "./guard/testing-ledger.ts";
import { type GuardDeps, runGuard, runGuards } from "./guard-run.ts";
import { RouteType } from "./ids.ts";
import type { AuditEntry, CountReader, GuardStore } from "./ports.ts";
import { initialRollout, type Rollout } from "./rollout.ts";
import { removeGuard, setGuard } from "./set-guard.ts";
import { bridgeError, NOW, REGISTER } from "./testing.ts";

const HOUR = 3_600_000;
const policy = GuardPolicy.parse({
  ramp: [
    { stage: "shadow", percentage: 0 },
    { stage: "split", percentage: 5 },
    { stage: "split", percentage: 25 },
    { stage: "order", percentage: 100 },
  ],
  bakeMs: HOUR,
});

/** Counts by the hour. */
class Hours implements Pick<CountReader, "hours"> {
  readonly #hours = new Map<string, Counts>();

  add(at: number, counts: Counts): void {
    this.#hours.set(hourOf(at), merged(this.#hours.get(hourOf(at)) ?? {}, counts));
  }

  async hours(_: unknown, from: string, to: string) {
    const all = [...this.#hours].map(([hour, counts]) => ({ hour, counts }));
    return all.filter(({ hour }) => hour >= from && hour <= to).sort((a, b) => (a.hour < b.hour ? -1 : 1));
  }
}

const ended = (path: "legacy" | "order", of: number, failed: number): Counts => ({
  [`ended.${path}.COMPLETED`]: of - failed,
  [`ended.${path}.FAILED`]: failed,
  [`latency.${path}.${latencyBucket(100)}`]: of,
});
/** So many that everything is sure. */
const GOOD: Counts = {
  ...ended("legacy", 10_000, 200),
  ...ended("order", 10_000, 200),
  ...{ "verdict.match": 10_000, "baseline.match": 10_000 },
};
const BAD: Counts = { ...GOOD, ...ended("order", 10_000, 2_000) };

const person = { by: "Aino", reason: "because" };

/** A world in which time, traffic and people do what a test says. */
async function start(given: Partial<Rollout> = {}) {
  const ledger = new MemoryGuardLedger();
  const counts = new Hours();
  const time = { now: NOW };
  const clock = { now: () => time.now };
  const deps: GuardDeps = { guard: ledger, rollouts: ledger.rollouts, counts, clock };
  const read = () => ledger.rollouts.read(REGISTER);
  const world = {
    ...{ ledger, counts, time, deps, read, people: { rollouts: ledger.rollouts, clock } },
    run: (after = 0, traffic: Counts = {}) => {
      time.now += after;
      counts.add(time.now, traffic);
      return runGuard(deps, REGISTER);
    },
    move: async (to: Partial<Rollout>) => {
      const { paused: _, ...current } = await read();
      await ledger.rollouts.write({ ...current, ...to, version: current.version + 1 }, { ...person, at: time.now });
    },
    ask: async (version?: number) =>
      setGuard(deps, REGISTER, { policy, version: version ?? (await read()).version, reason: "look" }, "Aino"),
    audit: async (): Promise<readonly AuditEntry[]> => (await ledger.page(REGISTER, 10_000)).entries,
  };
  await world.move({ ...initialRollout(REGISTER), stage: "split", percentage: 5, ...given });
  await world.ask();
  return world;
}

const decided = (entries: readonly AuditEntry[]) =>
  entries.flatMap((entry) =>
    entry.kind === "guard" ? [`${entry.entry.kind} ${entry.entry.why} ${entry.entry.looks}`] : [],
  );

describe("the guard at work (X10)", () => {
  it("climbs the ramp to its last step, baking each, and stays there", async () => {
    const { run, read, audit } = await start({ stage: "shadow", percentage: 0 });
    const stood: string[] = [];
    for (let n = 0; n < 8; n++) {
      await run(HOUR, GOOD);
      const { stage, percentage } = await read();
      stood.push(`${stage} ${percentage}`);
    }
    expect(stood).toEqual(["split 5", "split 25", ...Array(6).fill("order 100")]);
    expect(decided(await audit())).toEqual(["hold last-step 5", ...Array(3).fill("promote all-clear 1")]);
  });

  it("rolls back at once on a breach, baked or not, and says with which numbers", async () => {
    const { run, read, audit, ledger } = await start();
    const entry = await run(1_000, BAD);
    expect(entry).toMatchObject({ kind: "roll-back", why: "breach", from: { stage: "split", percentage: 5 } });
    expect(await read()).toMatchObject({ stage: "legacy", percentage: 0, version: 2 });
    const [rollout, guard] = await audit();
    expect(rollout).toMatchObject({ kind: "rollout", by: "guard", rollout: { version: 2 } });
    expect(rollout).toHaveProperty(
      "reason",
      expect.stringContaining("order 2000 of 10000 (20 %), legacy 200 of 10000 (2 %)"),
    );
    expect(rollout).toHaveProperty("reason", expect.stringContaining(`counted since ${new Date(NOW).toISOString()}`));
    expect(guard).toMatchObject({
      kind: "guard",
      entry: { numbers: { errors: { order: { count: 2_000, of: 10_000 } } } },
    });
    expect(await ledger.read(REGISTER)).toMatchObject({ knownVersion: 2, since: NOW + 1_000 });
    expect(await run(60_000)).toMatchObject({ kind: "hold", why: "off-ramp" });
  });

  it("rolls back where messages can no longer become orders, though no order fails", async () => {
    const { run } = await start();
    const refusing = { ...GOOD, rejected: 2_000, "refused.order": 2_000 };
    const entry = await run(1_000, refusing);
    expect(entry).toMatchObject({ kind: "roll-back", why: "breach" });
    expect(entry?.numbers.errors.order).toEqual({ count: 2_200, of: 12_000 });
    const other = await start();
    expect(await other.run(1_000, { ...GOOD, rejected: 2_000 })).toMatchObject({ kind: "hold" });
  });

  it("goes on telling of a rollback while it holds, until it is set anew", async () => {
    const { run, move, ask, ledger } = await start();
    expect(await ledger.read(REGISTER)).not.toHaveProperty("moved");
    await run(1_000, BAD);
    await run(60_000);
    expect(await ledger.read(REGISTER)).toMatchObject({
      last: { kind: "hold" },
      moved: { kind: "roll-back", at: NOW + 1_000 },
    });
    await move({ stage: "split", percentage: 5 });
    await ask();
    expect(await ledger.read(REGISTER)).not.toHaveProperty("moved");
  });

  it("does not judge a step by what was counted before it, not even in the same hour", async () => {
    const { run, move, ask, read, time } = await start();
    time.now = NOW + 60_000;
    await run(0, BAD);
    await move({ stage: "split", percentage: 5 });
    await ask();
    expect(await run(60_000)).toMatchObject({ kind: "hold", why: "baking", numbers: { errors: { order: { of: 0 } } } });
    expect(await run(60_000, GOOD)).toMatchObject({ why: "baking", numbers: { errors: { order: { of: 10_000 } } } });
    expect(await run(HOUR, GOOD)).toMatchObject({ kind: "promote", numbers: { errors: { order: { count: 400 } } } });
    expect(await run(1_000)).toMatchObject({ why: "baking", numbers: { errors: { order: { of: 0 } } } });
    expect(await read()).toMatchObject({ percentage: 25 });
  });

  it("keeps one entry of a decision that stands, with the numbers of its last look", async () => {
    const { run, audit, time } = await start();
    for (let n = 0; n < 3; n++) await run(60_000, ended("order", 10, 0));
    await run(HOUR);
    const [newest, standing, ...rest] = await audit();
    expect(newest).toMatchObject({ entry: { why: "too-few-samples", looks: 1, lastAt: time.now } });
    expect(standing).toMatchObject({
      at: NOW + 60_000,
      entry: {
        why: "baking",
        looks: 3,
        at: NOW + 60_000,
        lastAt: NOW + 180_000,
        numbers: { errors: { order: { of: 30 } } },
      },
    });
    expect(rest.map(({ kind }) => kind)).toEqual(["policy", "rollout"]);
  });

  it("promotes by the whole step, also where its newest day alone says nothing yet", async () => {
    const { run } = await start();
    await run(60_000, GOOD);
    expect(await run(24 * HOUR, ended("order", 1, 0))).toMatchObject({ kind: "promote", why: "all-clear" });
  });

  it("does not promote by numbers that stopped long ago: whoever counts may have stopped, whatever happens meanwhile", async () => {
    const { run, read } = await start();
    await run(60_000, GOOD);
    expect(await run(3 * HOUR)).toMatchObject({ kind: "hold", why: "inconclusive", to: { percentage: 5 } });
    expect(await run(HOUR, ended("order", 1, 0))).toMatchObject({ kind: "promote", why: "all-clear" });
    expect(await read()).toMatchObject({ percentage: 25 });
  });

  it("rolls back by old numbers too", async () => {
    const { run, counts, time } = await start();
    counts.add(time.now, BAD);
    expect(await run(5 * HOUR)).toMatchObject({ kind: "roll-back" });
  });

  it("holds when a person has changed the rollout, paused and resumed too, until it is set again", async () => {
    const { run, people, ask, read, audit } = await start();
    await pauseRollout(people, REGISTER, person);
    expect(await run(HOUR, BAD)).toMatchObject({ kind: "hold", why: "changed-by-person" });
    await resumeRollout(people, REGISTER, person);
    expect(await run(HOUR, BAD)).toMatchObject({ kind: "hold", why: "changed-by-person", version: 3 });
    expect(await read()).toMatchObject({ stage: "split", percentage: 5, version: 3 });
    await ask();
    expect(await run(60_000, BAD)).toMatchObject({ kind: "roll-back" });
    expect(decided(await audit())).toHaveLength(3);
  });

  it("finds within hours that the numbers have turned, however long they were good", async () => {
    const { run, read, ask } = await start({ stage: "order", percentage: 100 });
    await ask();
    const hour = (failed: number) => ({ ...ended("legacy", 500, 10), ...ended("order", 500, failed) });
    for (let n = 0; n < 10 * 24; n++) expect(await run(HOUR, hour(10))).toMatchObject({ why: "last-step" });
    // The step as a whole does worse by its margin only after 34 such hours.
    const hours: string[] = [];
    while (hours.at(-1) !== "roll-back" && hours.length < 12) hours.push((await run(HOUR, hour(50)))?.kind ?? "none");
    expect(hours.length).toBeLessThanOrEqual(4);
    expect(await read()).toMatchObject({ stage: "legacy" });
  });

  it("does not take the noise of many days for a breach", async () => {
    const random = seeded(3);
    const noisy = (path: "legacy" | "order") =>
      ended(path, 200, Array.from({ length: 200 }, random).filter((chance) => chance < 0.03).length);
    for (let run = 0; run < 6; run++) {
      const { run: look, ask } = await start({ stage: "order", percentage: 100 });
      await ask();
      for (let n = 0; n < 14 * 24; n++)
        expect(await look(HOUR, { ...noisy("legacy"), ...noisy("order") })).toMatchObject({ kind: "hold" });
    }
  });

  it("is set on the version that the person saw alone, and taken off once", async () => {
    const { ask, deps, run, read } = await start();
    await expect(ask(0)).rejects.toThrow(bridgeError("ROLLOUT_CHANGED", "reject"));
    await removeGuard(deps, REGISTER, person);
    await expect(removeGuard(deps, REGISTER, person)).rejects.toThrow(bridgeError("GUARD_UNKNOWN", "reject"));
    expect(await run(HOUR, BAD)).toBeUndefined();
    expect(await read()).toMatchObject({ percentage: 5, version: 1 });
  });
});

/** A store in which some calls are otherwise. */
const over = (store: GuardStore, otherwise: Partial<GuardStore>): GuardStore => ({
  read: (route) => store.read(route),
  see: (route) => store.see(route),
  set: (...given) => store.set(...given),
  remove: (...given) => store.remove(...given),
  decide: (...given) => store.decide(...given),
  ...otherwise,
});

/** A store in which something happens just before the next decision is written. */
function interrupted(store: GuardStore, by: () => Promise<unknown>): GuardStore {
  let isFirst = true;
  return over(store, {
    async decide(...given) {
      if (isFirst) {
        isFirst = false;
        await by();
      }
      await store.decide(...given);
    },
  });
}

describe("a guard that is not alone", () => {
  it("finds that a person was faster, and holds", async () => {
    const { deps, move, counts, read, audit } = await start();
    counts.add(NOW, BAD);
    const guard = interrupted(deps.guard, () => move({ percentage: 1 }));
    expect(await runGuard({ ...deps, guard }, REGISTER)).toMatchObject({ kind: "hold", why: "changed-by-person" });
    expect(await read()).toMatchObject({ percentage: 1, version: 2 });
    expect(decided(await audit())).toEqual(["hold changed-by-person 1"]);
  });

  it("does not decide by a policy that was replaced or taken away meanwhile", async () => {
    const { deps, ask, counts, read } = await start();
    counts.add(NOW, BAD);
    const replaced = interrupted(deps.guard, () => ask());
    expect(await runGuard({ ...deps, guard: replaced }, REGISTER)).toMatchObject({ kind: "hold", why: "baking" });
    counts.add(NOW, BAD);
    const removed = interrupted(deps.guard, () => removeGuard(deps, REGISTER, person));
    expect(await runGuard({ ...deps, guard: removed }, REGISTER)).toBeUndefined();
    expect(await read()).toMatchObject({ percentage: 5 });
  });

  it("that dies after its write has done it once, and does not do it again", async () => {
    const { deps, counts, read, audit } = await start();
    counts.add(NOW, BAD);
    const dying = over(deps.guard, {
      decide: async (...given) => {
        await deps.guard.decide(...given);
        throw new Error("killed");
      },
    });
    await expect(runGuard({ ...deps, guard: dying }, REGISTER)).rejects.toThrow("killed");
    expect(await runGuard(deps, REGISTER)).toMatchObject({ kind: "hold", why: "off-ramp" });
    expect(await read()).toMatchObject({ stage: "legacy", version: 2 });
    expect(decided(await audit())).toEqual(["hold off-ramp 1", "roll-back breach 1"]);
  });

  it("gives up where others are faster each time, and has changed nothing", async () => {
    const { deps, move, read, audit } = await start();
    const stubborn = over(deps.guard, {
      decide: async (...given) => {
        await move({ percentage: 2 });
        await removeGuard(deps, REGISTER, person);
        await setGuard(deps, REGISTER, { policy, version: (await read()).version, reason: "look" }, "Aino");
        await deps.guard.decide(...given);
      },
    });
    await expect(runGuard({ ...deps, guard: stubborn }, REGISTER)).rejects.toThrow(
      bridgeError("GUARD_CHANGED", "reject"),
    );
    expect(decided(await audit())).toEqual([]);
  });
});

describe("a run over all routes", () => {
  const routes = ["A", "B", "C"].map((name) => RouteType.parse(name));

  /** Every look takes a second of the clock; `fails` cannot be looked at. */
  function running(fails: string) {
    const ledger = new MemoryGuardLedger();
    const time = { now: NOW };
    const looked: string[] = [];
    const guard = over(ledger, {
      see: async (route) => {
        looked.push(route);
        time.now += 1_000;
        if (route === fails) throw new Error("the ledger does not answer");
        return ledger.see(route);
      },
    });
    const deps = { guard, rollouts: ledger.rollouts, counts: new Hours(), clock: { now: () => time.now } };
    return { deps, time, looked, ledger };
  }

  it("is not kept from the others by one that fails, and passes over those that nobody asked it to look after", async () => {
    const { deps, looked, ledger } = running("A");
    const request = { policy, version: 0, reason: "look" };
    for (const name of ["A", "C"]) await setGuard({ ...deps, guard: ledger }, RouteType.parse(name), request, "Aino");
    const { entries, failures, left } = await runGuards(deps, routes, 60_000);
    expect(looked.toSorted()).toEqual(["A", "B", "C"]);
    expect(entries).toMatchObject([{ route: "C", why: "off-ramp" }]);
    expect(failures).toMatchObject([{ route: "A", error: { message: "the ledger does not answer" } }]);
    expect(left).toBe(0);
  });

  it("finds a roll-back by somebody else, or by a run that died: each is told of once", async () => {
    const { deps, run, counts } = await start();
    expect((await runGuards(deps, [REGISTER], 60_000)).found).toEqual([]);
    counts.add(NOW, BAD);
    // As `crossfade guard run` does.
    const rolledBack = await run();
    expect(rolledBack).toMatchObject({ kind: "roll-back" });
    expect((await runGuards(deps, [REGISTER], 60_000)).found).toEqual([rolledBack]);
    expect((await runGuards(deps, [REGISTER], 60_000)).found).toEqual([]);
  });

  it("ends in time, and leaves nobody out for ever", async () => {
    const { deps, time, looked } = running("none");
    for (let minute = 0; minute < routes.length; minute++) {
      time.now = NOW + minute * 60_000;
      expect(await runGuards(deps, routes, 1_500)).toMatchObject({ left: 1 });
    }
    expect(looked.toSorted()).toEqual(["A", "A", "B", "B", "C", "C"]);
  });

  it("has nothing to do without a route", async () => {
    expect(await runGuards(running("none").deps, [], 1_000)).toEqual({ entries: [], found: [], failures: [], left: 0 });
  });
});

describe("whatever happens (property)", () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("run" as const),
        after: fc.constantFrom(60_000, HOUR),
        traffic: fc.constantFrom({}, GOOD, GOOD, BAD),
      }),
    },
    fc.record({ do: fc.constant("set" as const) }),
    fc.record({ do: fc.constantFrom("pause" as const, "resume" as const, "remove" as const) }),
    fc.record({
      do: fc.constant("move" as const),
      to: fc.constantFrom(...policy.ramp, { stage: "split" as const, percentage: 7 }),
    }),
    fc.record({ do: fc.constant("race" as const), traffic: fc.constantFrom(GOOD, BAD) }),
  );

  /** How often the guard moved the route, in an audit that begins with the oldest; each of its moves is as promised. */
  function movesOf(entries: readonly AuditEntry[]): number {
    const rollouts = entries.flatMap((entry) => (entry.kind === "rollout" ? [entry] : []));
    // Every version once.
    expect(rollouts.map(({ rollout }) => rollout.version)).toEqual(rollouts.map((_, n) => n + 1));
    const moves = rollouts.filter(({ by }) => by === "guard");
    for (const move of moves) {
      const { stage, percentage, version } = move.rollout;
      const to = { stage, percentage };
      const from = rollouts[version - 2]?.rollout;
      const at = policy.ramp.findIndex((step) => step.stage === from?.stage && step.percentage === from.percentage);
      expect(at).toBeGreaterThanOrEqual(0);
      expect([policy.ramp[at + 1], { stage: "legacy", percentage: 0 }]).toContainEqual(to);
      const [before, ...others] = entries.slice(0, entries.indexOf(move)).toReversed();
      expect(before).toMatchObject({ kind: "guard", entry: { version: version - 1, to } });
      expect(move.reason).toMatch(
        stage === "legacy" ? /^roll-back from .*a bound is broken/ : /^promote from .*every bound is kept/,
      );
      // A person asked for it, or the guard itself moved the route last: nothing else happened since.
      const last = others.find(({ kind }) => kind !== "guard");
      expect(last).toMatchObject(last?.kind === "policy" ? { policy } : { by: "guard" });
    }
    return moves.length;
  }

  it("the guard moves a route to the next step of the ramp or to legacy, audited, and never what is a person's", async () => {
    let moves = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const { run, ask, move, people, deps, audit, counts, time } = await start();
        const tolerated = (error: unknown) => expect(error).toHaveProperty("name", "BridgeError");
        for (const one of steps) {
          if (one.do === "run") await run(one.after, one.traffic);
          else if (one.do === "set") await ask();
          else if (one.do === "move") await move(one.to);
          else if (one.do === "race") {
            counts.add(time.now, one.traffic);
            await Promise.all([runGuard(deps, REGISTER), runGuard(deps, REGISTER), move({ exclude: [] })]);
          } else if (one.do === "remove") await removeGuard(deps, REGISTER, person).catch(tolerated);
          else await (one.do === "pause" ? pauseRollout : resumeRollout)(people, REGISTER, person).catch(tolerated);
        }
        moves += movesOf((await audit()).toReversed());
      }),
      { numRuns: 300, seed: 11 },
    );
    expect(moves).toBeGreaterThan(200);
  });
});
