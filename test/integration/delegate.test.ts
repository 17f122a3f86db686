import { randomUUID } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import {
  type Claim,
  CorrelationId,
  deadLettered,
  endDelegated,
  type HandOverDeps,
  handOver,
  keyOf,
  mirrorItem,
  OrderId,
  OrderItem,
  observeRow,
  PinKey,
  payloadOf,
  pinEntry,
  type Refusal,
  RouteType,
  requestKeyText,
  TaskToken,
} from "@crossfade/bridge";
import { webcat } from "@crossfade/legacy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aRecord } from "../../packages/bridge/src/testing.ts";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { Life } from "./support/mortal.ts";
import { type OrdersFixture, ordersOn } from "./support/orders.ts";
import { aClaim, done, NOW, refused } from "./support/samples.ts";

let ledger: LedgerFixture;
let fixture: OrdersFixture;
beforeAll(async () => {
  ledger = await startLedger();
  fixture = await ordersOn(ledger);
});
afterAll(() => ledger.close());

const QUEUE = "https://queue/delegate.fifo";
const ROUTE = RouteType.parse("UPDATE_DNS");

/** The hand-over's adapters on a real DynamoDB, with a queue that drops repeats as a FIFO queue does. */
function aWorld() {
  const queue = new Map<string, string>();
  let sends = 0;
  const deps: HandOverDeps = {
    ...fixture.deps.delegation,
    migration: webcat,
    claims: fixture.deps.claims,
    effects: fixture.deps.effects,
    forwarder: {
      async send({ key, target, body }) {
        expect(target).toEqual({ kind: "fifo", queueUrl: QUEUE });
        sends++;
        queue.set(requestKeyText(key), body);
      },
    },
    targetOf: () => ({ kind: "fifo", queueUrl: QUEUE }),
    clock: { now: () => NOW },
  };
  return { deps, queue, sends: () => sends };
}

async function aDelegated(given: Partial<Claim> = {}) {
  const domain = `${randomUUID()}.fi`;
  const claim = aClaim("order", { route: ROUTE, integration: "delegate", pinKey: PinKey.parse(domain), ...given });
  await fixture.deps.claims.claim(claim);
  const { route, requestId, orderId = OrderId.parse(randomUUID()), pinKey } = claim;
  const input = { customerId: "cust-1", domain, records: [{ name: "@", type: "A", value: "192.0.2.1", ttl: 3600 }] };
  const item = OrderItem.parse({
    ...{ itemId: "1", route, requestId, action: "UpdateDns", executionName: `upd-${requestId}` },
    ...{ pinKey, pinned: true, price: 0, integration: "delegate", input },
  });
  const correlationId = CorrelationId.parse("c-1");
  const attempt = (n: number, token = `token-${requestId}-${n}`) => {
    fixture.tasks.waiting.add(token);
    return { orderId, correlationId, generation: 0, item, token: TaskToken.parse(token), attempt: n };
  };
  return { claim, item, orderId, attempt };
}

const row = ({ claim }: { claim: Claim }, status = "COMPLETED") => ({
  ...{ requestId: claim.requestId, type: claim.route, customerId: "cust-1", domain: `${claim.pinKey}`, status },
  ...{ createdAt: "2026-11-21T09:00:00.000Z", updatedAt: "2026-11-21T09:00:00.000Z" },
  ...(status === "COMPLETED" && { result: { domain: `${claim.pinKey}`, records: 1, serial: 1 } }),
  ...(status === "FAILED" && { errorCode: "ZONE_NOT_FOUND", errorMessage: "no zone" }),
});

const answersOf = ({ claim }: { claim: Claim }) =>
  fixture.tasks.answered.filter(([token]) => token.includes(claim.requestId));

