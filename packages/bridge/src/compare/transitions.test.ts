import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExecutionName, RequestId, RouteType } from "../ids.ts";
import type { Outcome } from "../outcome.ts";
import { countsOf, type Transition } from "./counts.ts";
import { compareRules } from "./rules.ts";
import { conservation, tallied } from "./tally.ts";
import { failed, registered } from "./testing.ts";
import { type ClaimImage, type Counted, countClaim, maySayMore, type Sighting } from "./transitions.ts";

const AT = Date.UTC(2026, 10, 21, 9);
const rules = compareRules({ unforeseen: ["DOMAIN_TAKEN"] });
const route = RouteType.parse("REGISTER_DOMAIN");
const executionName = ExecutionName.parse("shadow-1");

const claimed = (given: Partial<ClaimImage> = {}): ClaimImage => ({
  route,
  requestId: RequestId.parse("r-1"),
  path: "legacy",
  generation: 0,
  decidedAt: AT,
  ...given,
});

/** What sightings count, one after the other, and what is remembered of them. */
function counting(sightings: readonly Sighting[]) {
  const transitions: Transition[] = [];
  let counted: Counted | undefined;
  for (const sighting of sightings) {
    const { next, transitions: more } = countClaim(counted, sighting, rules);
    counted = next;
    transitions.push(...more);
  }
  return { counted, transitions, counts: tallied(transitions.flatMap((each) => countsOf(each, rules))) };
}

const seen = (claim: ClaimImage, overdueAt?: number): Sighting => ({
  claim,
  at: AT + 5_000,
  ...(overdueAt !== undefined && { overdueAt }),
});

const legacyEnded = (outcome: Outcome = registered()) => ({ endedAt: AT + 3_000, legacyOutcome: outcome });
const planned = (outcome: Outcome = registered()) => ({
  shadow: { executionName, outcome, endedAt: AT + 2_000 },
});
const unplanned = { shadow: { executionName } };

describe("a change of a claim", () => {
  const twin = { executionName: ExecutionName.parse("twin-1") };
  const twinEnded = { ...twin, outcome: registered(), endedAt: AT + 2_500 };
  const { shadow } = planned();

  it.each([
    ["its end", claimed(), claimed(legacyEnded())],
    ["its redrive", claimed(), claimed({ generation: 1 })],
    ["its end at another moment", claimed(legacyEnded()), claimed({ ...legacyEnded(), endedAt: AT + 4_000 })],
    ["its plan's end", claimed(unplanned), claimed({ shadow })],
    [
      "its twin's end, after all else",
      claimed({ shadow: { ...shadow, twin } }),
      claimed({ shadow: { ...shadow, twin: twinEnded } }),
    ],
  ])("is looked at where it may be one of what is counted: %s", (_, before, now) => {
    expect(maySayMore(before, now)).toBe(true);
    expect(maySayMore(now, now)).toBe(false);
  });
});

describe("a claim's images", () => {
  it("count the claim in the hour of its decision, and its end in that of its end, with what it took", () => {
    const { transitions } = counting([seen(claimed()), seen(claimed(legacyEnded(failed("DOMAIN_TAKEN"))))]);
    expect(transitions).toEqual([
      { kind: "claimed", route, path: "legacy", at: AT },
      { kind: "ended", route, path: "legacy", at: AT + 3_000, status: "FAILED", code: "DOMAIN_TAKEN", ms: 3_000 },
    ]);
  });

  it("count a redrive, and the end before it where its image was lost: as failed, with neither code nor latency", () => {
    const order = { path: "order", generation: 2, endedAt: AT + 9_000, orderOutcome: registered() } as const;
    const { counts } = counting([seen(claimed({ path: "order" })), seen(claimed(order))]);
    expect(counts).toMatchObject({
      "claimed.order": 1,
      "reopened.order": 2,
      "ended.order.FAILED": 2,
      "ended.order.COMPLETED": 1,
      "code.order.other": 2,
    });
    // Nor has the last one: for how long it waited for its redrive says nothing of the path.
    expect(Object.keys(counts).filter((counter) => counter.startsWith("latency."))).toEqual([]);
    const { counts: first } = counting([seen(claimed({ ...order, generation: 0 }))]);
    expect(Object.keys(first).filter((counter) => counter.startsWith("latency."))).toHaveLength(1);
  });

  it("keep the path of the first: a request taken from a tap is claimed once", () => {
    const tapped = claimed({ decidedAt: AT - 1_000 });
    const { counts } = counting([seen(tapped), seen(claimed()), seen(claimed(legacyEnded()))]);
    expect(counts).toMatchObject({ "claimed.legacy": 1, "ended.legacy.COMPLETED": 1 });
  });
});

