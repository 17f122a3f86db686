import {
  BridgeError,
  type ChargeDecision,
  type EffectRequest,
  type ExternalCommand,
  type FindResult,
  type Outcome,
  performEffect,
  resolveOpenEffects,
} from "@crossfade/bridge";
import { DynamoDbCharges } from "@crossfade/bridge/adapters/dynamodb-charges";
import { DynamoDbClaims } from "@crossfade/bridge/adapters/dynamodb-claims";
import { DynamoDbEffects } from "@crossfade/bridge/adapters/dynamodb-effects";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { aClaim, done, NOW, refused } from "./support/samples.ts";

let ledger: LedgerFixture;
let claims: DynamoDbClaims;
let effects: DynamoDbEffects;
let charges: DynamoDbCharges;

beforeAll(async () => {
  ledger = await startLedger();
  claims = new DynamoDbClaims(ledger.client, ledger.table);
  effects = new DynamoDbEffects(ledger.client, ledger.table);
  charges = new DynamoDbCharges(ledger.client, ledger.table);
});
afterAll(() => ledger.close());

const deps = () => ({ claims, effects, clock: { now: () => NOW } });

async function anOrder(given: Parameters<typeof aClaim>[1] = {}, owner = "w1") {
  const claim = aClaim("order", given);
  if (claim.orderId === undefined) throw new Error("an order claim has an order");
  if (claim.origin === "direct") await claims.claimAll({ orderId: claim.orderId, hash: "h" }, [claim]);
  else await claims.claim(claim);
  const request: EffectRequest = {
    key: claim,
    n: 0,
    role: "whole",
    lane: "order",
    orderId: claim.orderId,
    generation: 0,
    pinKey: claim.pinKey,
    pinned: claim.origin === "message",
    service: "registry",
    command: "register",
    owner,
  };
  return { claim, request, orderId: claim.orderId };
}

/** A service that remembers what it was sent; `script` says what happens to each send. */
function service(script: ("done" | "refused" | "not-done" | "lost-answer" | "lost")[], canTell = true) {
  const received: string[] = [];
  const known = new Map<string, Outcome>();
  const command: ExternalCommand = {
    async send(id) {
      const what = script.shift();
      if (what === "not-done") return { kind: "not-done", reason: "unavailable" };
      if (what === "lost") throw new Error("connection refused");
      received.push(id);
      const outcome = what === "refused" ? refused : done;
      known.set(id, outcome);
      if (what === "lost-answer") throw new Error("socket hang up");
      return { kind: "ended", outcome };
    },
    async find(id) {
      if (!canTell) return { kind: "unknown" };
      const outcome = known.get(id);
      return outcome ? { kind: "ended", outcome } : { kind: "never-received" };
    },
  };
  return { command, received };
}