describe("a hand-over to the legacy service", () => {
  it("is a message that the route's own schema takes, the same at every attempt", async () => {
    const { deps, queue, sends } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0));
    await handOver(deps, delegated.attempt(1));
    expect(sends()).toBe(1);
    const body = JSON.parse(queue.get(requestKeyText(delegated.claim)) ?? "");
    expect(webcat.routeOf(body).parse(body).key).toEqual(keyOf(delegated.claim));
    expect(body.requestedAt).toBe(new Date(NOW).toISOString());
  });

  it("keeps charge and pin until the row tells the end, whichever way it ends", async () => {
    for (const status of ["COMPLETED", "FAILED"]) {
      const { deps } = aWorld();
      const delegated = await aDelegated();
      await handOver(deps, delegated.attempt(0));
      const { version, openEffects } = await fixture.deps.charges.read(delegated.orderId);
      expect(openEffects).toHaveLength(1);
      const decided = await fixture.deps.charges.decide(
        delegated.orderId,
        { kind: "none" },
        { version, generation: 0, at: NOW },
      );
      expect(decided).toEqual({ kind: "not-now" });
      expect(await observeRow(fixture.deps, row(delegated, "PROCESSING"))).toEqual({ kind: "ignored" });
      expect(await observeRow(fixture.deps, row(delegated, status))).toMatchObject({ kind: "delegated-ended" });
      const [answer, ...more] = answersOf(delegated);
      expect(more).toEqual([]);
      expect(answer?.[1]).toMatchObject({ status, ...(status === "FAILED" && { Error: { Code: "ZONE_NOT_FOUND" } }) });
      expect((await fixture.deps.charges.read(delegated.orderId)).openEffects).toEqual([]);
    }
  });

  it.each([
    ["nobody takes it", { targetOf: () => undefined }, {}, "UNKNOWN_SOURCE"],
    ["it makes no legacy message", {}, { input: { domain: "no domain" } }, "INVALID_ORDER"],
  ])("begins nothing where %s, so that nothing stays open (P7)", async (_, given, changed, code) => {
    const { deps, sends } = aWorld();
    const delegated = await aDelegated();
    const work = delegated.attempt(0);
    const refusal = handOver({ ...deps, ...given }, { ...work, item: { ...work.item, ...changed } });
    await expect(refusal).rejects.toMatchObject({ code });
    expect((await fixture.deps.charges.read(delegated.orderId)).openEffects).toEqual([]);
    expect(sends()).toBe(0);
  });

  it("makes the same message again when it was killed before the mark, however late it comes again", async () => {
    const { deps, queue, sends } = aWorld();
    const delegated = await aDelegated();
    const { effects, tokens, forwarder } = deps;
    const mortal = { ...deps, ...new Life(4, "after").wrap({ effects, tokens, forwarder }) };
    await expect(handOver(mortal, delegated.attempt(0))).rejects.toThrow();
    const first = queue.get(requestKeyText(delegated.claim));
    await handOver({ ...deps, clock: { now: () => NOW + 60_000 } }, delegated.attempt(1));
    expect(sends()).toBe(2);
    expect(queue.get(requestKeyText(delegated.claim))).toBe(first);
  });

  it("is not sent by an attempt that another has overtaken", async () => {
    const { deps, sends } = aWorld();
    const delegated = await aDelegated();
    const { input, ...item } = delegated.item;
    const { check, text } = payloadOf(input);
    const late = { ...delegated.attempt(0), item: { ...item, inputCheck: check } };
    const payloads: HandOverDeps["payloads"] = {
      put: async () => {},
      get: async () => {
        await handOver(deps, delegated.attempt(1));
        return { kind: "found", content: Buffer.from(text) };
      },
    };
    await handOver({ ...deps, payloads }, late);
    expect(sends()).toBe(1);
  });

  it("whose input is lost fails as data, unless it has begun: then nobody knows who was asked", async () => {
    const { deps, sends } = aWorld();
    const fresh = (await aDelegated()).attempt(0);
    const lost = ({ item: { input: _, ...item } }: typeof fresh) => ({
      item: { ...item, inputCheck: { sha256: "0".repeat(64), bytes: 3_000 } },
    });
    await handOver(deps, { ...fresh, ...lost(fresh) });
    const failed = { status: "FAILED", Error: { Code: "CLAIM_CHECK_MISSING" } };
    expect(fixture.tasks.answered.at(-1)).toMatchObject([fresh.token, failed]);
    const begun = await aDelegated();
    const { effects, tokens, forwarder } = deps;
    const mortal = { ...deps, ...new Life(4, "before").wrap({ effects, tokens, forwarder }) };
    await expect(handOver(mortal, begun.attempt(0))).rejects.toThrow();
    const again = begun.attempt(1);
    await expect(handOver(deps, { ...again, ...lost(again) })).rejects.toMatchObject({ code: "EFFECT_OPEN" });
    expect(answersOf(begun)).toEqual([]);
    expect(sends()).toBe(0);
  });

  it("that was sent waits on, whatever became of the input and of the queue", async () => {
    const { deps } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0));
    const work = delegated.attempt(1);
    const { input: _, ...item } = work.item;
    const lost = { ...item, inputCheck: { sha256: "0".repeat(64), bytes: 3_000 } };
    await handOver({ ...deps, targetOf: () => undefined }, { ...work, item: lost });
    await observeRow(fixture.deps, row(delegated));
    expect(answersOf(delegated).map(([token]) => token)).toEqual([`token-${delegated.claim.requestId}-1`]);
  });

  it("is not sent again when the work has ended, though its mark was lost (C12)", async () => {
    const { deps, sends } = aWorld();
    const delegated = await aDelegated();
    const { effects, tokens, forwarder } = deps;
    const life = new Life(5, "before");
    const mortal = { ...deps, ...life.wrap({ effects, tokens, forwarder }) };
    await expect(handOver(mortal, delegated.attempt(0))).rejects.toThrow();
    expect(life.crashedAt).toBe("markSent");
    fixture.tasks.waiting.clear();
    await observeRow(fixture.deps, row(delegated));
    await handOver(deps, delegated.attempt(1));
    expect(sends()).toBe(1);
    expect(answersOf(delegated).map(([token]) => token)).toEqual([`token-${delegated.claim.requestId}-1`]);
  });

  it("is refused once the charge is decided, and sends nothing", async () => {
    const { deps, sends } = aWorld();
    const delegated = await aDelegated();
    await fixture.deps.charges.decide(delegated.orderId, { kind: "none" }, { version: 0, generation: 0, at: NOW });
    await expect(handOver(deps, delegated.attempt(0))).rejects.toMatchObject({ code: "EFFECT_REFUSED" });
    expect(sends()).toBe(0);
  });

  it.each([
    ["is refused where its claim says that a worker does the work", undefined],
    ["and a worker is refused where the legacy service does it", "delegate" as const],
  ])("%s", async (_, integration) => {
    const { deps, sends } = aWorld();
    const claim = aClaim("order", { route: ROUTE, ...(integration && { integration }) });
    const delegated = await aDelegated(integration ? {} : { ...claim, integration: undefined });
    if (integration === undefined) {
      await expect(handOver(deps, delegated.attempt(0))).rejects.toMatchObject({ code: "EFFECT_REFUSED" });
    } else {
      const { item, orderId } = delegated;
      const kind = { n: 0, role: "whole", lane: "order", service: "dns", command: "update", owner: "w" } as const;
      const begin = { ...kind, key: item, orderId, generation: 0, pinKey: item.pinKey, pinned: true, at: NOW };
      expect(await fixture.deps.effects.begin(begin)).toEqual({ kind: "refused", reason: "STALE_GENERATION" });
    }
    expect(sends()).toBe(0);
  });
});

