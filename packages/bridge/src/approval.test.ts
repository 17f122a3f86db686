import { describe, expect, it } from "vitest";
import * as z from "zod";
import { withApproval } from "./approval.ts";
import type { OrderDraft } from "./order.ts";
import { defineMigration, defineRoute } from "./route.ts";

const routeOf = (type: string, approveOver?: number) =>
  defineRoute({
    type,
    message: z.strictObject({ id: z.string() }),
    requestId: ({ id }) => id,
    cohort: ({ id }) => id,
    toOrder: () => draftOf(0, type),
    toTracking: () => ({}),
    legacyOutcome: () => undefined,
    ...(approveOver !== undefined && { approveOver }),
  });
const migration = defineMigration({
  name: "test",
  tracking: {
    ...{ keyAttribute: "id", fenceAttribute: "fence", endAttributes: [] },
    ...{ read: () => undefined, received: () => ({}), working: () => ({}) },
  },
  routes: [routeOf("FREE"), routeOf("HIGH", 500), routeOf("LOW", 100)],
});

const draftOf = (amount: number | undefined, ...routes: string[]): OrderDraft => ({
  customerId: "cust-1",
  ...(amount !== undefined && { payment: { authorisationId: "auth-1", amount } }),
  items: routes.map((route, i) => ({ itemId: `i${i}`, route, requestId: `r${i}`, action: "Do", input: {} })),
});
const approvalOf = (...given: Parameters<typeof draftOf>) => withApproval(migration, draftOf(...given)).approval;

describe("what needs approval (N16)", () => {
  it.each([
    [100, undefined],
    [101, { over: 100, amount: 101 }],
  ])("an authorised amount of %d with a threshold of 100: %o", (amount, approval) => {
    expect(approvalOf(amount, "LOW")).toEqual(approval);
  });

  it("the smallest threshold of the items counts", () => {
    expect(approvalOf(450, "HIGH", "FREE")).toBeUndefined();
    expect(approvalOf(450, "HIGH", "LOW", "FREE")).toEqual({ over: 100, amount: 450 });
  });

  it("nothing without a threshold, without a payment, or of a route that is none", () => {
    expect(approvalOf(999_999, "FREE")).toBeUndefined();
    expect(approvalOf(undefined, "LOW")).toBeUndefined();
    expect(approvalOf(999_999, "NO_SUCH_ROUTE", "not a route")).toBeUndefined();
  });

  it("a threshold that is no amount is refused when the route is defined", () => {
    expect(() => routeOf("ODD", -1)).toThrow(z.ZodError);
    expect(() => routeOf("ODD", 0.5)).toThrow(z.ZodError);
  });
});
