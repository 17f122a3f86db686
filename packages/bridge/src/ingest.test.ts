import { describe, expect, it } from "vitest";
import * as z from "zod";
import { NO_ROUTE } from "./compare/index.ts";
import { type IngestDeps, ingestRecord } from "./ingest.ts";
import type { OrderDraft } from "./order.ts";
import type { Refusal, RejectedMessage } from "./ports.ts";
import type { Path } from "./rollout.ts";
import { defineMigration, defineRoute } from "./route.ts";
import { aRecord, bridgeError, clock, REGISTER, ScriptedClaims } from "./testing.ts";

const ARN = "arn:aws:sqs:eu-west-1:000000000000:domains";
const Message = z.strictObject({ type: z.literal("REGISTER_DOMAIN"), requestId: z.string(), customer: z.string() });
const body = { type: "REGISTER_DOMAIN", requestId: "r1", customer: "cust-1" };

/** Ingest over ports that note what they were asked, in order. */
function fixture(
  path: Path,
  toOrder: (message: z.infer<typeof Message>) => OrderDraft,
  ledger = new ScriptedClaims(["claimed", "claimed"]),
  {
    sample,
    baseline,
    planFails,
    twinFails,
  }: {
    readonly sample?: number;
    readonly baseline?: number;
    readonly planFails?: Error;
    readonly twinFails?: Error;
  } = {},
) {
  const log: string[] = [];
  const kept: Refusal[] = [];
  /** What is to be counted of refused messages, and how many of them were kept by then. */
  const noted: (readonly [RejectedMessage, number])[] = [];
  const route = defineRoute<z.infer<typeof Message>>({
    type: "REGISTER_DOMAIN",
    message: Message,
    requestId: (message) => message.requestId,
    cohort: (message) => message.customer,
    toOrder,
    toTracking: () => ({}),
    legacyOutcome: () => undefined,
  });
  const deps: IngestDeps = {
    migration: defineMigration({
      name: "webcat",
      routes: [route],
      tracking: {
        keyAttribute: "requestId",
        fenceAttribute: "fence",
        endAttributes: [],
        read: () => undefined,
        received: () => ({}),
        working: () => ({}),
      },
    }),
    sources: [{ queueArn: ARN, topicArns: [], forward: { queueUrl: "https://queue/forward.fifo", kind: "fifo" } }],
    flag: {
      choose: async () => ({
        ...{ path, reason: "bucket", bucket: 7, rolloutVersion: 1 },
        ...(sample === undefined ? { stage: "split" } : { stage: "shadow", sample, baseline }),
      }),
    },
    ledger,
    orders: {
      start: async (name) => {
        log.push(`start ${name.slice(0, 6)}`);
        return { kind: "started" };
      },
    },
    payloads: { put: async ({ check }) => void log.push(`keep ${check.bytes} bytes`) },
    shadow: {
      orders: {
        start: async (name) => {
          log.push(`plan ${name.slice(0, 7)} when ${ledger.marked.join()}`);
          if (planFails !== undefined) throw planFails;
          if (twinFails !== undefined && name.startsWith("twin-")) throw twinFails;
          return { kind: "started" };
        },
      },
      payloads: { put: async ({ check }) => void log.push(`keep ${check.bytes} bytes for the plan`) },
    },
    forwarder: { send: async (message) => void log.push(`send ${message.body}`) },
    quarantine: { keep: async (refusal) => void kept.push(refusal) },
    rejections: { keepRejected: async (message) => void noted.push([message, kept.length]) },
    redelivery: { comeBackIn: async (seconds) => void log.push(`back in ${seconds}`) },
    tracking: {
      read: async () => undefined,
      write: async () => "no-row",
      restore: async () => false,
      create: async () => {},
    },
    clock,
    identities: { next: () => "me" },
    leaseMs: 60_000,
  };
  return { deps, ledger, log, kept, noted };
}

const item = { itemId: "i", route: REGISTER, requestId: "r1", action: "RegisterDomain", input: {} };
const sound = (): OrderDraft => ({ customerId: "cust-1", items: [item] });
const faulty = (): OrderDraft => {
  throw new TypeError("no such field");
};

describe("a translation that is faulty", () => {
  it("does not stop the legacy path: it is never asked for", async () => {
    const { deps, ledger, log, kept } = fixture("legacy", faulty);
    const outcome = await ingestRecord(deps, aRecord(JSON.stringify(body)));
    expect(outcome).toMatchObject({ kind: "forwarded" });
    expect(log).toEqual([`send ${JSON.stringify(body)}`]);
    expect([ledger.marked, kept]).toEqual([["forwarded"], []]);
  });

  it("keeps the message of the order path, which claims nothing", async () => {
    const { deps, ledger, log, kept } = fixture("order", faulty);
    const outcome = await ingestRecord(deps, aRecord(JSON.stringify(body)));
    expect(outcome).toEqual({ kind: "quarantined", code: "INVALID_ORDER", field: expect.any(String) });
    expect(kept).toHaveLength(1);
    expect([log, ledger.asked]).toEqual([[], []]);
  });
});

