import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  actionExecutionName,
  actionNameAt,
  isTwin,
  MAX_GENERATION,
  orderExecutionName,
  orderIdFor,
  shadowExecutionName,
  shadowOrderIdFor,
  twinExecutionName,
  twinOrderIdFor,
} from "./execution-name.ts";
import { ExecutionName, OrderId, RequestId, RouteType } from "./ids.ts";
import { aKey, REGISTER } from "./testing.ts";

const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ maxLength: 300 }), fc.uuid());
const orderIds = fc.uuid().map((id) => OrderId.parse(id));
const ORDER = OrderId.parse("0b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11");

describe("the name of an execution (N9)", () => {
  it("has at most 80 characters, all of them allowed, for any input (property)", () => {
    fc.assert(
      fc.property(texts, orderIds, texts, (action, orderId, id) => {
        const last = actionNameAt(actionExecutionName(action, orderId, id), MAX_GENERATION);
        for (const name of [orderExecutionName(id, orderId), last]) {
          expect(ExecutionName.parse(name)).toBe(name);
          expect(name).toContain(orderId);
        }
      }),
    );
  });

  it("follows from its parts alone (property)", () => {
    fc.assert(
      fc.property(texts, orderIds, texts, (action, orderId, id) => {
        expect(orderExecutionName(id, orderId)).toBe(orderExecutionName(id, orderId));
        expect(actionExecutionName(action, orderId, id)).toBe(actionExecutionName(action, orderId, id));
      }),
    );
  });

  it("shows a request id that is a UUID, so that it can be searched for", () => {
    const id = "6945A898-B1C8-4CF3-BF1D-1C200DBB28D0";
    expect(orderExecutionName(id, ORDER)).toBe(`order-${id.toLowerCase()}-${ORDER}`);
  });

  it.each(["6945a898-b1c8-4cf3-bf1d-1c200dbb28d0x", "x6945a898-b1c8-4cf3-bf1d-1c200dbb28d0", "a b", "ä", "a.b:c"])(
    "hides an id that is none: %j",
    (id) => {
      const name = orderExecutionName(id, ORDER);
      expect(name).toMatch(/^order-[0-9a-f-]{36}-[0-9a-f-]{36}$/);
      expect(name).not.toContain(id);
    },
  );

  it("starts with the action, as far as there is room and it has letters", () => {
    const labels = ["RegisterDomain", "dns", "Ä-Ö", ""].map((action) => actionExecutionName(action, ORDER, "i"));
    expect(labels.map((name) => name.split("-")[0])).toEqual(["reg", "dns", "act", "act"]);
  });
});

describe("names are unique", () => {
  it("for each generation of an item: an Action of an earlier one is not found closed", () => {
    const stem = actionExecutionName("RegisterDomain", ORDER, "i");
    expect(new Set([0, 1, 10, 11].map((generation) => actionNameAt(stem, generation))).size).toBe(4);
  });

  it("for each item of an order, also where ids differ in case or punctuation alone (property)", () => {
    const items = fc.uniqueArray(fc.string({ minLength: 1, unit: fc.constantFrom("a", "A", "-", ".", "ä") }));
    fc.assert(
      fc.property(items, (ids) => {
        const names = ids.map((id) => actionExecutionName("RegisterDomain", ORDER, id));
        expect(new Set(names).size).toBe(ids.length);
      }),
    );
  });

  it("for the same item in two orders", () => {
    const other = OrderId.parse("1b7f3f0e-6a51-4f0d-9d53-0f4f0c1f5a11");
    expect(actionExecutionName("A", ORDER, "i")).not.toBe(actionExecutionName("A", other, "i"));
  });

  it("for two requests, two routes, two migrations and two spellings of a UUID", () => {
    const uuid = "6945a898-b1c8-4cf3-bf1d-1c200dbb28d0";
    const renew = { route: RouteType.parse("RENEW_DOMAIN"), requestId: RequestId.parse("r1") };
    const orders = [
      orderIdFor("webcat", aKey("r1")),
      orderIdFor("webcat", aKey("r2")),
      orderIdFor("webcat", renew),
      orderIdFor("other", aKey("r1")),
      orderIdFor("webcat", aKey(uuid)),
      orderIdFor("webcat", aKey(uuid.toUpperCase())),
    ].map((id) => OrderId.parse(id));
    expect(new Set(orders).size).toBe(6);
    expect(new Set(orders.map((id) => orderExecutionName(uuid, id))).size).toBe(6);
  });

  it("and never change: a retried start after a deployment must meet its own name", () => {
    const orderId = OrderId.parse(orderIdFor("webcat", { route: REGISTER, requestId: RequestId.parse("request-1") }));
    expect([
      orderExecutionName("request-1", orderId),
      actionExecutionName("RegisterDomain", orderId, "item-1"),
    ]).toEqual([
      "order-6f48e9be-3d88-57ee-8d50-d502d73355f3-558286d1-c27b-5f3b-9b00-eee974e8fb65",
      "reg-558286d1-c27b-5f3b-9b00-eee974e8fb65-68827dca-7371-5386-b27d-b62f51cdf007",
    ]);
  });
});

describe("a plan-only order", () => {
  it("has an id and a name that follow from the message, and that no order of any message has (property)", () => {
    const keys = fc.record({
      route: fc.constant(REGISTER),
      requestId: fc.string({ minLength: 1, maxLength: 200 }).map((id) => RequestId.parse(id)),
    });
    fc.assert(
      fc.property(keys, keys, (key, other) => {
        const name = shadowExecutionName("webcat", key);
        expect(shadowExecutionName("webcat", { ...key })).toBe(name);
        const orderId = OrderId.parse(orderIdFor("webcat", other));
        expect(orderExecutionName(other.requestId, orderId)).not.toBe(name);
        expect(shadowOrderIdFor("webcat", key)).not.toBe(orderId);
        if (other.requestId !== key.requestId) expect(shadowExecutionName("webcat", other)).not.toBe(name);
        const twin = twinExecutionName("webcat", key);
        expect(twinExecutionName("webcat", { ...key })).toBe(twin);
        expect([isTwin(twin), isTwin(name), isTwin(orderExecutionName(other.requestId, orderId))]).toEqual([
          ...[true, false, false],
        ]);
        expect([orderId, shadowOrderIdFor("webcat", other)]).not.toContain(twinOrderIdFor("webcat", key));
      }),
    );
  });
});
