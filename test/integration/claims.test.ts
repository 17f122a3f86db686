import { claimRequest, type Lane, laneOf, pathOf, pinEntry, RequestId } from "@crossfade/bridge";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { aClaim, done, NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
let claims: DynamoDbClaims;

beforeAll(async () => {
  ledger = await startLedger();
  claims = new DynamoDbClaims(ledger.client, ledger.table);
});
afterAll(() => ledger.close());

const other = (claim: ReturnType<typeof aClaim>, given = {}) => ({
  ...claim,
  requestId: RequestId.parse(`${claim.requestId}-other`),
  ...given,
});

const LANES = ["legacy", "order", "delegate"] as const;
const anyLane = () => true;
const on = (lane: Lane) => ({ path: pathOf(lane), ...(lane === "delegate" && { integration: lane }) });

describe("a claim (P2)", () => {
  it.each(["with a pin", "without a pin"])("%s is written once; the second is told of the first", async (kind) => {
    const first = aClaim("legacy", kind === "with a pin" ? {} : { pinKey: undefined });
    expect(await claims.claim(first)).toEqual({ kind: "claimed", claim: first });
    const second = await claims.claim({ ...first, path: "order", bucket: 9 });
    expect(second).toEqual({ kind: "exists", claim: first });
    expect(await claims.read(first)).toEqual(first);
  });

  it("of twenty racing deliveries, with the flag flipping between them, one decides for all", async () => {
    const legacy = aClaim("legacy");
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        claimRequest(claims, (lane) => ({ ...legacy, ...on(lane) }), i % 2 === 0 ? "legacy" : "order", anyLane),
      ),
    );
    expect(new Set(results.map((claim) => claim.path)).size).toBe(1);
    expect(await claims.read(legacy)).toEqual(results[0]);
  });

  it("with other requests racing for the same pin, all take one path and one integration (P4)", async () => {
    const first = aClaim("legacy");
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        claimRequest(
          claims,
          (lane) => ({ ...first, requestId: RequestId.parse(`race-${first.requestId}-${i}`), ...on(lane) }),
          LANES[i % 3] ?? "legacy",
          anyLane,
        ),
      ),
    );
    expect(new Set(results.map(laneOf)).size).toBe(1);
  });
});

describe("a pin (X2)", () => {
  it("keeps a request on the path where work is in flight, and lets it change when that has ended", async () => {
    const first = aClaim("legacy");
    await claims.claim(first);
    const second = await claimRequest(claims, (lane) => other(first, on(lane)), "order", anyLane);
    expect(second.path).toBe("legacy");
    await claims.endLegacy(first, done, {}, NOW);
    await claims.endLegacy(second, done, {}, NOW);
    const third = { ...first, requestId: RequestId.parse(`${first.requestId}-3`) };
    expect((await claimRequest(claims, (lane) => ({ ...third, ...on(lane) }), "order", anyLane)).path).toBe("order");
  });

  it("is not given up for a claim that ended at an older generation (A7)", async () => {
    const first = aClaim("order", { generation: 1, endedAt: undefined });
    await claims.claim(first);
    await claims.mirror(first, { fence: 7, image: {} }, { generation: 0, outcome: done, at: NOW });
    expect((await claims.read(first))?.endedAt).toBeUndefined();
    if (first.pinKey !== undefined) await claims.releasePin(first.pinKey, [pinEntry(first, 0)]);
    const second = await claimRequest(claims, (lane) => other(first, on(lane)), "legacy", anyLane);
    expect(second.path).toBe("order");
  });

  it("is taken over only if its entries are those that were seen (A3)", async () => {
    const first = aClaim("legacy");
    await claims.claim(first);
    const seen = [pinEntry(first, 0)];
    await claims.claim(other(first));
    const late = { ...first, requestId: RequestId.parse(`${first.requestId}-late`), path: "order" as const };
    const result = await claims.claim(late, seen);
    expect(result).toMatchObject({ kind: "pinned", pin: { lane: "legacy" } });
    expect(await claims.read(late)).toBeUndefined();
  });

  it("holds the new request alone after a takeover", async () => {
    const first = aClaim("legacy");
    await claims.claim(first);
    await claims.endLegacy(first, done, {}, NOW);
    const second = { ...other(first), path: "order" as const };
    expect(await claims.claim(second, [pinEntry(first, 0)])).toMatchObject({ kind: "claimed" });
    const third = { ...first, requestId: RequestId.parse(`${first.requestId}-3`) };
    const pin = { lane: "order", entries: [pinEntry(second, 0)] };
    expect(await claims.claim(third)).toEqual({ kind: "pinned", pin });
  });

  it("makes a message from before the switch wait while the order path works on its key (D7)", async () => {
    const first = aClaim("order");
    await claims.claim(first);
    const forced = claimRequest(
      claims,
      (lane) => other(first, on(lane)),
      "legacy",
      () => false,
    );
    await expect(forced).rejects.toMatchObject({ code: "PIN_BUSY", disposition: "retry" });
    expect(await claims.read(other(first))).toBeUndefined();
  });
});

describe("a lease (A4)", () => {
  it("passes to one of those who saw the same owner", async () => {
    const lease = { owner: "a", until: NOW };
    const claim = aClaim("legacy", { lease });
    await claims.claim(claim);
    const taken = await Promise.all(
      ["b", "c", "d"].map((owner) => claims.takeOverLease(claim, lease, { owner, until: NOW + 1 })),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });
});

describe("the mirrored state (P5, X6)", () => {
  it("moves only to a strictly greater fence", async () => {
    const claim = aClaim("order");
    await claims.claim(claim);
    for (const [fence, status] of [
      [1, "a"],
      [7, "b"],
      [7, "c"],
      [1, "d"],
    ] as const) {
      await claims.mirror(claim, { fence, image: { status } });
    }
    expect((await claims.read(claim))?.mirrored).toEqual({ fence: 7, image: { status: "b" } });
  });

  it("ends the claim with it, and a repeated end changes nothing", async () => {
    const claim = aClaim("order");
    await claims.claim(claim);
    await claims.mirror(claim, { fence: 7, image: {} }, { generation: 0, outcome: done, at: NOW });
    await claims.mirror(claim, { fence: 7, image: {} }, { generation: 0, outcome: done, at: NOW + 5 });
    expect(await claims.read(claim)).toMatchObject({ endedAt: NOW, orderOutcome: done });
  });
});

it("reads more claims than one call takes", async () => {
  const many = Array.from({ length: 130 }, () => aClaim("legacy", { pinKey: undefined }));
  await Promise.all(many.map((claim) => claims.claim(claim)));
  const found = await claims.readMany(many.map((claim) => `${claim.route}#${claim.requestId}`));
  expect(found.size).toBe(130);
});