describe("the verdict", () => {
  it.each([
    ["legacy first", [claimed({ ...unplanned, ...legacyEnded() }), claimed({ ...planned(), ...legacyEnded() })]],
    ["the plan first", [claimed(planned()), claimed({ ...planned(), ...legacyEnded() })]],
  ])("comes when both sides have ended, %s; at the later end", (_, images) => {
    const { transitions, counted } = counting(images.map((image) => seen(image)));
    expect(transitions.filter(({ kind }) => kind === "judged")).toEqual([
      { kind: "judged", route, against: "legacy", verdict: "match", at: AT + 3_000 },
    ]);
    expect(counted?.judged.legacy).toEqual({ verdict: "match", at: AT + 3_000 });
  });

  it("keeps a masked sample of what differs", () => {
    const wrong = { ...planned(registered({ price: 12.9 })), ...legacyEnded() };
    const { counted, counts } = counting([seen(claimed(wrong))]);
    expect(counts).toMatchObject({ "verdict.mismatch": 1 });
    expect(counted?.judged.legacy?.sample?.differences).toEqual([
      { kind: "changed", path: "effects[0].details.price", group: "effects[*].details.price", old: 1290, new: 12.9 },
    ]);
  });

  it("is of one side once the other is overdue, and is replaced by late when it comes after all", () => {
    const old = claimed({ ...unplanned, ...legacyEnded() });
    const overdueAt = AT + 3_600_000;
    const { transitions, counts } = counting([
      seen(old),
      seen(old, overdueAt),
      seen(old, overdueAt + 60_000),
      seen(claimed({ ...planned(registered({ years: 2 })), ...legacyEnded() })),
    ]);
    expect(transitions.slice(2)).toEqual([
      { kind: "judged", route, against: "legacy", verdict: "old-only", at: overdueAt },
      {
        ...{ kind: "judged", route, against: "legacy", verdict: "late", at: AT + 3_000 },
        instead: { verdict: "old-only", at: overdueAt },
      },
    ]);
    expect(counts).toMatchObject({ "verdict.old-only": 0, "verdict.late": 1 });
    expect(counting([seen(claimed(planned()), overdueAt)]).counts).toMatchObject({ "verdict.new-only": 1 });
  });

  it("is not given twice, nor where the plan failed: that is counted by itself, once", () => {
    const failure = { Code: "PLAN_FAILED", Message: "", Retryable: false };
    const image = claimed({ shadow: { executionName, failure, endedAt: AT + 1 }, ...legacyEnded() });
    const { counts } = counting([seen(image), seen(image, AT + 3_600_000)]);
    expect(counts).toEqual({
      "claimed.legacy": 1,
      "ended.legacy.COMPLETED": 1,
      "latency.legacy.47": 1,
      "shadow-failed": 1,
    });
  });
});

describe("the baseline", () => {
  const twin = (outcome?: Outcome) => ({
    executionName: ExecutionName.parse("twin-1"),
    ...(outcome && { outcome, endedAt: AT + 2_500 }),
  });
  const image = (given: object) => claimed({ shadow: { executionName, ...given } });
  const plan = { outcome: registered(), endedAt: AT + 2_000 };

  it("compares a plan with its twin, whichever ends first, once, and apart from the verdict", () => {
    for (const first of [image({ ...plan, twin: twin() }), image({ twin: twin(registered()) })]) {
      const both = image({ ...plan, twin: twin(registered({ years: 2 })) });
      const { transitions, counted } = counting([seen(first), seen(both), seen(both)]);
      expect(transitions.slice(1)).toEqual([
        { kind: "judged", route, against: "order", verdict: "mismatch", at: AT + 2_500 },
      ]);
      expect(counted?.judged.order?.sample?.differences).toMatchObject([{ path: "effects[0].details.years" }]);
      expect(counted?.judged.legacy).toBeUndefined();
    }
  });

  it("says nothing where one of them failed, or never ends", () => {
    const failure = { Code: "PLAN_FAILED", Message: "", Retryable: false };
    const lost = image({ ...plan, twin: twin() });
    const broken = image({ ...plan, twin: { ...twin(), failure, endedAt: AT } });
    expect(counting([seen(lost), seen(broken)]).counts).toEqual({ "claimed.legacy": 1 });
    expect(counting([seen(image({ failure, endedAt: AT, twin: twin(registered()) }))]).counts).toEqual({
      ...{ "claimed.legacy": 1, "shadow-failed": 1 },
    });
  });
});