describe("what may come in between", () => {
  it("a row that ends before its token is kept: the next attempt finds the end", async () => {
    const { deps, sends } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0));
    fixture.tasks.waiting.clear();
    await observeRow(fixture.deps, row(delegated));
    expect(answersOf(delegated)).toEqual([]);
    await handOver(deps, delegated.attempt(1));
    expect(answersOf(delegated).map(([token]) => token)).toEqual([`token-${delegated.claim.requestId}-1`]);
    expect(sends()).toBe(1);
  });

  it("a token that is kept while the end is told: its own attempt finds the end (C14)", async () => {
    const { deps } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0));
    const { delegation } = fixture.deps;
    const tokens: HandOverDeps["tokens"] = {
      keep: (key, token) => delegation.tokens.keep(key, token),
      remove: (key, attempt) => delegation.tokens.remove(key, attempt),
      read: async (key) => {
        const kept = await delegation.tokens.read(key);
        fixture.tasks.waiting.clear();
        await handOver(deps, delegated.attempt(1));
        return kept;
      },
    };
    await endDelegated({ ...delegation, tokens }, delegated.claim, done);
    expect(answersOf(delegated).map(([token]) => token)).toEqual([`token-${delegated.claim.requestId}-1`]);
  });

  it("a row that says otherwise before the task was answered: it is answered as the ledger says (C17)", async () => {
    const { deps } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0));
    const { delegation } = fixture.deps;
    const killed = { ...delegation, tokens: new Life(1, "before").wrap({ tokens: delegation.tokens }).tokens };
    await expect(endDelegated(killed, delegated.claim, refused)).rejects.toThrow();
    expect(await observeRow(fixture.deps, row(delegated))).toMatchObject({ kind: "contradicted" });
    expect(answersOf(delegated).map(([, answer]) => answer)).toMatchObject([{ status: "FAILED" }]);
  });

  it("a result that is too large to travel: it is kept, and its check goes on (N18)", async () => {
    const { deps } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0));
    const result = { domain: `${delegated.claim.pinKey}`, zone: "x".repeat(3_000) };
    await observeRow(fixture.deps, { ...row(delegated), result });
    const [ended] = await fixture.deps.effects.read(delegated.claim);
    expect(ended?.outcome).toMatchObject({ resultCheck: { bytes: JSON.stringify(result).length } });
    expect(ended?.outcome).not.toHaveProperty("result");
    expect(answersOf(delegated)[0]?.[1]).toMatchObject({ resultCheck: ended?.outcome?.resultCheck });
  });

  it("an attempt that lived on after its task timed out: the newer token stays", async () => {
    const { deps } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(7));
    await handOver(deps, delegated.attempt(6));
    await observeRow(fixture.deps, row(delegated));
    expect(answersOf(delegated).map(([token]) => token)).toEqual([`token-${delegated.claim.requestId}-7`]);
  });

  it("a row observed twice, or by two at once: the task is answered once", async () => {
    const { deps } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0));
    await Promise.all([1, 2, 3].map(() => observeRow(fixture.deps, row(delegated))));
    await observeRow(fixture.deps, row(delegated));
    expect(answersOf(delegated)).toHaveLength(1);
  });

  it("a row that later says otherwise is told, and changes nothing", async () => {
    const { deps } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0));
    await endDelegated(fixture.deps.delegation, delegated.claim, refused);
    expect(await observeRow(fixture.deps, row(delegated))).toMatchObject({ kind: "contradicted" });
    expect((await fixture.deps.effects.read(delegated.claim))[0]?.outcome).toEqual(refused);
  });

  it("a row that somebody changed before anything was handed over is nobody's end", async () => {
    const delegated = await aDelegated();
    expect(await observeRow(fixture.deps, row(delegated))).toEqual({ kind: "ignored" });
    expect(await fixture.deps.effects.read(delegated.claim)).toEqual([]);
  });
});

