import { randomUUID } from "node:crypto";
import { type ChargeDecision, type ChargeLedger, OrderId } from "@crossfade/bridge";
import { DynamoDbCharges } from "@crossfade/bridge/adapters/dynamodb-charges";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryCharges } from "../../packages/bridge/src/testing.ts";
import { type LedgerFixture, startLedger } from "./support/ledger.ts";
import { NOW } from "./support/samples.ts";

let ledger: LedgerFixture;
beforeAll(async () => {
  ledger = await startLedger();
});
afterAll(() => ledger.close());

/** The register of the unit tests must behave as the adapter does. */
const registers: Readonly<Record<string, () => ChargeLedger>> = {
  DynamoDB: () => new DynamoDbCharges(ledger.client, ledger.table),
  memory: () => new MemoryCharges(),
};

const CANCEL: ChargeDecision = { kind: "cancel" };
const CAPTURE: ChargeDecision = { kind: "capture", items: ["REGISTER_DOMAIN#1"], sum: 100 };

describe.each(Object.entries(registers))("the register of charge decisions, %s (P7)", (_, register) => {
  const fresh = () => [register(), OrderId.parse(randomUUID())] as const;

  it("knows nothing of an order that has not begun", async () => {
    const [charges, orderId] = fresh();
    const nothing = {
      version: 0,
      generation: 0,
      openEffects: [],
      done: [],
      decision: undefined,
      carriedOut: false,
      mismatch: undefined,
    };
    expect(await charges.read(orderId)).toEqual(nothing);
  });

  it("keeps the first decision, whatever races for it", async () => {
    const [charges, orderId] = fresh();
    const racing = await Promise.all(
      [CANCEL, CAPTURE, CANCEL].map((what) => charges.decide(orderId, what, { version: 0, generation: 0, at: NOW })),
    );
    const decided = racing.filter((result) => result.kind === "decided");
    expect(decided).toHaveLength(1);
    expect((await charges.read(orderId)).decision).toEqual(decided[0]?.decision);
  });

  it("refuses a decision that was made on another version", async () => {
    const [charges, orderId] = fresh();
    expect(await charges.decide(orderId, CAPTURE, { version: 1, generation: 0, at: NOW })).toEqual({ kind: "not-now" });
    expect((await charges.read(orderId)).decision).toBeUndefined();
  });

  it("refuses a decision for a redrive that is over, and makes the record one of a later (R8g, R11)", async () => {
    const [charges, orderId] = fresh();
    await charges.decide(orderId, CANCEL, { version: 0, generation: 1, at: NOW });
    expect(await charges.read(orderId)).toMatchObject({ decision: CANCEL, generation: 1 });
    const raised = [0, 3, 2].map((generation) => () => charges.raise(orderId, { version: 0, generation }));
    const allowed: boolean[] = [];
    for (const raise of raised) allowed.push(await raise());
    expect(allowed).toEqual([false, true, false]);
    expect(await charges.raise(orderId, { version: 1, generation: 4 })).toBe(false);
    expect(await charges.read(orderId)).toMatchObject({ decision: CANCEL, decidedAt: NOW, generation: 3 });
  });

  it("raises nothing where nothing is decided", async () => {
    const [charges, orderId] = fresh();
    expect(await charges.raise(orderId, { version: 0, generation: 1 })).toBe(false);
    expect((await charges.read(orderId)).generation).toBe(0);
  });

  it("remembers that a decision was carried out, and what the provider said instead", async () => {
    const [charges, orderId] = fresh();
    await charges.decide(orderId, CAPTURE, { version: 0, generation: 0, at: NOW });
    await charges.markCarriedOut(orderId, NOW, "cancelled 0 of 100");
    expect(await charges.read(orderId)).toMatchObject({ carriedOut: true, mismatch: "cancelled 0 of 100" });
  });
});
