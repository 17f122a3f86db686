import { describe, expect, it } from "vitest";
import * as z from "zod";
import { payloadOf } from "./claim-check.ts";
import { OrderInput, ShadowOrder, type WholeItem } from "./order.ts";
import type { Outcome } from "./outcome.ts";
import { planOrder } from "./plan-order.ts";
import { anOrder, MemoryPayloads } from "./testing.ts";

const inShadow = (
  prices: readonly number[],
  change: (item: OrderInput["items"][number]) => object = (item) => item,
) => {
  const order = anOrder(prices);
  return ShadowOrder.parse({ ...order, mode: "shadow", items: order.items.map(change) });
};
const deed = { service: "registry", command: "register", target: "example.fi" };
const plan = (): Outcome => ({ status: "COMPLETED", effects: [deed] });
const capture = (amount: number) => ({
  ...{ service: "payments", command: "capture", target: "auth-1" },
  details: { amount },
});

describe("the plan of an order (X3)", () => {
  it("says item by item what would be sent and captured, and the charge of the whole", async () => {
    const { status, items, charge } = await planOrder({ plan, payloads: new MemoryPayloads() }, inShadow([100, 250]));
    expect(status).toBe("COMPLETED");
    expect(items.map(({ requestId, effects }) => [requestId, effects])).toEqual([
      ["r0", [deed, capture(100)]],
      ["r1", [deed, capture(250)]],
    ]);
    expect(charge).toMatchObject({ kind: "capture", sum: 350 });
  });

  it("plans no charge for an item without a price", async () => {
    const { items } = await planOrder({ plan, payloads: new MemoryPayloads() }, inShadow([100, 0]));
    expect(items[1]?.effects).toEqual([deed]);
  });

  it("keeps a fault with its item, names the field, and says nothing of what stands in it", async () => {
    const faulty = ({ requestId }: WholeItem): Outcome => {
      if (requestId === "r1") z.object({ years: z.int() }).parse({ years: "secret" });
      if (requestId === "r2") throw new TypeError("secret");
      return plan();
    };
    const found = await planOrder({ plan: faulty, payloads: new MemoryPayloads() }, inShadow([100, 50, 25]));
    expect(found).toMatchObject({ status: "PARTIAL", charge: { kind: "capture", sum: 100 } });
    expect(found.items.map(({ status, Error: error }) => [status, error?.Code, error?.Message])).toEqual([
      ["COMPLETED", undefined, undefined],
      ["FAILED", "PLAN_FAILED", "the item cannot be planned: years"],
      ["FAILED", "PLAN_FAILED", "the item cannot be planned: TypeError"],
    ]);
  });

  it("reads an input that travels apart, and says so where it is gone", async () => {
    const payload = payloadOf({ domain: "example.fi" });
    const apart = inShadow([0], ({ input: _, ...item }) => ({ ...item, inputCheck: payload.check }));
    const seen: unknown[] = [];
    const looking = (item: WholeItem): Outcome => {
      seen.push(item.input);
      return plan();
    };
    const payloads = new MemoryPayloads();
    await payloads.put(payload);
    expect(await planOrder({ plan: looking, payloads }, apart)).toMatchObject({ status: "COMPLETED" });
    expect(seen).toEqual([{ domain: "example.fi" }]);
    const { items } = await planOrder({ plan: looking, payloads: new MemoryPayloads() }, apart);
    expect(items).toMatchObject([{ status: "FAILED", Error: { Code: "CLAIM_CHECK_MISSING" } }]);
  });
});

it("an order in shadow is none that is carried out, and the other way round (P8)", () => {
  expect(OrderInput.safeParse(inShadow([100])).success).toBe(false);
  expect(ShadowOrder.safeParse(anOrder([100])).success).toBe(false);
});