describe("a message that the legacy service could not do", () => {
  const lettered = async (body: string) => {
    const kept: Refusal[] = [];
    const quarantine = { keep: async (refusal: Refusal) => void kept.push(refusal) };
    const told = await deadLettered({ ...fixture.deps, quarantine }, aRecord(body));
    expect(kept).toMatchObject([{ code: "LEGACY_DEAD_LETTER", body }]);
    return told;
  };

  it("is told as given up, unless its row tells an end: that counts", async () => {
    for (const ended of [false, true]) {
      const { deps, queue } = aWorld();
      const delegated = await aDelegated();
      await handOver(deps, delegated.attempt(0));
      if (ended) await fixture.deps.tracking.create(delegated.item, row(delegated));
      const told = await lettered(queue.get(requestKeyText(delegated.claim)) ?? "");
      expect(told).toEqual({ key: keyOf(delegated.claim), gaveUp: !ended });
      const failed = { status: "FAILED", Error: { Code: "LEGACY_DEAD_LETTER" } };
      expect(answersOf(delegated)[0]?.[1]).toMatchObject(ended ? { status: "COMPLETED" } : failed);
    }
  });

  it("is kept and no more where it is no message, or no delegated request's", async () => {
    expect(await lettered("{")).toEqual({ key: undefined, gaveUp: false });
    const { deps, queue } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0));
    const body = JSON.parse(queue.get(requestKeyText(delegated.claim)) ?? "");
    const native = aClaim("order", { route: ROUTE });
    await fixture.deps.claims.claim(native);
    const told = await lettered(JSON.stringify({ ...body, requestId: native.requestId }));
    expect(told).toEqual({ key: undefined, gaveUp: false });
  });
});

