import { BridgeError, type PaymentRecord, type Payments } from "@crossfade/bridge";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** A provider, and the id of a fresh authorisation that it knows. */
export type Authorised = (amount: number) => Promise<readonly [Payments, string]>;

const ATTEMPTS = 20;

/** Makes a call again while it says that nothing is known to be wrong, as everybody does who calls a provider. */
export async function untilAnswered(call: () => Promise<PaymentRecord>): Promise<PaymentRecord> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof BridgeError && error.disposition === "retry")) throw error;
    }
  }
}

/** What the bridge relies on, whoever the provider is. */
export function paymentsContract(name: string, authorised: Authorised) {
  describe(`a charge (P7), ${name}`, () => {
    it("is open with its whole amount once it is authorised", async () => {
      const [payments, id] = await authorised(1000);
      expect(await payments.read(id)).toEqual({ state: "authorised", amount: 1000, captured: 0 });
    });

    it("is captured in part, once, and says by whom", async () => {
      const [payments, id] = await authorised(1000);
      const captured = { state: "captured", amount: 1000, captured: 800, endedBy: "order-1" };
      expect(await payments.capture(id, 800, "order-1")).toEqual(captured);
      expect(await payments.capture(id, 800, "order-1")).toEqual(captured);
      expect(await payments.capture(id, 300, "order-1")).toEqual(captured);
      expect(await payments.capture(id, 800, "order-2")).toEqual(captured);
      expect(await payments.read(id)).toEqual(captured);
    });

    it("is cancelled once, and says by whom, where the provider can tell", async () => {
      const [payments, id] = await authorised(1000);
      const cancelled = await payments.cancel(id, "order-1");
      expect(cancelled).toMatchObject({ state: "cancelled", amount: 1000, captured: 0 });
      expect([undefined, "order-1"]).toContain(cancelled.endedBy);
      expect(await payments.cancel(id, "order-2")).toEqual(cancelled);
    });

    it("is not cancelled after it was captured, nor captured after it was cancelled", async () => {
      const [payments, captured] = await authorised(1000);
      await payments.capture(captured, 1000, "k");
      expect(await payments.cancel(captured, "k")).toMatchObject({ state: "captured", captured: 1000 });
      const [others, cancelled] = await authorised(1000);
      await others.cancel(cancelled, "k");
      expect(await others.capture(cancelled, 1000, "k")).toMatchObject({ state: "cancelled", captured: 0 });
    });

    it.each([
      [1000, "captured"],
      [1001, "authorised"],
    ])("of 1000 stays open when more is asked for: %i -> %s", async (sum, state) => {
      const [payments, id] = await authorised(1000);
      expect(await payments.capture(id, sum, "k")).toMatchObject({ state });
      expect(await payments.capture(id, sum, "k")).toMatchObject({ state });
    });

    it("that the provider does not know is an error for a person", async () => {
      const [payments] = await authorised(1000);
      const unknown = { code: "CHARGE_UNKNOWN", disposition: "fatal" };
      await expect(payments.capture("none", 1, "k")).rejects.toMatchObject(unknown);
      await expect(payments.cancel("none", "k")).rejects.toMatchObject(unknown);
      expect(await payments.read("none")).toBeUndefined();
    });

    it("has one end, whatever races for it", async () => {
      const call = fc.oneof(fc.constant("cancel" as const), fc.integer({ min: 1, max: 1000 }));
      await fc.assert(
        fc.asyncProperty(fc.array(call, { minLength: 2, maxLength: 5 }), async (calls) => {
          const [payments, id] = await authorised(1000);
          const make = (what: (typeof calls)[number]) =>
            what === "cancel" ? payments.cancel(id, "k") : payments.capture(id, what, "k");
          const ends = await Promise.all(calls.map((what) => untilAnswered(() => make(what))));
          const last = await payments.read(id);
          expect(last?.state).not.toBe("authorised");
          for (const end of ends) expect(end).toEqual(last);
        }),
        { numRuns: 25, seed: 21 },
      );
    });
  });
}
