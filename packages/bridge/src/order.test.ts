import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./hash.ts";
import { CorrelationId, requestKeyText } from "./ids.ts";
import { type ItemDraft, MAX_ITEMS, type OrderDraft, OrderInput, orderFromMessage, orderStatus } from "./order.ts";
import type { ItemStatus } from "./outcome.ts";
import { aKey, anOrder, bridgeError, COMPLETED, REGISTER, TAKEN } from "./testing.ts";

const item = (n: number, given: Partial<ItemDraft> = {}): ItemDraft => ({
  itemId: `item-${n}`,
  route: REGISTER,
  requestId: `r${n}`,
  action: "RegisterDomain",
  input: { domain: `example${n}.fi` },
  ...given,
});
const items = (count: number) => Array.from({ length: count }, (_, n) => item(n));
const draftOf = (...list: readonly ItemDraft[]): OrderDraft => ({ customerId: "cust-1", items: list });
const built = (draft: () => OrderDraft, id = "request-1") =>
  orderFromMessage("webcat", aKey(id), draft, CorrelationId.parse("corr-1"));
const orderOf = (draft: () => OrderDraft, id?: string) => built(draft, id).order;

describe("the order of a message", () => {
  it("is the draft with its names, its pin taken with the claim, and no price unless given", () => {
    const order = orderOf(() => draftOf(item(0, { pinKey: "example.fi" })));
    expect(order).toMatchObject({ mode: "live", customerId: "cust-1", correlationId: "corr-1" });
    expect(order).not.toHaveProperty("payment");
    expect(order.items[0]).toMatchObject({ pinKey: "example.fi", pinned: true, price: 0, requestId: "r0" });
    expect(order.executionName).toContain(order.orderId);
  });

  it("is the same bytes for the same message, whatever the order of its keys (property)", () => {
    const inputs = fc.dictionary(
      fc.string().filter((name) => name !== "__proto__"),
      fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__")),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(inputs, (input) => {
        const backwards = Object.fromEntries(Object.entries(input).reverse());
        const bytes = (given: ItemDraft["input"]) => canonicalJson(orderOf(() => draftOf(item(0, { input: given }))));
        const forwards = JSON.parse(JSON.stringify(input));
        expect(bytes(JSON.parse(JSON.stringify(backwards)))).toBe(bytes(forwards));
      }),
    );
  });

  it("has another id and another name for another request", () => {
    const [one, other] = ["a", "b"].map((id) => orderOf(() => draftOf(item(0)), id));
    expect(one?.orderId).not.toBe(other?.orderId);
    expect(one?.executionName).not.toBe(other?.executionName);
    expect(one?.items[0]?.executionName).not.toBe(other?.items[0]?.executionName);
  });

  it("names each of 40 items differently", () => {
    const order = orderOf(() => draftOf(...items(MAX_ITEMS)));
    expect(new Set(order.items.map((one) => one.executionName)).size).toBe(40);
  });
});

