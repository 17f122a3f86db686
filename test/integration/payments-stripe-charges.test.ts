import { type OrderInput, requestKeyText, settleCharge } from "@crossfade/bridge";
import { composeFinishOrder } from "@crossfade/functions/compose";
import type { Fault } from "@crossfade/local/stripe";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { anOrder, bridgeError, captureWithinMs, MemoryCharges, NOW } from "../../packages/bridge/src/testing.ts";
import { SECRET_KEY, type StripeFixture, startStripeFixture } from "./support/stripe.ts";

const PRICES = [100, 20, 3];
const KEYS = anOrder(PRICES).items.map(requestKeyText);
const AUTHORISED = 200;
const ATTEMPTS = 30;

let stripe: StripeFixture;
beforeAll(async () => {
  stripe = await startStripeFixture();
});
beforeEach(() => stripe.server.heal());
afterAll(() => stripe.server.close());

/** An order whose charge is authorised at Stripe, of which so many items are done. */
async function authorised(done: number, amount = AUTHORISED) {
  const id = await stripe.authorise(amount);
  const order: OrderInput = { ...anOrder(PRICES), payment: { authorisationId: id, amount } };
  return { id, order, charges: new MemoryCharges({ done: KEYS.slice(0, done) }) };
}
type Placed = Awaited<ReturnType<typeof authorised>>;

const settle = ({ order, charges }: Placed, now = NOW) =>
  settleCharge({ charges, payments: stripe.payments, clock: { now: () => now }, captureWithinMs }, order, 0);

/** Settles as Step Functions and the queues do: again and again, until it is done. */
async function settled(placed: Placed, now = NOW) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await settle(placed, now);
    } catch (error) {
      expect(error).toMatchObject({ disposition: "retry" });
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

const FAULTS: readonly Fault[] = [
  ...(["dropped", "lost", "cut", "silent"] as const),
  ...(["failed", "failed-late", "unavailable", "rate-limited"] as const),
];

describe("an order's charge is ended as decided, once (P7)", () => {
  const cases = FAULTS.flatMap((fault) => [1, 3].flatMap((times) => [0, 2].map((done) => ({ fault, times, done }))));

  it.each(cases)("when a command is $fault $times times, with $done items done", async ({ fault, times, done }) => {
    const placed = await authorised(done);
    stripe.server.fail("write", ...Array<Fault>(times).fill(fault));
    expect(await settled(placed)).toMatchObject({ mismatch: undefined });
    expect(stripe.effectsOf(placed.id)).toEqual([done === 0 ? "cancel" : "capture 120"]);
    expect(placed.charges.record.carriedOut).toBe(true);
  });

  it("when it cannot be read back", async () => {
    const placed = await authorised(3);
    stripe.server.fail("write", "lost", "lost");
    stripe.server.fail("read", "unavailable", "cut", "dropped", "dropped");
    expect(await settled(placed)).toMatchObject({ mismatch: undefined });
    expect(stripe.effectsOf(placed.id)).toEqual(["capture 123"]);
  });

  it("by any two settlers, under any faults (property)", async () => {
    const fault = fc.constantFrom<Fault>("cut", "failed", "failed-late", "unavailable", "rate-limited");
    const read = fc.constantFrom<Fault>("cut", "unavailable", "rate-limited");
    const faults = fc.record({ write: fc.array(fault, { maxLength: 5 }), read: fc.array(read, { maxLength: 5 }) });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3 }), faults, async (done, { write, read }) => {
        stripe.server.heal();
        const placed = await authorised(done);
        stripe.server.fail("write", ...write);
        stripe.server.fail("read", ...read);
        const [one, other] = await Promise.all([settled(placed), settled(placed)]);
        expect(one).toEqual(other);
        const sum = PRICES.slice(0, done).reduce((total, price) => total + price, 0);
        expect(stripe.effectsOf(placed.id)).toEqual([sum === 0 ? "cancel" : `capture ${sum}`]);
        expect(one.mismatch).toBeUndefined();
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});

describe("a charge that Stripe ended otherwise is told, and left as it is", () => {
  it("when the authorisation expired", async () => {
    const placed = await authorised(2);
    stripe.server.expire(placed.id);
    expect(await settle(placed)).toMatchObject({ mismatch: "cancelled 0 of 200" });
    expect(stripe.effectsOf(placed.id)).toEqual([]);
  });

  it("when another order captured it", async () => {
    const placed = await authorised(2);
    await stripe.payments.capture(placed.id, 120, "another-order");
    expect(await settle(placed)).toMatchObject({ mismatch: "captured for another order" });
  });

  it("when somebody captured another sum at Stripe", async () => {
    const placed = await authorised(2);
    await stripe.shop.paymentIntents.capture(placed.id, { amount_to_capture: 5 });
    expect(await settle(placed)).toMatchObject({ mismatch: "captured 5 of 200" });
  });

  it("when Stripe does not know it", async () => {
    const placed = await authorised(2);
    const payment = { authorisationId: "pi_of_somebody_else", amount: AUTHORISED };
    expect(await settle({ ...placed, order: { ...placed.order, payment } })).toMatchObject({
      mismatch: "unknown to the provider",
    });
  });
});

describe("a charge that Stripe leaves open (P7: never left open)", () => {
  const late = NOW + captureWithinMs + 1;

  it.each([
    ["less is authorised than the work costs", async () => authorised(3, 50), "cancelled 0 of 50"],
    [
      "the customer never confirmed it",
      async () => {
        const placed = await authorised(3);
        stripe.server.become(placed.id, "requires_action");
        return placed;
      },
      "cancelled 0 of 200",
    ],
  ])("because %s is given back in the end, and told", async (_, place, mismatch) => {
    const placed = await place();
    for (let time = 0; time < 12; time++) {
      await expect(settle(placed)).rejects.toEqual(bridgeError("CHARGE_REFUSED", "retry"));
    }
    expect(await settled(placed, late)).toMatchObject({ mismatch });
    expect(stripe.effectsOf(placed.id)).toEqual(["cancel"]);
  });

  it("by failing, and by repeating its failures, is not given back: nobody refused it", async () => {
    const placed = await authorised(3);
    stripe.server.fail("write", ...Array<Fault>(8).fill("failed"));
    for (const now of [NOW, ...Array<number>(12).fill(late)]) {
      await expect(settle(placed, now)).rejects.toEqual(bridgeError("DEPENDENCY_FAILED", "retry"));
    }
    expect(stripe.effectsOf(placed.id)).toEqual([]);
  });
});

it("the functions charge at Stripe when their environment names a Stripe key", async () => {
  vi.stubEnv("LEDGER_TABLE", "ledger");
  vi.stubEnv("PAYMENTS_TABLE", undefined);
  vi.stubEnv("STRIPE_SECRET_KEY", SECRET_KEY);
  vi.stubEnv("STRIPE_API_URL", stripe.server.endpoint);
  const { payments } = composeFinishOrder();
  vi.unstubAllEnvs();
  const { id } = await authorised(1);
  expect(await payments.capture(id, 100, "k")).toMatchObject({ state: "captured", captured: 100 });
});
