import { hostname, userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { BridgeError, type ItemOutcome, OrderInput, StatusChangeEvent } from "@crossfade/bridge";
import { statusChanges } from "@crossfade/functions/status-changes";
import { type Telemetry, telemetry } from "@crossfade/functions/telemetry";
import { tellSettled } from "@crossfade/functions/tell-order";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { ROOT, runCommand } from "./support/run.ts";
import { startTrackerServer, type TrackerServer, trackedBy } from "./support/tracker-server.ts";

/** Milliseconds; the first report loads the SDK, which takes a while on a busy machine. */
const PATIENT = 10_000;
const BOUND = 300;

let server: TrackerServer;
let tools: Telemetry;
const before = { ...process.env };

beforeAll(async () => {
  server = await startTrackerServer();
});
beforeEach(() => {
  Object.assign(process.env, trackedBy(server, PATIENT), { MAX_RECEIVES: "5", AWS_REGION: "eu-west-1" });
  server.forget();
  tools = telemetry("settle");
});
afterEach(() => {
  process.env = { ...before };
});
afterAll(() => server.close());

const IDS = {
  correlationId: "corr-17",
  orderId: "0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11",
  executionArn: "arn:aws:states:eu-west-1:000000000000:execution:webcat-Order:order-1",
};
const fatal = () => new BridgeError("CHARGE_UNKNOWN", "fatal", "the provider knows no such authorisation");

describe("what the exception tracker is told (R3)", () => {
  it("name, code, disposition, ids and the place, and nothing else at all", async () => {
    tools.tell("Order not finished", fatal(), { ...IDS, domain: "example.fi", row: { name: "Jane" } });
    await tools.flush();
    const [event] = server.events;
    expect(server.events).toHaveLength(1);
    expect(event).toMatchObject({
      level: "fatal",
      transaction: "Order not finished",
      tags: { ...IDS, service: "settle", code: "CHARGE_UNKNOWN", disposition: "fatal" },
      exception: { values: [{ type: "BridgeError", value: "the provider knows no such authorisation" }] },
    });
    expect(Object.keys(event?.tags ?? {})).toHaveLength(Object.keys(IDS).length + 3);
    const known = ["event_id", "timestamp", "platform", "level", "environment", "transaction", "fingerprint"];
    expect(Object.keys(event ?? {}).sort()).toEqual([...known, "exception", "tags"].sort());
    expect(event?.exception.values.map((value) => Object.keys(value).sort())).toEqual([
      ["stacktrace", "type", "value"],
    ]);
    for (const of of [hostname(), ROOT, `/${userInfo().username}/`, "example.fi", "Jane"]) {
      expect(server.raw.join()).not.toContain(of);
    }
    expect(JSON.stringify(event)).toContain("app:///exception-tracker.test.ts");
  });

  it("an order that did not succeed, and a charge that is not what was decided", async () => {
    const order = OrderInput.parse({
      ...{ orderId: IDS.orderId, correlationId: IDS.correlationId, executionName: "order-1", mode: "live" },
      customerId: "cust-1",
      items: [
        {
          ...{ itemId: "1", route: "REFRESH_DOMAIN", requestId: "r", action: "RefreshDomain", executionName: "r-1" },
          ...{ pinned: true, price: 0, input: {} },
        },
      ],
    });
    const charge = { decision: { kind: "cancel" as const }, done: [], mismatch: "captured 5 of 5" };
    const evidence = {
      ...{ executionArn: IDS.executionArn, status: "ABORTED" as const, generation: 0, at: 0, events: [] },
      failedState: "Do the item",
    };
    const [item] = order.items;
    if (item === undefined) throw new Error("the order has no item");
    const { itemId, route, requestId } = item;
    const ends: ItemOutcome[] = [
      { itemId, route, requestId, status: "COMPLETED_UNPAID", effects: [] },
      {
        ...{ itemId, route, requestId, status: "FAILED", effects: [] },
        Error: { Code: "PARTLY_DONE_NOT_REVERSED", Message: "registered, and not reversed", Retryable: false },
      },
    ];
    const told = { executionArn: IDS.executionArn, status: "ABORTED" as const, ends, withoutRow: 0 };
    tellSettled(tools, { kind: "settled", order, charge, ...told, kept: { evidence } });
    await tools.flush();
    expect(server.events).toMatchObject([
      { tags: { ...IDS, code: "ORDER_ABORTED" }, exception: { values: [{ type: "Finding" }] } },
      { tags: { ...IDS, code: "CHARGE_MISMATCH" } },
      { tags: { ...IDS, code: "ITEMS_UNPAID" } },
      { tags: { ...IDS, code: "ITEMS_PARTLY_DONE" } },
    ]);
    expect(server.events[0]?.exception.values[0]?.value).toContain("Do the item");
  });

  it("no failure that passes by itself", async () => {
    for (const code of ["PIN_BUSY", "LEASE_HELD", "ROW_NOT_YET_WRITTEN", "EFFECT_OPEN", "LEDGER_BUSY"] as const) {
      tools.tell("Record failed", new BridgeError(code, "retry", "later"), IDS);
    }
    await tools.flush();
    expect(server.raw).toEqual([]);
  });

  it("the same failure of the same request once", async () => {
    for (let i = 0; i < 5; i++) tools.tell("Record failed", fatal(), IDS);
    tools.tell("Record failed", fatal(), { ...IDS, correlationId: "corr-18" });
    await tools.flush();
    expect(server.events.map((event) => event.tags["correlationId"])).toEqual(["corr-17", "corr-18"]);
  });
});

const change = StatusChangeEvent.parse({
  source: "aws.states",
  "detail-type": "Step Functions Execution Status Change",
  detail: {
    ...{ executionArn: IDS.executionArn, status: "FAILED", startDate: 1 },
    input: JSON.stringify({ orderId: IDS.orderId, correlationId: IDS.correlationId, customerId: "Jane Doe" }),
  },
});

const aRecord = { messageId: "m-1", receiptHandle: "r-1", eventSourceARN: "arn:aws:sqs:eu-west-1:000000000000:settle" };

/** Runs the function of a queue of status changes on one record, and says what came back. */
async function handle(error: unknown, body = JSON.stringify(change), receives = 1): Promise<unknown> {
  const handler = statusChanges(tools, "Settle", "SETTLE_QUEUE_URL", () => Promise.reject(error));
  const attributes = { ApproximateReceiveCount: String(receives), SentTimestamp: "1" };
  return handler({ Records: [{ ...aRecord, body, attributes }] });
}

const CAME_BACK = { batchItemFailures: [{ itemIdentifier: aRecord.messageId }] };
const waiting = () => new BridgeError("ROW_NOT_YET_WRITTEN", "retry", "the old publisher has not written its row yet");

describe("when a queue's function tells it", () => {
  it("a fatal failure at once, with the order's ids", async () => {
    expect(await handle(fatal())).toEqual(CAME_BACK);
    expect(server.events).toMatchObject([{ tags: { ...IDS, code: "CHARGE_UNKNOWN" } }]);
    expect(server.raw.join()).not.toContain("Jane");
  });

  it.each([
    [4, 0],
    [5, 1],
  ])("one that would pass, received %i times of 5: %i reports", async (receives, reports) => {
    expect(await handle(waiting(), undefined, receives)).toEqual(CAME_BACK);
    expect(server.events.map((event) => event.tags["code"])).toEqual(Array(reports).fill("ROW_NOT_YET_WRITTEN"));
  });

  it("a record that cannot be read", async () => {
    expect(await handle(undefined, '{"customer": Jane Doe}')).toEqual(CAME_BACK);
    expect(server.events).toMatchObject([
      {
        transaction: "Record failed",
        tags: { messageId: aRecord.messageId },
        exception: { values: [{ type: "SyntaxError" }] },
      },
    ]);
    expect(server.raw.join()).not.toContain("Jane");
  });
});

describe("a tracker that is away", () => {
  const impatient = () => {
    process.env["TRACKER_FLUSH_MS"] = String(BOUND);
    tools = telemetry("settle");
  };
  /** Milliseconds that the function took to answer as it would without a tracker. */
  const timeToAnswer = async (): Promise<number> => {
    const start = performance.now();
    expect(await handle(fatal())).toEqual(CAME_BACK);
    return performance.now() - start;
  };

  it("and never answers: the function answers all the same, within the bound", async () => {
    server.answer("silence");
    impatient();
    const took = await timeToAnswer();
    expect(took).toBeGreaterThan(BOUND - 50);
    expect(took).toBeLessThan(BOUND + 1_000);
    server.answer(200);
    tools = telemetry("settle");
    tools.tell("Record failed", fatal(), { correlationId: "after" });
    await tools.flush();
    expect(server.events.at(-1)).toMatchObject({ tags: { correlationId: "after" } });
  });

  it.each([
    ["refuses", 500],
    ["limits", 429],
  ])("and %s: the function answers, and the log says that a report may lack", async (_, status) => {
    server.answer(status);
    const warned: unknown[] = [];
    tools.logger.warn = (what) => void warned.push(what);
    await timeToAnswer();
    expect(warned).toEqual(["The exception tracker may lack a report"]);
  });

  it.each(["http://publickey@127.0.0.1:1/42", "not a DSN"])("and cannot be reached at %s", async (dsn) => {
    process.env["SENTRY_DSN"] = dsn;
    impatient();
    expect(await timeToAnswer()).toBeLessThan(BOUND + 1_000);
  });
});

describe("in a process of its own", () => {
  const file = fileURLToPath(new URL("support/tell-once.ts", import.meta.url));
  const run = async (dsn: string, word = "") => {
    process.env["SENTRY_DSN"] = dsn;
    const { code, stdout } = await runCommand(`${process.execPath} ${file} ${word}`);
    expect(code).toBe(0);
    return z.array(z.string()).parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
  };

  it("without a DSN nothing is loaded and nothing sent; with one, nothing before the first error", async () => {
    expect(await run("")).toEqual([]);
    expect(await run(server.dsn, "quiet")).toEqual([]);
    expect(server.raw).toEqual([]);
    expect(await run(server.dsn)).toContain("@sentry/core");
    expect(server.events).toMatchObject([
      { tags: { service: "child" }, exception: { values: [{ type: "TypeError" }] } },
    ]);
  });
});
