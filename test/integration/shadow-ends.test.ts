import { randomUUID } from "node:crypto";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import {
  type Claim,
  CohortKey,
  CorrelationId,
  type ExecutionDescription,
  ItemOutcome,
  keyOf,
  mirrorExecution,
  type OrderDraft,
  PinKey,
  pinEntry,
  type ReconcileDeps,
  RequestId,
  reconcile,
  redriveOrder,
  type ShadowOrder,
  settleExecution,
  shadowExecutionName,
  shadowFromMessage,
  shadowIn,
  twinExecutionName,
} from "@crossfade/bridge";
import { DynamoDbBookmarks } from "@crossfade/bridge/adapters/dynamodb-in-flight";
import { DynamoDbRedrives } from "@crossfade/bridge/adapters/dynamodb-redrives";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { type OrdersFixture, ordersOn } from "./support/orders.ts";
import { aClaim, NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
let fixture: OrdersFixture;
beforeAll(async () => {
  ledger = await startLedger();
  fixture = await ordersOn(ledger);
});
beforeEach(() => fixture.setNow(NOW));
afterAll(() => ledger.close());

interface Planned {
  readonly claim: Claim;
  readonly order: ShadowOrder;
  execution(status: ExecutionDescription["status"], given?: Partial<ExecutionDescription>): ExecutionDescription;
}

const effects = [{ service: "registry", command: "register", target: "example.fi" }];

/** A forwarded message whose order is planned; its claim holds a legacy pin, and is open. */
async function planned(given: Partial<Claim> = {}): Promise<Planned> {
  const plain = aClaim("legacy", { stage: "shadow", forwardedAt: NOW, ...given });
  const key = keyOf(plain);
  const claim = { ...plain, shadow: { executionName: shadowExecutionName("webcat", key) } };
  expect(await fixture.deps.claims.claim(claim)).toMatchObject({ kind: "claimed" });
  const item = { itemId: "1", ...key, action: "RegisterDomain", pinKey: claim.pinKey, price: 100, input: {} };
  const payment = { authorisationId: `auth-${claim.requestId}`, amount: 100 };
  await fixture.deps.payments.authorise(payment.authorisationId, 100, claim.requestId);
  const draft = (): OrderDraft => ({ customerId: CohortKey.parse("cust-1"), payment, items: [item] });
  const { order } = shadowFromMessage("webcat", key, draft, CorrelationId.parse("c"));
  const outcome = { status: "COMPLETED", items: [{ itemId: "1", ...key, status: "COMPLETED", effects }] };
  const output = JSON.stringify({ ...outcome, charge: { kind: "cancel" } });
  const { executionName } = order;
  return {
    claim,
    order,
    execution: (status, more = {}) => ({
      ...{ executionArn: executionName, status, redriveCount: 0, startedAt: NOW, error: undefined },
      stoppedAt: status === "RUNNING" ? undefined : NOW + 1_000,
      input: JSON.stringify(order),
      output: status === "SUCCEEDED" ? output : undefined,
      ...more,
    }),
  };
}

/** Everything but the claim: rows, charges, and all else of the ledger. */
async function allElse({ claim }: Planned): Promise<unknown> {
  const tables = [ledger.table, "tracking", "payments"].map(async (TableName) => {
    const { Items = [] } = await ledger.client.send(new ScanCommand({ TableName }));
    return Items.filter(({ pk }) => pk !== `REQ#${claim.route}#${claim.requestId}` && !String(pk).startsWith("JOB#"));
  });
  return Promise.all(tables);
}

const claimOf = ({ claim }: Planned) => fixture.deps.claims.read(claim);

/** The claim as it was, but for its shadow. */
const untouched = ({ claim }: Planned, shadow: object) => ({ ...claim, shadow: { ...claim.shadow, ...shadow } });

const UNSUCCESSFUL = ["FAILED", "TIMED_OUT", "ABORTED"] as const;

describe("the end of a plan (P8)", () => {
  it("is written into its claim, and nothing else is written", async () => {
    const plan = await planned();
    const before = await allElse(plan);
    expect(await mirrorExecution(fixture.deps, plan.execution("RUNNING"))).toMatchObject({ kind: "ignored" });
    expect(await claimOf(plan)).toEqual(plan.claim);
    expect(await mirrorExecution(fixture.deps, plan.execution("SUCCEEDED"))).toMatchObject({ kind: "shadow" });
    const ended = untouched(plan, { outcome: { status: "COMPLETED", effects }, endedAt: NOW + 1_000 });
    expect(await claimOf(plan)).toEqual(ended);
    expect(await allElse(plan)).toEqual(before);
  });

  it.each(UNSUCCESSFUL)("that came %s is its failure: no charge is settled, no row ends", async (status) => {
    const plan = await planned();
    const before = await allElse(plan);
    const execution = plan.execution(status, { error: "Crossfade.OrderNotPlanned" });
    expect(await mirrorExecution(fixture.deps, execution)).toMatchObject({ kind: "shadow" });
    expect(await settleExecution(fixture.deps, execution)).toMatchObject({ kind: "shadow" });
    const failure = { Code: `SHADOW_${status}`, Message: "Crossfade.OrderNotPlanned", Retryable: true };
    expect(await claimOf(plan)).toEqual(untouched(plan, { failure, endedAt: NOW + 1_000 }));
    expect(await allElse(plan)).toEqual(before);
  });

  it("whose item could not be planned is a failure with the plan's own reason", async () => {
    const plan = await planned();
    const failure = { Code: "PLAN_FAILED", Message: "years", Retryable: false };
    const item = ItemOutcome.parse({
      itemId: "1",
      ...keyOf(plan.claim),
      status: "FAILED",
      Error: failure,
      effects: [],
    });
    const output = JSON.stringify({ status: "FAILED", items: [item], charge: { kind: "cancel" } });
    await mirrorExecution(fixture.deps, plan.execution("SUCCEEDED", { output }));
    expect(await claimOf(plan)).toEqual(untouched(plan, { failure, endedAt: NOW + 1_000 }));
  });

  it("stands: what comes later, or of another name, changes nothing", async () => {
    const plan = await planned();
    await settleExecution(fixture.deps, plan.execution("ABORTED"));
    const ended = await claimOf(plan);
    await mirrorExecution(fixture.deps, plan.execution("SUCCEEDED", { redriveCount: 1, stoppedAt: NOW + 9_000 }));
    expect(await claimOf(plan)).toEqual(ended);
    const other = await planned();
    const end = { endedAt: NOW, outcome: { status: "COMPLETED" as const, effects: [] } };
    expect(await fixture.deps.claims.endShadow(keyOf(other.claim), plan.order.executionName, end)).toBe(false);
    const unplanned = aClaim("legacy");
    await fixture.deps.claims.claim(unplanned);
    expect(await fixture.deps.claims.endShadow(keyOf(unplanned), plan.order.executionName, end)).toBe(false);
    expect(await fixture.deps.claims.read(keyOf(unplanned))).toEqual(unplanned);
  });

  it.each(["before", "after"])("that comes %s the legacy end leaves claim and pin to it", async (when) => {
    const plan = await planned();
    const { claims } = fixture.deps;
    const legacy = { status: "COMPLETED" as const, effects: [] };
    if (when === "after") await claims.endLegacy(keyOf(plan.claim), legacy, {}, NOW + 5);
    await mirrorExecution(fixture.deps, plan.execution("SUCCEEDED"));
    if (when === "before") {
      expect((await claimOf(plan))?.endedAt).toBeUndefined();
      const other = aClaim("order", { pinKey: plan.claim.pinKey });
      expect(await claims.claim(other)).toMatchObject({
        ...{ kind: "pinned", pin: { lane: "legacy", entries: [pinEntry(plan.claim, 0)] } },
      });
      await claims.endLegacy(keyOf(plan.claim), legacy, {}, NOW + 5);
    }
    expect(await claimOf(plan)).toMatchObject({
      ...{ legacyOutcome: legacy, endedAt: NOW + 5, shadow: { endedAt: NOW + 1_000 } },
    });
  });
});

describe("the end of a twin", () => {
  const twinned = async () => {
    const plan = await planned();
    const { claims } = fixture.deps;
    const key = { route: plan.claim.route, requestId: RequestId.parse(randomUUID()) };
    const names = {
      executionName: shadowExecutionName("webcat", key),
      twin: { executionName: twinExecutionName("webcat", key) },
    };
    const claim = { ...plan.claim, ...key, pinKey: PinKey.parse(`${key.requestId}.fi`), shadow: names };
    await claims.claim(claim);
    const draft = (): OrderDraft => ({
      customerId: CohortKey.parse("cust-1"),
      items: [{ itemId: "1", ...key, action: "RegisterDomain", input: {} }],
    });
    const { order } = shadowFromMessage("webcat", key, draft, CorrelationId.parse("c"), "twin");
    const output = JSON.stringify({
      ...{ status: "COMPLETED", charge: { kind: "none" } },
      items: [{ itemId: "1", ...key, status: "COMPLETED", effects }],
    });
    const execution = (status: ExecutionDescription["status"]) => ({
      ...plan.execution(status, { input: JSON.stringify(order) }),
      output: status === "SUCCEEDED" ? output : undefined,
    });
    return { plan: { ...plan, claim }, execution };
  };

  it("is written beside the plan, once, and touches neither it nor anything else (P8)", async () => {
    const { plan, execution } = await twinned();
    const before = await allElse(plan);
    expect(await mirrorExecution(fixture.deps, execution("SUCCEEDED"))).toMatchObject({ kind: "shadow" });
    const twin = { ...plan.claim.shadow.twin, outcome: { status: "COMPLETED", effects }, endedAt: NOW + 1_000 };
    expect(await claimOf(plan)).toEqual(untouched(plan, { twin }));
    await settleExecution(fixture.deps, execution("ABORTED"));
    expect(await claimOf(plan)).toEqual(untouched(plan, { twin }));
    expect(await allElse(plan)).toEqual(before);
    const { entries } = await fixture.deps.claims.openShadows(plan.claim.route, NOW + 1, 100);
    expect(entries.map(({ requestId }) => requestId)).toContain(plan.claim.requestId);
  });

  it.each(UNSUCCESSFUL)("that came %s is the twin's failure alone", async (status) => {
    const { plan, execution } = await twinned();
    const before = await allElse(plan);
    await settleExecution(fixture.deps, execution(status));
    expect(await claimOf(plan)).toMatchObject({
      shadow: { twin: { failure: { Code: `SHADOW_${status}` } } },
    });
    expect((await claimOf(plan))?.shadow?.endedAt).toBeUndefined();
    expect(await allElse(plan)).toEqual(before);
  });

  it("of a claim that has no twin is written nowhere", async () => {
    const { execution } = await twinned();
    const plan = await planned();
    const end = { endedAt: NOW, outcome: { status: "COMPLETED" as const, effects: [] } };
    const name = twinExecutionName("webcat", plan.claim);
    expect(await fixture.deps.claims.endTwin(plan.claim, name, end)).toBe(false);
    expect(await claimOf(plan)).toEqual(plan.claim);
    expect(shadowIn(execution("RUNNING"))?.executionName).toMatch(/^twin-/);
  });
});

describe("reconcile", () => {
  const OPTIONS = { olderThanMs: 60_000, limit: 50, withinMs: 60_000 };
  const LATER = NOW + 3_600_000;

  const deps = (): ReconcileDeps => ({
    ...fixture.deps,
    bookmarks: new DynamoDbBookmarks(ledger.client, ledger.table),
    handOver: { ...fixture.deps.delegation, ...fixture.deps, payloads: fixture.payloads, ...NOBODY },
  });
  const NOBODY = { forwarder: { send: () => Promise.reject(new Error("nobody is asked")) }, targetOf: () => undefined };

  /** Whatever earlier tests left open is told to have ended. */
  async function nothingIsOpen(): Promise<void> {
    for (const route of fixture.deps.migration.routes.keys()) {
      const { entries } = await fixture.deps.claims.openShadows(route, LATER, 100);
      const failure = { Code: "OVER", Message: "", Retryable: false };
      for (const claim of entries) {
        if (claim.shadow)
          await fixture.deps.claims.endShadow(keyOf(claim), claim.shadow.executionName, { endedAt: 0, failure });
      }
      const { entries: open } = await fixture.deps.claims.inFlight(route, LATER, 100);
      for (const claim of open)
        await fixture.deps.claims.endLegacy(keyOf(claim), { status: "COMPLETED", effects: [] }, {}, 0);
    }
  }
  beforeEach(async () => {
    await nothingIsOpen();
    fixture.setNow(LATER);
  });

  it.each([
    ["SUCCEEDED", { outcome: { status: "COMPLETED", effects } }],
    ["FAILED", { failure: { Code: "SHADOW_FAILED" } }],
    ["ABORTED", { failure: { Code: "SHADOW_ABORTED" } }],
  ] as const)(
    "finds a plan that came %s and whose event was lost, also where its request has ended",
    async (status, end) => {
      for (const over of [false, true]) {
        const plan = await planned();
        if (over) await fixture.deps.claims.endLegacy(keyOf(plan.claim), { status: "COMPLETED", effects: [] }, {}, NOW);
        fixture.executions.set(plan.execution(status));
        const before = await allElse(plan);
        expect(await reconcile(deps(), OPTIONS)).toMatchObject({ shadowsEnded: 1, failed: 0, settled: [] });
        expect(await claimOf(plan)).toMatchObject({ shadow: { ...end, endedAt: NOW + 1_000 } });
        expect((await claimOf(plan))?.endedAt).toBe(over ? NOW : undefined);
        expect(await allElse(plan)).toEqual(before);
        await nothingIsOpen();
      }
    },
  );

  it("leaves alone one that runs, one that is young, and one whose message is still to be forwarded", async () => {
    const running = await planned();
    fixture.executions.set(running.execution("RUNNING"));
    const young = await planned({ decidedAt: LATER - 1_000, forwardedAt: LATER - 1_000 });
    const { forwardedAt: _, ...waiting } = aClaim("legacy", { forwardedAt: undefined });
    const unsent = await planned({ ...waiting, forwardedAt: undefined });
    expect(await reconcile(deps(), OPTIONS)).toMatchObject({ shadowsEnded: 0, failed: 0 });
    for (const plan of [running, young, unsent]) expect((await claimOf(plan))?.shadow?.endedAt).toBeUndefined();
  });

  it("says of one that never began that it did not: whoever should have started it died before", async () => {
    const plan = await planned();
    expect(await reconcile(deps(), OPTIONS)).toMatchObject({ shadowsEnded: 1 });
    expect(await claimOf(plan)).toMatchObject({ shadow: { failure: { Code: "SHADOW_NOT_STARTED" }, endedAt: LATER } });
  });

  it("looks at plans only as far as requests leave it something of its limit", async () => {
    for (let i = 0; i < 3; i++) await planned();
    expect(await reconcile(deps(), { ...OPTIONS, limit: 4 })).toMatchObject({ looked: 4, shadowsEnded: 1 });
    expect(await reconcile(deps(), { ...OPTIONS, limit: 3 })).toMatchObject({ looked: 3, shadowsEnded: 0 });
  });
});

it("a plan is never redriven: the ledger would go on to a generation that it does not have", async () => {
  const plan = await planned();
  fixture.executions.set(plan.execution("FAILED"));
  const unexpected = async (): Promise<never> => Promise.reject(new Error("a plan is not redriven"));
  const before = await allElse(plan);
  const redriver = { redrive: unexpected, unsuccessful: async () => plan.order.executionName };
  const redrives = new DynamoDbRedrives(ledger.client, ledger.table);
  const result = await redriveOrder({ ...fixture.deps, redrives, redriver }, plan.order.orderId, {
    by: "aino",
    reason: "try",
  });
  expect(result).toMatchObject({ kind: "refused", code: "UNKNOWN_ORDER" });
  expect([await allElse(plan), await claimOf(plan)]).toEqual([before, plan.claim]);
});
