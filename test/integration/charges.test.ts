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
    const racing = await Promise.all([CANCEL, CAPTURE, CANCEL].map((what) => charges.decide(orderId, 0, what, NOW)));
    const decided = racing.filter((result) => result.kind === "decided");
    expect(decided).toHaveLength(1);
    expect((await charges.read(orderId)).decision).toEqual(decided[0]?.decision);
  });

  it("refuses a decision that was made on another version", async () => {
    const [charges, orderId] = fresh();
    expect(await charges.decide(orderId, 1, CAPTURE, NOW)).toEqual({ kind: "not-now" });
    expect((await charges.read(orderId)).decision).toBeUndefined();
  });

  it("remembers that a decision was carried out, and what the provider said instead", async () => {
    const [charges, orderId] = fresh();
    await charges.decide(orderId, 0, CAPTURE, NOW);
    await charges.markCarriedOut(orderId, NOW, "cancelled 0 of 100");
    expect(await charges.read(orderId)).toMatchObject({ carriedOut: true, mismatch: "cancelled 0 of 100" });
  });
});