describe("a translation that gives no valid order", () => {
  const refused = (draft: () => OrderDraft, field: string) =>
    expect(() => orderOf(draft)).toThrow(bridgeError("INVALID_ORDER", "reject", field));

  it("is refused when it throws, and keeps the cause", () => {
    const cause = new TypeError("no such field");
    const fail = () => {
      throw cause;
    };
    expect(() => orderOf(fail)).toThrow(
      expect.objectContaining({ code: "INVALID_ORDER", disposition: "reject", cause }),
    );
  });

  it.each([
    ["no items", draftOf(), "order.items"],
    ["41 items", draftOf(...items(41)), "order.items"],
    ["an item id twice", draftOf(item(0), item(1, { itemId: "item-0" })), "order.items"],
    ["a request twice", draftOf(item(0), item(1, { requestId: "r0" })), "order.items"],
    ["no customer", { ...draftOf(item(0)), customerId: "" }, "order.customerId"],
    ["an unknown route", draftOf(item(0, { route: "register" })), "order.items.0.route"],
    ["an action that is no name", draftOf(item(0), item(1, { action: "register-domain" })), "order.items.1.action"],
    ["an empty pin key", draftOf(item(0, { pinKey: "" })), "order.items.0.pinKey"],
    ["a price below zero", draftOf(item(0, { price: -1 })), "order.items.0.price"],
    ["half a cent", draftOf(item(0, { price: 0.5 })), "order.items.0.price"],
    ["an input that JSON has not", draftOf(item(0, { input: { n: Number.NaN } })), "order.items.0.input.n"],
  ])("is refused with %s", (_, draft, field) => {
    refused(() => draft, field);
  });

  it("takes 40 items, and one", () => {
    expect(orderOf(() => draftOf(...items(40))).items).toHaveLength(40);
    expect(orderOf(() => draftOf(item(0))).items).toHaveLength(1);
  });

  it("takes one request id on two routes", () => {
    const order = orderOf(() => draftOf(item(0), item(1, { requestId: "r0", route: "RENEW_DOMAIN" })));
    expect(order.items.map(requestKeyText)).toEqual(["REGISTER_DOMAIN#r0", "RENEW_DOMAIN#r0"]);
  });

  it.each([
    ["below", [500, 499], true],
    ["at", [500, 500], true],
    ["above", [500, 501], false],
  ])("takes prices up to what was authorised: %s", (_, [one, other], taken) => {
    const draft = () => ({
      ...draftOf(item(0, { price: one }), item(1, { price: other })),
      payment: { authorisationId: "auth-1", amount: 1000 },
    });
    if (taken) expect(orderOf(draft).payment?.amount).toBe(1000);
    else refused(draft, "order.payment.amount");
  });

  it("takes no price where nothing was authorised", () => {
    refused(() => draftOf(item(0, { price: 1 })), "order.payment");
    expect(orderOf(() => draftOf(item(0, { price: 0 })))).not.toHaveProperty("payment");
  });

  it.each([
    [99_999_999, true],
    [100_000_000, false],
    [-1, false],
    [0.5, false],
  ])("an amount of %d cents is taken: %s", (amount, taken) => {
    const draft = () => ({ ...draftOf(item(0)), payment: { authorisationId: "auth-1", amount } });
    if (taken) expect(orderOf(draft).payment?.amount).toBe(amount);
    else refused(draft, "order.payment.amount");
  });
});

describe("the input of the Order machine", () => {
  it("says which of its names stands twice", () => {
    const order = anOrder([1, 1]);
    const [first, second] = order.items;
    const { itemId, executionName, requestId } = { ...first };
    const rules = [{ itemId }, { executionName }, { requestId }].map((same) => {
      const doubled = { ...order, items: [first, { ...second, ...same }] };
      return OrderInput.safeParse(doubled).error?.issues.map((issue) => issue.message);
    });
    expect(rules).toEqual([
      ["item ids must be unique"],
      ["execution names must be unique inside the Map"],
      ["an order holds a request once"],
    ]);
  });

  it("is read back as it was written", () => {
    const order = anOrder([100, 0], 100);
    expect(OrderInput.parse(JSON.parse(canonicalJson(order)))).toEqual(order);
  });

  it("refuses fields and modes that it does not know", () => {
    expect(OrderInput.safeParse({ ...anOrder([1]), colour: "red" }).success).toBe(false);
    expect(OrderInput.safeParse({ ...anOrder([1]), mode: "shadow" }).success).toBe(false);
  });
});

describe("the status of an order", () => {
  const statusOf = (...statuses: readonly ItemStatus[]) =>
    orderStatus(
      anOrder(statuses.map(() => 0)).items.map(({ itemId, route, requestId }, n) => {
        const status = statuses[n] ?? "FAILED";
        return { itemId, route, requestId, ...(status === "FAILED" ? TAKEN : COMPLETED), status };
      }),
    );

  it.each([
    [["COMPLETED"], "COMPLETED"],
    [["COMPLETED", "COMPLETED_UNPAID"], "COMPLETED"],
    [["COMPLETED", "FAILED"], "PARTIAL"],
    [["COMPLETED_UNPAID", "FAILED"], "PARTIAL"],
    [["FAILED", "FAILED"], "FAILED"],
  ] as const)("of items %j is %s", (statuses, status) => {
    expect(statusOf(...statuses)).toBe(status);
  });
});
