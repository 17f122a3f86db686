import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actOn, type Claim, entryIsDrained, FIFO_WINDOW, NEVER_START_AFTER, parsePinEntry, pinEntry } from "./claim.ts";
import { RequestId, RouteType, requestKeyText } from "./ids.ts";
import { aClaim, bridgeError, NOW } from "./testing.ts";

const me = { bodyHash: "hash", owner: "me", queueArn: "arn:queue" };
const act = (claim: Claim, now = NOW) => actOn(claim, { ...me, now });

const PATHS = ["legacy", "order"] as const;
const MARKS = [{ startedAt: NOW }, { forwardedAt: NOW }, { endedAt: NOW }];
const LEASES = [undefined, { owner: "me", until: NOW }, { owner: "other", until: NOW }, { owner: "other", until: 0 }];
const AGES = [0, FIFO_WINDOW + 1, NEVER_START_AFTER + 1];

/** Every combination of path, set of marks, lease and age. */
const claims = PATHS.flatMap((path) =>
  [...Array(2 ** MARKS.length).keys()].flatMap((set) =>
    LEASES.flatMap((lease) =>
      AGES.map((age) => {
        const marks = Object.assign({}, ...MARKS.filter((_, n) => set & (2 ** n)));
        const given = { ...marks, ...(lease && { lease }), decidedAt: NOW - age };
        return { claim: aClaim(path, given), marked: set > 0 };
      }),
    ),
  ),
);

describe("what a delivery does about a claim", () => {
  it("is to acknowledge what was started, forwarded or ended, whatever else the claim says", () => {
    const marked = claims.filter(({ marked }) => marked);
    expect(marked).toHaveLength(2 * 7 * 4 * 3);
    for (const { claim } of marked) expect(act(claim)).toEqual({ kind: "acknowledge" });
  });

  it("is never to acknowledge what has none of these marks (P1)", () => {
    const open = claims.filter(({ marked }) => !marked);
    expect(open).toHaveLength(2 * 4 * 3);
    for (const { claim } of open) {
      if (claim.path === "order" && NOW - claim.decidedAt > NEVER_START_AFTER) {
        expect(() => act(claim)).toThrow(bridgeError("CLAIM_EXPIRED", "reject"));
      } else {
        const kinds = claim.path === "order" ? ["start"] : ["forward", "wait", "take-over-lease"];
        expect(kinds).toContain(act(claim).kind);
      }
    }
  });

  it("is to refuse another body under the same id, also one that is over", () => {
    for (const { claim } of claims) {
      const conflict = () => actOn(claim, { ...me, bodyHash: "other", now: NOW });
      expect(conflict).toThrow(bridgeError("CONFLICT", "reject", "requestId"));
    }
  });

  it("is to start an order up to 80 days after its claim, and never later", () => {
    const claim = aClaim("order");
    const days = (n: number) => n * 24 * 3600 * 1000;
    expect(act(claim, NOW + days(80))).toEqual({ kind: "start" });
    expect(() => act(claim, NOW + days(80) + 1)).toThrow(bridgeError("CLAIM_EXPIRED", "reject"));
    expect(() => act(claim, NOW + days(90))).toThrow(bridgeError("CLAIM_EXPIRED", "reject"));
  });

  it("is to forward whatever the age of a legacy claim", () => {
    expect(act(aClaim("legacy"), NOW + NEVER_START_AFTER + 1)).toEqual({ kind: "forward", lookFirst: true });
  });

  it("is to look first, once SQS may have forgotten the deduplication id", () => {
    const claim = aClaim("legacy");
    expect(act(claim, NOW)).toEqual({ kind: "forward", lookFirst: false });
    expect(act(claim, NOW + FIFO_WINDOW)).toEqual({ kind: "forward", lookFirst: false });
    expect(act(claim, NOW + FIFO_WINDOW + 1)).toEqual({ kind: "forward", lookFirst: true });
    expect(FIFO_WINDOW, "SQS deduplicates for 5 minutes").toBeLessThan(5 * 60 * 1000);
  });

  it("is to forward under a lease of its own, at any time", () => {
    const claim = aClaim("legacy", { lease: { owner: "me", until: NOW } });
    for (const now of [NOW - 1, NOW, NOW + 1, NOW + FIFO_WINDOW + 1]) {
      expect(act(claim, now)).toEqual({ kind: "forward", lookFirst: false });
    }
  });

  it("is to wait for another's lease up to its end, and to take it over after", () => {
    const lease = { owner: "other", until: NOW };
    const claim = aClaim("legacy", { lease });
    expect(act(claim, NOW - 1)).toEqual({ kind: "wait" });
    expect(act(claim, NOW)).toEqual({ kind: "wait" });
    expect(act(claim, NOW + 1)).toEqual({ kind: "take-over-lease", seen: lease });
  });
});

describe("a claim that a tap wrote", () => {
  const tapped = aClaim("legacy", { tap: "arn:tap", forwardedAt: NOW });
  const at = (queueArn: string, claim = tapped) => actOn(claim, { ...me, queueArn, now: NOW });

  it("is there already for the tap itself, and to be taken over for the queue of the consumer's own copy (P1)", () => {
    expect(at("arn:tap")).toEqual({ kind: "acknowledge" });
    expect(at("arn:queue")).toEqual({ kind: "take-from-tap", tap: "arn:tap" });
  });

  it("is over for everybody once it has ended", () => {
    expect(at("arn:queue", { ...tapped, endedAt: NOW })).toEqual({ kind: "acknowledge" });
  });
});

describe("an entry of a pin", () => {
  it.each([
    ["its claim is not there", undefined, false],
    ["its claim is open", { generation: 1 }, false],
    ["its claim was only started", { generation: 1, startedAt: NOW }, false],
    ["its claim was only forwarded", { generation: 1, forwardedAt: NOW }, false],
    ["its claim ended at this generation", { generation: 1, endedAt: NOW }, true],
    ["its claim ended at an earlier generation", { generation: 0, endedAt: NOW }, false],
    ["its claim is at a later generation, open", { generation: 2 }, true],
    ["its claim ended at a later generation", { generation: 2, endedAt: NOW }, true],
  ])("when %s", (_, given, drained) => {
    expect(entryIsDrained(given && aClaim("order", given), 1)).toBe(drained);
  });

  it("says its request and its generation, whatever the request id holds (property)", () => {
    const ids = fc.oneof(
      fc.string({ minLength: 1, maxLength: 200 }),
      fc.stringMatching(/^[@#0-9a]{1,20}$/),
      fc.constantFrom("@", "#", "a@1", "a#b@2", "@@", "r@", "@7", "#@#"),
    );
    const routes = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,10}$/);
    fc.assert(
      fc.property(routes, ids, fc.nat(), (route, id, generation) => {
        const key = { route: RouteType.parse(route), requestId: RequestId.parse(id) };
        expect(parsePinEntry(pinEntry(key, generation))).toEqual({ keyText: requestKeyText(key), generation });
      }),
    );
  });
});