describe("an effect (A7)", () => {
  it("is performed once, and a second begin returns the recorded result", async () => {
    const { request, orderId, claim } = await anOrder();
    const registry = service(["done", "done"]);
    expect(await performEffect(deps(), request, registry.command)).toEqual(done);
    expect(await performEffect(deps(), { ...request, owner: "w2" }, registry.command)).toEqual(done);
    expect(registry.received).toHaveLength(1);
    expect(await charges.read(orderId)).toMatchObject({ openEffects: [], done: [`${claim.route}#${claim.requestId}`] });
  });

  it("is sent once by workers that race for it", async () => {
    const { request } = await anOrder();
    const registry = service(["done", "done", "done"], false);
    const racing = ["w1", "w2", "w3"].map((owner) => performEffect(deps(), { ...request, owner }, registry.command));
    const ends = await Promise.allSettled(racing);
    expect(registry.received).toHaveLength(1);
    expect(ends.filter((end) => end.status === "fulfilled").length).toBeGreaterThan(0);
  });

  it("whose answer was lost is asked for, not repeated", async () => {
    const { request } = await anOrder();
    const registry = service(["lost-answer", "done"]);
    expect(await performEffect(deps(), request, registry.command)).toEqual(done);
    expect(registry.received).toHaveLength(1);
  });

  it("that the service never did is forgotten, and begins anew", async () => {
    const { request, orderId } = await anOrder();
    const registry = service(["not-done", "lost", "refused"]);
    for (let i = 0; i < 2; i++) {
      await expect(performEffect(deps(), request, registry.command)).rejects.toMatchObject({
        code: "DEPENDENCY_FAILED",
      });
      expect((await charges.read(orderId)).openEffects).toEqual([]);
    }
    expect(await performEffect(deps(), request, registry.command)).toEqual(refused);
    expect((await charges.read(orderId)).done).toEqual([]);
  });

  it("of a killed worker is taken over when the service never received it", async () => {
    const { request } = await anOrder();
    await effects.begin({ ...request, owner: "killed", at: NOW });
    const registry = service(["done"]);
    expect(await performEffect(deps(), request, registry.command)).toEqual(done);
    expect(registry.received).toHaveLength(1);
    expect(await effects.end({ ...request, owner: "killed" }, refused)).toBe(false);
    expect((await effects.read(request.key))[0]?.outcome).toEqual(done);
  });

  it("stays open when nobody can tell what happened, and keeps the charge undecided (P7)", async () => {
    const { request, orderId } = await anOrder();
    await effects.begin({ ...request, owner: "killed", at: NOW });
    const registry = service(["done"], false);
    await expect(performEffect(deps(), request, registry.command)).rejects.toMatchObject({ code: "EFFECT_OPEN" });
    expect(registry.received).toEqual([]);
    const { version } = await charges.read(orderId);
    expect(await charges.decide(orderId, { kind: "cancel" }, { version, generation: 0, at: NOW })).toEqual({
      kind: "not-now",
    });
  });

  it.each([
    ["no claim", "NO_CLAIM"],
    ["a generation that is over", "STALE_GENERATION"],
    ["a generation of which the ledger knows nothing", "REDRIVEN_BY_HAND"],
    ["an ended claim", "STALE_GENERATION"],
    ["a claim on the legacy path", "STALE_GENERATION"],
    ["a decided charge", "DECIDED"],
    ["a pin that holds no such entry", "NOT_PINNED"],
    ["a pin that holds another request's entry alone", "NOT_PINNED"],
  ])("does not begin with %s", async (what, reason) => {
    const { request, orderId, claim } = await anOrder(what.endsWith("is over") ? { generation: 1 } : {});
    let wanted = request;
    if (what === "no claim") wanted = { ...request, key: aClaim("order") };
    if (what.startsWith("a generation of which")) wanted = { ...request, generation: 1 };
    if (what === "a claim on the legacy path") {
      const other = aClaim("legacy");
      await claims.claim(other);
      wanted = { ...request, key: other, pinKey: other.pinKey };
    }
    if (what === "an ended claim") {
      await claims.mirror(claim, { fence: 7, image: {} }, { generation: 0, outcome: done, at: NOW });
    }
    if (what === "a decided charge")
      await charges.decide(orderId, { kind: "cancel" }, { version: 0, generation: 0, at: NOW });
    if (what.endsWith("alone")) await claims.claim(aClaim("order", { pinKey: claim.pinKey }));
    if (what.startsWith("a pin") && claim.pinKey) {
      await claims.releasePin(claim.pinKey, [`${claim.route}#${claim.requestId}@0`]);
    }
    const registry = service(["done"]);
    const error = await performEffect(deps(), wanted, registry.command).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BridgeError);
    const code = reason === "REDRIVEN_BY_HAND" ? reason : "EFFECT_REFUSED";
    expect(error).toMatchObject({ code, disposition: "reject", details: { reason } });
    expect(registry.received).toEqual([]);
  });
});

