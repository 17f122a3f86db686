import { buildOrder, CorrelationId } from "@crossfade/bridge";
import { describe, expect, test } from "vitest";
import { Work } from "./actions.ts";
import { webcat } from "./migration.ts";
import { ShopOrder, shopDraft } from "./shop-order.ts";

const id = (n: number) => `6945a898-b1c8-4cf3-bf1d-1c200dbb280${n}`;
const registrant = { name: "Aino Aalto", email: "aino@example.fi", country: "FI" };
const nameServers = ["ns1.example.fi", "ns2.example.fi"];
const records = [{ name: "@", type: "A", value: "192.0.2.1", ttl: 3600 }];
const order = {
  orderId: id(0),
  customerId: "cust-1",
  payment: { authorisationId: "auth-1", amount: 2_480 },
  items: [
    ["RegisterDomain", { domain: "a.fi", years: 1, registrant, nameServers }, 1_290],
    ["RenewDomain", { domain: "b.fi", years: 1, currentExpiry: "2026-04-01" }, 1_190],
    ["RefreshDomain", { domain: "c.fi" }],
    ["UpdateDns", { domain: "d.fi", records }],
  ].map(([action, input, price], i) => ({ itemId: `item-${i}`, requestId: id(i + 1), action, input, price })),
};

describe("an order of the shop", () => {
  test("becomes work of known routes, each item with the customer, and a pin where it changes something", () => {
    const draft = shopDraft(ShopOrder.parse(order));
    const orderId = ShopOrder.shape.orderId.parse(id(0));
    const given = { orderId, nameId: orderId, correlationId: CorrelationId.parse("c"), pinned: false };
    const { items, checks, payment } = buildOrder(draft, given).order;
    expect({ checks, payment }).toEqual({ checks: true, payment: order.payment });
    for (const { action, input, route } of items) {
      expect(Work.parse({ action, input }).input.customerId).toBe("cust-1");
      expect([...webcat.routes.keys()]).toContain(route);
    }
    expect(items.map((item) => item.pinKey)).toEqual(["a.fi", "b.fi", undefined, "d.fi"]);
    expect(items.map((item) => item.price)).toEqual([1_290, 1_190, 0, 0]);
  });

  test.each([
    ["an unknown Action", { items: [{ ...order.items[0], action: "Sell" }] }],
    ["an Action with another's input", { items: [{ ...order.items[0], action: "UpdateDns" }] }],
    ["no item", { items: [] }],
    ["an order id that is no UUID", { orderId: "first" }],
    ["a field that nobody knows", { discount: 1 }],
  ])("is refused with %s", (_, spoiled) => {
    expect(ShopOrder.safeParse({ ...order, ...spoiled }).success).toBe(false);
  });
});