describe("the token", () => {
  it("stands in the ledger sealed, and is gone when it was used", async () => {
    const { deps } = aWorld();
    const delegated = await aDelegated();
    await handOver(deps, delegated.attempt(0, "a very secret token"));
    const { tokens, vault } = fixture.deps.delegation;
    const kept = await tokens.read(delegated.claim);
    expect(JSON.stringify(kept)).not.toContain("secret");
    expect(vault.open(kept?.sealed ?? "", requestKeyText(delegated.claim))).toBe("a very secret token");
    expect(() => vault.open(kept?.sealed ?? "", "another request")).toThrow();
    await observeRow(fixture.deps, row(delegated));
    expect(await tokens.read(delegated.claim)).toBeUndefined();
  });
});

describe("a process that is killed at any call leads to the same end (P1, P2)", () => {
  const CALLS = Array.from({ length: 12 }, (_, i) => i + 1);

  it.each(CALLS.flatMap((n) => (["before", "after"] as const).map((when) => [when, n] as const)))(
    "%s call %i of the hand-over",
    async (when, n) => {
      const { deps, queue, sends } = aWorld();
      const delegated = await aDelegated();
      const life = new Life(n, when);
      const mortal = {
        ...deps,
        ...life.wrap({ effects: deps.effects, tokens: deps.tokens, forwarder: deps.forwarder, tasks: deps.tasks }),
      };
      const first = await handOver(mortal, delegated.attempt(0)).catch((error: unknown) => error);
      if (life.crashedAt === undefined) expect(first).toBeUndefined();
      // The task of an attempt that was killed is over: its token is of no use any more.
      fixture.tasks.waiting.clear();
      await handOver(deps, delegated.attempt(1));
      // A FIFO queue drops the second send, where the mark was lost.
      expect(queue.size).toBe(1);
      expect(sends()).toBeLessThanOrEqual(2);
      await observeRow(fixture.deps, row(delegated));
      expect(answersOf(delegated)).toHaveLength(1);
      expect(await fixture.deps.charges.read(delegated.orderId)).toMatchObject({
        openEffects: [],
        done: [requestKeyText(delegated.claim)],
      });
    },
  );

  it.each(CALLS.slice(0, 5).flatMap((n) => (["before", "after"] as const).map((when) => [when, n] as const)))(
    "%s call %i of the end",
    async (when, n) => {
      const { deps } = aWorld();
      const delegated = await aDelegated();
      await handOver(deps, delegated.attempt(0));
      const { delegation } = fixture.deps;
      const life = new Life(n, when);
      const mortal = {
        ...fixture.deps,
        delegation: {
          ...delegation,
          ...life.wrap({ effects: delegation.effects, tokens: delegation.tokens, tasks: delegation.tasks }),
        },
      };
      await observeRow(mortal, row(delegated)).catch(() => undefined);
      await observeRow(fixture.deps, row(delegated));
      expect(answersOf(delegated)).toHaveLength(1);
      expect((await fixture.deps.charges.read(delegated.orderId)).openEffects).toEqual([]);
    },
  );
});