const throttled = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });

describe("a message in shadow (X3)", () => {
  const planned = (toOrder: () => OrderDraft, planFails?: Error, ledger = new ScriptedClaims(["claimed"])) =>
    fixture("legacy", toOrder, ledger, { sample: 100, ...(planFails && { planFails }) });

  it("is forwarded and marked first, and only then planned", async () => {
    const { deps, log } = planned(sound);
    const outcome = await ingestRecord(deps, aRecord(JSON.stringify(body)));
    expect(outcome).toMatchObject({ kind: "forwarded", shadow: { kind: "started" } });
    expect(log).toEqual([`send ${JSON.stringify(body)}`, "plan shadow- when forwarded"]);
  });

  it.each([
    ["a faulty translation", faulty, undefined, { Code: "INVALID_ORDER", Retryable: false }],
    ["a throttled start", sound, throttled, { Code: "SHADOW_NOT_STARTED", Message: "ThrottlingException" }],
  ])("is forwarded and acknowledged in spite of %s, which its claim is told", async (_, toOrder, fails, failure) => {
    const { deps, log, ledger, kept } = planned(toOrder, fails);
    const outcome = await ingestRecord(deps, aRecord(JSON.stringify(body)));
    expect(outcome).toMatchObject({ kind: "forwarded", shadow: { kind: "failed", error: expect.any(Error) } });
    expect(log.filter((entry) => entry.startsWith("send"))).toHaveLength(1);
    expect([ledger.marked, kept]).toEqual([["forwarded"], []]);
    expect(ledger.shadowEnds).toEqual([
      [expect.stringMatching(/^shadow-/), { failure: expect.objectContaining(failure), endedAt: clock.now() }],
    ]);
  });

  it("is acknowledged even when its failure cannot be recorded, and both are told", async () => {
    const down = new Error("ledger down");
    const { deps } = planned(faulty);
    const ledger = Object.assign(new ScriptedClaims(["claimed"]), { endShadow: () => Promise.reject(down) });
    const outcome = await ingestRecord({ ...deps, ledger }, aRecord(JSON.stringify(body)));
    expect(outcome).toMatchObject({ kind: "forwarded", shadow: { kind: "failed", unrecorded: down } });
  });

  it("is not planned when the forward fails", async () => {
    const { deps, log } = planned(sound);
    const away = { ...deps, forwarder: { send: () => Promise.reject(new Error("queue down")) } };
    expect(await ingestRecord(away, aRecord(JSON.stringify(body)))).toMatchObject({ kind: "failed" });
    expect(log).toEqual([]);
  });

  it("is not planned on the order path, where its pin leads it", async () => {
    const pin = { lane: "order", entries: ["REGISTER_DOMAIN#other@0"] } as const;
    const { deps, log } = planned(sound, undefined, new ScriptedClaims([{ kind: "pinned", pin }, "claimed"]));
    expect(await ingestRecord(deps, aRecord(JSON.stringify(body)))).toMatchObject({ kind: "started" });
    expect(log).toEqual(["start order-"]);
  });

  it("is planned twice where it is of the baseline, and a twin that does not begin is nobody's failure", async () => {
    for (const twinFails of [undefined, throttled]) {
      const ledger = new ScriptedClaims(["claimed"]);
      const given = { sample: 100, baseline: 100, ...(twinFails && { twinFails }) };
      const { deps, log } = fixture("legacy", sound, ledger, given);
      const outcome = await ingestRecord(deps, aRecord(JSON.stringify(body)));
      expect(outcome).toMatchObject({
        kind: "forwarded",
        shadow: { kind: "started", ...(twinFails && { twinError: throttled }) },
      });
      expect(log.slice(1)).toEqual(["plan shadow- when forwarded", expect.stringMatching(/^plan twin-/)]);
      expect(ledger.shadowEnds).toEqual([]);
    }
  });

  it("is not planned when nothing is sampled", async () => {
    const { deps, log } = fixture("legacy", sound, new ScriptedClaims(["claimed"]), { sample: 0 });
    expect(await ingestRecord(deps, aRecord(JSON.stringify(body)))).not.toHaveProperty("shadow");
    expect(log).toEqual([`send ${JSON.stringify(body)}`]);
  });
});

