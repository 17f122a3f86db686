import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideCharge } from "./charge.ts";
import { requestKeyText } from "./ids.ts";
import { ChargeDecision } from "./order.ts";
import { anOrder } from "./testing.ts";

const keysOf = (prices: readonly number[]) => anOrder(prices).items.map(requestKeyText);

describe("the decision about a charge (P7)", () => {
  it("captures the prices of the items known done, and no others", () => {
    const [first, , third] = keysOf([100, 20, 3]);
    const done = [third, first].filter((key) => key !== undefined);
    expect(decideCharge(anOrder([100, 20, 3], 200), done)).toEqual({
      kind: "capture",
      items: [first, third],
      sum: 103,
    });
  });

  it("names no item that is free", () => {
    const keys = keysOf([100, 0]);
    expect(decideCharge(anOrder([100, 0], 100), keys)).toEqual({ kind: "capture", items: keys.slice(0, 1), sum: 100 });
  });

  it.each([
    ["nothing is done", [100], []],
    ["all that is done is free", [0, 100], ["REGISTER_DOMAIN#r0"]],
    ["what is done is of another order", [100], ["REGISTER_DOMAIN#r9", "RENEW_DOMAIN#r0", "r0"]],
  ])("cancels when %s", (_, prices, done) => {
    expect(decideCharge(anOrder(prices, 100), done)).toEqual({ kind: "cancel" });
  });

  it("is none where nothing was authorised, whatever is done", () => {
    expect(decideCharge(anOrder([0]), keysOf([0]))).toEqual({ kind: "none" });
  });

  it("never captures more than was authorised, nor an item twice (property)", () => {
    const prices = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 40 });
    const cases = prices.chain((list) => fc.tuple(fc.constant(list), fc.array(fc.constantFrom(...keysOf(list)))));
    fc.assert(
      fc.property(cases, ([list, done]) => {
        // Nothing authorised is another matter: then there is no charge to decide.
        const authorised = Math.max(
          1,
          list.reduce((sum, price) => sum + price, 0),
        );
        const decision = ChargeDecision.parse(decideCharge(anOrder(list, authorised), done));
        const owed = list
          .filter((_, n) => done.includes(`REGISTER_DOMAIN#r${n}`))
          .reduce((sum, price) => sum + price, 0);
        expect(decision).toMatchObject(owed === 0 ? { kind: "cancel" } : { kind: "capture", sum: owed });
        if (decision.kind === "capture") expect(new Set(decision.items).size).toBe(decision.items.length);
      }),
    );
  });
});
