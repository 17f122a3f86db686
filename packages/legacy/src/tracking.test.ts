import { OrderItem } from "@crossfade/bridge";
import { describe, expect, test } from "vitest";
import { TrackingRow, tracking } from "./tracking.ts";

const requestId = "6945a898-b1c8-4cf3-bf1d-1c200dbb28d0";
const row = { requestId, type: "REFRESH_DOMAIN", status: "RECEIVED" };

describe("a tracking row", () => {
  test.each([
    ["RECEIVED", "received"],
    ["PROCESSING", "working"],
    ["COMPLETED", "completed"],
    ["FAILED", "failed"],
  ])("%s is %s", (status, phase) => {
    const key = { route: "REFRESH_DOMAIN", requestId };
    expect(tracking.read({ ...row, status, crossfadeFence: 7, colour: "red" })).toEqual({ key, phase });
  });

  test.each([undefined, {}, { ...row, status: "LOST" }, { ...row, type: "refresh" }, { ...row, requestId: 7 }])(
    "%j is no row of this migration",
    (other) => {
      expect(tracking.read(other)).toBeUndefined();
    },
  );

  test("of an item placed directly reads like any other", () => {
    const item = OrderItem.parse({
      itemId: "1",
      route: "REFRESH_DOMAIN",
      requestId,
      action: "RefreshDomain",
      executionName: "refres-1",
      pinned: false,
      price: 0,
      input: {},
    });
    const input = { customerId: "cust-1", domain: "example.fi" };
    const first = { requestId, ...tracking.received({ ...item, input }, 1_772_445_000_000) };
    expect(TrackingRow.parse(first)).toEqual({
      ...{ requestId, type: "REFRESH_DOMAIN", customerId: "cust-1", domain: "example.fi", status: "RECEIVED" },
      ...{ createdAt: "2026-03-02T09:50:00.000Z", updatedAt: "2026-03-02T09:50:00.000Z" },
    });
    expect(tracking.working(1_772_445_000_000)).toEqual({
      status: "PROCESSING",
      updatedAt: "2026-03-02T09:50:00.000Z",
    });
  });
});