describe("the row of delegated work", () => {
  const standing = { fence: 7, generation: 0, at: NOW };
  const endOf = (item: OrderItem, outcome: typeof done) => {
    const { itemId, route, requestId } = item;
    return { itemId, route, requestId, ...outcome };
  };

  it("is the legacy service's to write: the mirror ends the claim, frees the pin, and leaves the row alone", async () => {
    const { item, claim } = await aDelegated();
    await fixture.deps.tracking.create(item, row({ claim }));
    expect(await mirrorItem(fixture.deps, item, { ...standing, fence: 1 })).toBe("kept-out");
    expect(await mirrorItem(fixture.deps, item, standing, endOf(item, done))).toBe("kept-out");
    expect(await fixture.deps.tracking.read(item)).toEqual(row({ claim }));
    expect(await fixture.deps.claims.read(claim)).toMatchObject({
      endedAt: NOW,
      orderOutcome: { status: "COMPLETED" },
    });
    const next = aClaim("legacy", { pinKey: claim.pinKey });
    expect(await fixture.deps.claims.claim(next)).toMatchObject({ kind: "claimed" });
    // Later images of the row are the legacy service's own, too.
    expect(await observeRow(fixture.deps, row({ claim }, "PROCESSING"))).toEqual({ kind: "ignored" });
  });

  it("is not told that its order runs", async () => {
    const { item, claim } = await aDelegated();
    await fixture.deps.tracking.create(item, row({ claim }, "RECEIVED"));
    expect(await mirrorItem(fixture.deps, item, { ...standing, fence: 1 })).toBe("kept-out");
    expect(await fixture.deps.tracking.read(item)).toEqual(row({ claim }, "RECEIVED"));
    expect((await fixture.deps.claims.read(claim))?.mirrored).toBeUndefined();
  });

  it("is put right when the old publisher writes it after the legacy service has ended it (A8)", async () => {
    const { item, claim } = await aDelegated();
    await fixture.deps.tracking.create(item, row({ claim }));
    await mirrorItem(fixture.deps, item, standing, endOf(item, done));
    const late = row({ claim }, "RECEIVED");
    await ledger.client.send(new PutCommand({ TableName: "tracking", Item: late }));
    expect(await observeRow(fixture.deps, late)).toMatchObject({ kind: "restored" });
    expect(await fixture.deps.tracking.read(item)).toEqual({ ...row({ claim }), crossfadeFence: 7 });
  });

  it("that the mirror ended is still the mirror's, when it was killed before it ended the claim (A8)", async () => {
    const { item, claim } = await aDelegated();
    await fixture.deps.tracking.create(item, row({ claim }, "RECEIVED"));
    const { claims } = fixture.deps;
    const mortal = { ...fixture.deps, claims: new Life(2, "before").wrap({ claims }).claims };
    await expect(mirrorItem(mortal, item, standing, endOf(item, refused))).rejects.toThrow();
    await mirrorItem(fixture.deps, item, standing, endOf(item, refused));
    const after = await claims.read(claim);
    expect(after).toMatchObject({ endedAt: NOW, mirrored: { fence: 7, image: { errorCode: "DOMAIN_TAKEN" } } });
    expect(after?.mirrored?.image).not.toHaveProperty("createdAt");
  });

  it("is told the end where the legacy service never had the work, or gave up (P6)", async () => {
    const { item, claim } = await aDelegated();
    await fixture.deps.tracking.create(item, row({ claim }, "RECEIVED"));
    expect(await mirrorItem(fixture.deps, item, standing, endOf(item, refused))).toBe("written");
    expect(await fixture.deps.tracking.read(item)).toMatchObject({ status: "FAILED", crossfadeFence: 7 });
  });
});

describe("one domain (P4)", () => {
  it("never has delegated and native work at once", async () => {
    const { claim } = await aDelegated();
    const pin = { lane: "delegate", entries: [pinEntry(claim, 0)] };
    for (const other of [aClaim("order", { pinKey: claim.pinKey }), aClaim("legacy", { pinKey: claim.pinKey })]) {
      expect(await fixture.deps.claims.claim(other)).toEqual({ kind: "pinned", pin });
    }
    const same = aClaim("order", { pinKey: claim.pinKey, integration: "delegate" });
    expect(await fixture.deps.claims.claim(same)).toMatchObject({ kind: "claimed" });
  });

  it("is pinned as delegated by an item that takes its pin with its effect, too (A9)", async () => {
    const { deps } = aWorld();
    const domain = PinKey.parse(`${randomUUID()}.fi`);
    const { attempt, claim } = await aDelegated({ pinKey: undefined });
    const work = attempt(0);
    await handOver(deps, { ...work, item: { ...work.item, pinKey: domain, pinned: false } });
    const other = aClaim("order", { pinKey: domain });
    const pin = { lane: "delegate", entries: [pinEntry(claim, 0)] };
    expect(await fixture.deps.claims.claim(other)).toEqual({ kind: "pinned", pin });
  });
});