describe("the ledger's own conditions on an effect", () => {
  const begun = async () => {
    const placed = await anOrder();
    await effects.begin({ ...placed.request, at: NOW });
    return placed;
  };

  it("one that has ended is taken over by nobody, ended by nobody again, and never forgotten (E3)", async () => {
    const { request, orderId } = await begun();
    expect(await effects.end(request, done)).toBe(true);
    const { version } = await charges.read(orderId);
    expect(await effects.takeOver(request, request.owner, "w2")).toBe(false);
    expect(await effects.end(request, refused)).toBe(false);
    await effects.forget(request);
    expect(await effects.read(request.key)).toMatchObject([{ owner: request.owner, outcome: done }]);
    expect((await charges.read(orderId)).version).toBe(version);
  });

  it("one that another worker has by now is not forgotten by its first owner (E11)", async () => {
    const { request, orderId } = await begun();
    expect(await effects.takeOver(request, request.owner, "w2")).toBe(true);
    expect(await effects.takeOver(request, request.owner, "w3")).toBe(false);
    await effects.forget(request);
    expect(await effects.read(request.key)).toMatchObject([{ owner: "w2", outcome: undefined }]);
    expect((await charges.read(orderId)).openEffects).toHaveLength(1);
  });

  it("its recorded end outranks every reason why it may not begin", async () => {
    const { request, orderId, claim } = await begun();
    await effects.end(request, done);
    await charges.decide(
      orderId,
      { kind: "cancel" },
      { version: (await charges.read(orderId)).version, generation: 0, at: NOW },
    );
    await claims.mirror(claim, { fence: 7, image: {} }, { generation: 0, outcome: done, at: NOW });
    expect(await effects.begin({ ...request, at: NOW })).toMatchObject({ kind: "exists", effect: { outcome: done } });
    // Nobody need be asked.
    expect(await performEffect(deps(), request, service([], false).command)).toEqual(done);
  });

  it("work that is done and unpaid is done", async () => {
    const { request, orderId } = await begun();
    await effects.end(request, { ...done, status: "COMPLETED_UNPAID" });
    expect((await charges.read(orderId)).done).toHaveLength(1);
  });
});

describe("a command in hand", () => {
  it("whose answer is lost stays open where the service cannot tell, and is not sent again (E2a)", async () => {
    const { request, orderId } = await anOrder();
    const registry = service(["lost-answer", "done"], false);
    for (let attempt = 0; attempt < 2; attempt++) {
      const failure = performEffect(deps(), request, registry.command);
      await expect(failure).rejects.toMatchObject({ code: "EFFECT_OPEN", details: { mine: true } });
    }
    expect(registry.received).toHaveLength(1);
    expect((await charges.read(orderId)).openEffects).toHaveLength(1);
    await effects.end(request, done);
  });

  it("ends as another wrote it first", async () => {
    const { request } = await anOrder();
    const slow: ExternalCommand = {
      ...service([]).command,
      async send() {
        await effects.end(request, refused);
        return { kind: "ended", outcome: done };
      },
    };
    expect(await performEffect(deps(), request, slow)).toEqual(refused);
  });
});

describe("an effect that was left open", () => {
  const resolve = (command: ExternalCommand) =>
    resolveOpenEffects(deps(), "registry", (_, id) => command.find(id), { limit: 500 });

  it("is ended from what the service says, with nobody left to ask for it, and frees the charge (P7)", async () => {
    const { request, orderId, claim } = await anOrder();
    await effects.begin({ ...request, owner: "killed", at: NOW });
    const registry = service(["lost-answer"]);
    await registry.command.send(`${claim.route}#${claim.requestId}#0`).catch(() => undefined);
    expect(await resolve(registry.command)).toMatchObject({ ended: 1 });
    expect(await charges.read(orderId)).toMatchObject({ openEffects: [], done: [`${claim.route}#${claim.requestId}`] });
    expect(registry.received).toHaveLength(1);
  });

  it("is forgotten when the command was never sent, and sends nothing", async () => {
    const { request, orderId } = await anOrder();
    await effects.begin({ ...request, owner: "killed", at: NOW });
    const registry = service(["done"]);
    await resolve(registry.command);
    expect(registry.received).toEqual([]);
    expect(await charges.read(orderId)).toMatchObject({ openEffects: [], done: [] });
    expect(await effects.read(request.key)).toEqual([]);
  });

  it("stays open while the service cannot tell", async () => {
    const { request, orderId } = await anOrder();
    await effects.begin({ ...request, owner: "killed", at: NOW });
    expect((await resolve(service([], false).command)).unknown).toBeGreaterThan(0);
    expect((await charges.read(orderId)).openEffects).toHaveLength(1);
    await resolve(service([]).command);
  });

  it("is reached though the service fails when it is asked about another", async () => {
    const [first, second] = [await anOrder(), await anOrder()];
    for (const { request } of [first, second])
      await effects.begin({ ...request, service: "moody", owner: "killed", at: NOW });
    let asked = 0;
    const answer = async (): Promise<FindResult> => {
      if (asked++ === 0) throw new Error("no answer");
      return { kind: "ended", outcome: done };
    };
    const resolved = await resolveOpenEffects(deps(), "moody", answer, { limit: 500 });
    expect(resolved).toMatchObject({ ended: 1, unknown: 1 });
  });

  it("is reached though others of its service stay open before it, however few a round looks at", async () => {
    const stuck = [await anOrder(), await anOrder(), await anOrder()];
    for (const { request } of stuck) await effects.begin({ ...request, service: "slow", owner: "killed", at: NOW });
    const last = await anOrder();
    await effects.begin({ ...last.request, service: "slow", owner: "killed", at: NOW + 1 });
    const answer = async (_: string, id: string): Promise<FindResult> =>
      id.includes(last.request.key.requestId) ? { kind: "ended", outcome: done } : { kind: "unknown" };
    let after: string | undefined;
    let ended = 0;
    for (let round = 0; round < 5 && ended === 0; round++) {
      const resolved = await resolveOpenEffects(deps(), "slow", answer, { limit: 1, after });
      after = resolved.next;
      ended += resolved.ended;
    }
    expect(ended).toBe(1);
    expect((await charges.read(last.orderId)).openEffects).toEqual([]);
  });

  it("is no longer listed once it has ended", async () => {
    const { request } = await anOrder();
    await performEffect(deps(), request, service(["done"]).command);
    const open = await effects.open("registry", 500);
    expect(open.entries.filter(({ key }) => key.requestId === request.key.requestId)).toEqual([]);
  });
});