describe("a record", () => {
  it("whose message is sound starts its order, then is marked", async () => {
    const { deps, ledger, log } = fixture("order", sound);
    expect(await ingestRecord(deps, aRecord(JSON.stringify(body)))).toMatchObject({ kind: "started" });
    expect([log, ledger.marked]).toEqual([["start order-"], ["started"]]);
  });

  it.each([
    ["a request id that is too long", { ...body, requestId: "r".repeat(201) }, "requestId"],
    ["a cohort that is empty", { ...body, customer: "" }, "cohort"],
  ])("with %s is kept with its reason, and does not come back (P10)", async (_, wrong, field) => {
    const { deps, kept, noted } = fixture("order", sound);
    const outcome = await ingestRecord(deps, aRecord(JSON.stringify(wrong)));
    expect(outcome).toEqual({ kind: "quarantined", code: "INVALID_MESSAGE", field });
    expect(noted).toEqual([[{ messageId: "m-1", route: REGISTER, at: expect.any(Number) }, 0]]);
    expect(kept).toMatchObject([{ code: "INVALID_MESSAGE", field, body: JSON.stringify(wrong), queueArn: ARN }]);
  });

  it.each(["", "c".repeat(201)])("with a correlation id that is none goes on under its request id", async (id) => {
    const { deps } = fixture("order", sound);
    const messageAttributes = { correlationId: { dataType: "String", stringValue: id } };
    const outcome = await ingestRecord(deps, aRecord(JSON.stringify(body), { messageAttributes }));
    expect(outcome).toMatchObject({ kind: "started", correlationId: "r1" });
  });

  it("that could not become an order is noted as refused on that path, and what breaks its schema on none (X10)", async () => {
    const message = aRecord(JSON.stringify(body));
    const { deps, noted } = fixture("order", faulty);
    expect(await ingestRecord(deps, message)).toMatchObject({ kind: "quarantined" });
    expect(await ingestRecord(deps, aRecord(JSON.stringify({ ...body, customer: 7 })))).toMatchObject({
      kind: "quarantined",
    });
    expect(noted.map(([{ route, path }]) => [route, path])).toEqual([
      ["REGISTER_DOMAIN", "order"],
      ["REGISTER_DOMAIN", undefined],
    ]);
    const legacy = fixture("legacy", faulty);
    await ingestRecord(legacy.deps, message);
    expect(legacy.noted).toEqual([]);
  });

  it("of no known route is noted as such before it is kept (P9)", async () => {
    const { deps, noted, kept } = fixture("order", sound);
    await ingestRecord(deps, aRecord("{"));
    expect(noted).toEqual([[{ messageId: "m-1", route: NO_ROUTE, at: expect.any(Number) }, 0]]);
    expect(kept).toHaveLength(1);
  });

  it("fails, and is not acknowledged, when it is refused and cannot be noted, or kept", async () => {
    const { deps, kept } = fixture("order", sound);
    const down = { ...deps, quarantine: { keep: () => Promise.reject(new Error("queue down")) } };
    expect(await ingestRecord(down, aRecord("{"))).toMatchObject({ kind: "failed" });
    const uncounted = { ...deps, rejections: { keepRejected: () => Promise.reject(new Error("table down")) } };
    expect(await ingestRecord(uncounted, aRecord("{"))).toMatchObject({ kind: "failed" });
    expect(kept).toEqual([]);
  });

  it("that fails after it was read says whose it is (R1)", async () => {
    const { deps } = fixture("order", sound);
    const down = { ...deps, orders: { start: () => Promise.reject(new Error("no such machine")) } };
    const outcome = await ingestRecord(down, aRecord(JSON.stringify(body)));
    expect(outcome).toMatchObject({ kind: "failed", correlationId: "r1" });
  });

  it("whose work nobody can delegate waits while delegated work is in flight on its key (P4)", async () => {
    const pin = { lane: "delegate", entries: ["UPDATE_DNS#other@0"] } as const;
    const ledger = new ScriptedClaims([{ kind: "pinned", pin }, "claimed"]);
    const { deps, log } = fixture("order", sound, ledger);
    const outcome = await ingestRecord(deps, aRecord(JSON.stringify(body)));
    expect(outcome).toMatchObject({ kind: "failed", error: bridgeError("PIN_BUSY", "retry") });
    expect(log).toEqual([expect.stringMatching(/^back in /)]);
    expect(ledger.asked).toHaveLength(1);
  });

  it.each([
    ["before-switch", "failed"],
    ["bucket", "started"],
  ] as const)("whose flag says legacy (%s) beside an order in flight on its key: %s (D7)", async (reason, kind) => {
    const pin = { lane: "order", entries: ["REGISTER_DOMAIN#other@0"] } as const;
    const ledger = new ScriptedClaims([{ kind: "pinned", pin }, "claimed"]);
    const { deps, log } = fixture("legacy", sound, ledger);
    const choice = { path: "legacy", reason, bucket: 7, stage: "split", rolloutVersion: 1 } as const;
    const flag = { choose: async () => choice };
    const outcome = await ingestRecord({ ...deps, flag }, aRecord(JSON.stringify(body)));
    expect(outcome).toMatchObject({ kind, ...(kind === "failed" && { error: bridgeError("PIN_BUSY", "retry") }) });
    expect(log.some((line) => line.startsWith("send"))).toBe(false);
  });

  it("of a queue that is not known comes back", async () => {
    const { deps, kept } = fixture("order", sound);
    const outcome = await ingestRecord(deps, aRecord(JSON.stringify(body), { eventSourceARN: `${ARN}-2` }));
    expect(outcome).toEqual({ kind: "failed", error: bridgeError("UNKNOWN_SOURCE", "retry") });
    expect(kept).toEqual([]);
  });
});