/** The images of one claim's whole life, in their order. */
const lives: fc.Arbitrary<readonly ClaimImage[]> = fc.oneof(
  fc
    .record({
      generations: fc.integer({ min: 0, max: 3 }),
      ends: fc.array(fc.constantFrom(registered(), failed("DOMAIN_TAKEN")), { minLength: 4, maxLength: 4 }),
      isOpen: fc.boolean(),
    })
    .map(({ generations, ends, isOpen }) => {
      const images: ClaimImage[] = [];
      for (let generation = 0; generation <= generations; generation++) {
        const isLast = generation === generations;
        images.push(claimed({ path: "order", generation }));
        const orderOutcome = isLast ? (ends[generation] ?? registered()) : failed("TIMEOUT");
        const endedAt = AT + 1_000 * (generation + 1);
        if (!isLast || !isOpen) images.push(claimed({ path: "order", generation, endedAt, orderOutcome }));
      }
      return images;
    }),
  fc
    .record({ planFirst: fc.boolean(), sampled: fc.boolean(), fails: fc.boolean(), wrong: fc.boolean() })
    .map(({ planFirst, sampled, fails, wrong }) => {
      const failure = { Code: "PLAN_FAILED", Message: "", Retryable: false };
      const end = fails
        ? { shadow: { executionName, failure, endedAt: AT + 2_000 } }
        : planned(registered(wrong ? { years: 2 } : {}));
      if (!sampled) return [claimed(), claimed(legacyEnded())];
      const first = planFirst ? claimed(end) : claimed({ ...unplanned, ...legacyEnded() });
      return [claimed(unplanned), first, claimed({ ...end, ...legacyEnded() })];
    }),
);

/** Deliveries of images as a stream makes them: any again, any lost but the last, old ones after newer ones. */
const deliveries = lives.chain((images) =>
  fc.tuple(fc.array(fc.nat(images.length - 1), { maxLength: 12 }), fc.boolean()).map(([order, inOrder]) => ({
    images,
    delivered: [...(inOrder ? order.toSorted((a, b) => a - b) : order), images.length - 1, ...order],
  })),
);

/** All but codes and latencies, which an end that nobody saw has not. */
const exact = ({ counts }: ReturnType<typeof counting>) =>
  Object.fromEntries(Object.entries(counts).filter(([counter]) => !/^(code|latency)\./.test(counter)));

describe("whatever is redelivered, doubled or skipped", () => {
  const run = { seed: 20_261_121, numRuns: 500 };

  it("counting is exact", () => {
    fc.assert(
      fc.property(deliveries, ({ images, delivered }) => {
        const once = counting(images.map((claim) => seen(claim)));
        const often = counting(delivered.flatMap((n) => (images[n] ? [seen(images[n])] : [])));
        expect(exact(often)).toEqual(exact(once));
        expect(often.counted).toEqual(once.counted);
      }),
      run,
    );
  });

  it("conservation holds at every moment", () => {
    fc.assert(
      fc.property(deliveries, ({ images, delivered }) => {
        for (let upTo = 1; upTo <= delivered.length; upTo++) {
          const sightings = delivered.slice(0, upTo).flatMap((n) => (images[n] ? [seen(images[n])] : []));
          const { counts, counted } = counting(sightings);
          const { received, ended, inFlight } = conservation(counts);
          expect(received).toBe(1);
          expect(ended).toBe(counted?.ended ? 1 : 0);
          expect(inFlight.legacy + inFlight.order).toBe(counted?.ended ? 0 : 1);
        }
      }),
      run,
    );
  });

  it("of a replaced verdict nothing is left, wherever the overdue look falls", () => {
    fc.assert(
      fc.property(deliveries, fc.nat(20), ({ images, delivered }, where) => {
        const sightings = delivered.flatMap((n) => (images[n] ? [seen(images[n])] : []));
        const looked = sightings[Math.min(where, sightings.length - 1)];
        if (looked === undefined) return;
        const { counts } = counting([...sightings.slice(0, where), { ...looked, overdueAt: AT + 9e6 }, ...sightings]);
        const verdicts = Object.entries(counts).filter(([counter]) => counter.startsWith("verdict."));
        const last = images.at(-1);
        const isCompared = last?.shadow?.outcome !== undefined;
        expect(verdicts.reduce((sum, [, count]) => sum + count, 0)).toBe(
          isCompared ? 1 : (counts["verdict.old-only"] ?? 0) + (counts["verdict.new-only"] ?? 0),
        );
        expect(Math.min(0, ...verdicts.map(([, count]) => count))).toBe(0);
      }),
      run,
    );
  });
});