describe("an item of several commands", () => {
  it("is done when the last of them completes, and not by a part or by its reversal (P7)", async () => {
    const { request, orderId, claim } = await anOrder();
    const perform = (n: number, role: EffectRequest["role"], plan: "done" | "refused") =>
      performEffect(deps(), { ...request, n, role }, service([plan]).command);
    const doneItems = async () => (await charges.read(orderId)).done;
    await perform(0, "part", "done");
    expect(await doneItems()).toEqual([]);
    await perform(1, "whole", "refused");
    await perform(2, "reversal", "done");
    expect(await doneItems()).toEqual([]);
    expect((await effects.read(claim)).map(({ n, role, outcome }) => [n, role, outcome?.status])).toEqual([
      [0, "part", "COMPLETED"],
      [1, "whole", "FAILED"],
      [2, "reversal", "COMPLETED"],
    ]);
  });

  it("keeps the charge open while its second command is under way", async () => {
    const { request, orderId } = await anOrder();
    await performEffect(deps(), { ...request, role: "part" }, service(["done"]).command);
    const { version } = await charges.read(orderId);
    await effects.begin({ ...request, n: 1, at: NOW });
    expect(await charges.decide(orderId, { kind: "cancel" }, { version, generation: 0, at: NOW })).toEqual({
      kind: "not-now",
    });
    await effects.end({ ...request, n: 1 }, done);
    expect((await charges.read(orderId)).done).toHaveLength(1);
  });
});

describe("an item of an order placed directly (A9)", () => {
  it("waits while the other path holds its pin, and takes it when that has ended", async () => {
    const legacy = aClaim("legacy");
    await claims.claim(legacy);
    const { request } = await anOrder({ origin: "direct", pinKey: legacy.pinKey });
    const registry = service(["done"]);
    await expect(performEffect(deps(), request, registry.command)).rejects.toMatchObject({ code: "PIN_BUSY" });
    expect(registry.received).toEqual([]);
    await claims.endLegacy(legacy, done, {}, NOW);
    expect(await performEffect(deps(), request, registry.command)).toEqual(done);
  });
});

describe("the charge decision (P7)", () => {
  it("is written once", async () => {
    const { orderId } = await anOrder();
    expect(await charges.decide(orderId, { kind: "cancel" }, { version: 0, generation: 0, at: NOW })).toEqual({
      kind: "decided",
      decision: { kind: "cancel" },
    });
    const other: ChargeDecision = { kind: "capture", items: ["x"], sum: 1 };
    expect(await charges.decide(orderId, other, { version: 0, generation: 0, at: NOW })).toEqual({ kind: "not-now" });
    expect((await charges.read(orderId)).decision).toEqual({ kind: "cancel" });
  });

  it("is refused when an effect came and went since the record was read (E5)", async () => {
    const { request, orderId } = await anOrder();
    const { version } = await charges.read(orderId);
    await performEffect(deps(), request, service(["done"]).command);
    expect(await charges.decide(orderId, { kind: "cancel" }, { version, generation: 0, at: NOW })).toEqual({
      kind: "not-now",
    });
  });
});
