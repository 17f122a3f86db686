import { once } from "node:events";
import { createServer } from "node:http";
import { inspect } from "node:util";
import type { PaymentRecord } from "@crossfade/bridge";
import { StripePayments } from "@crossfade/bridge/adapters/stripe-payments";
import type { Fault, IntentStatus } from "@crossfade/local/stripe";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { untilAnswered } from "./support/payments-contract.ts";
import { SECRET_KEY, type StripeFixture, startStripeFixture } from "./support/stripe.ts";

const DAY = 24 * 60 * 60_000;
let now = Date.UTC(2026, 10, 21, 9, 0, 0);
let stripe: StripeFixture;

beforeAll(async () => {
  stripe = await startStripeFixture({ now: () => now });
});
beforeEach(() => stripe.server.heal());
afterAll(() => stripe.server.close());

const RETRY = { code: "DEPENDENCY_FAILED", disposition: "retry" };
const captured = (sum: number) => ({ state: "captured", amount: 1000, captured: sum, endedBy: "k" });

describe("the requests to Stripe", () => {
  it("hold the sum, who captures and a key that follows from them; a repeated call sends the same again", async () => {
    const id = await stripe.authorise(1000);
    const before = stripe.server.requests().length;
    await stripe.payments.capture(id, 800, "k");
    await stripe.payments.capture(id, 800, "k");
    const [first, , second] = stripe.server.requests().slice(before);
    expect(first).toMatchObject({ method: "POST", path: `/v1/payment_intents/${id}/capture` });
    expect(first?.body).toBe("amount_to_capture=800&metadata[crossfade_ended_by]=k");
    expect(second).toEqual(first);
    expect(stripe.effectsOf(id)).toEqual(["capture 800"]);
    expect(stripe.server.intent(id)).toMatchObject({ amount_received: 800, amount_capturable: 0 });
  });

  it("have keys of their own for each charge, operation, sum and caller", async () => {
    const [one, other] = [await stripe.authorise(1000), await stripe.authorise(1000)];
    const before = stripe.server.requests().length;
    for (const id of [one, other]) {
      for (const sum of [1001, 1002]) for (const key of ["k", "l"]) await stripe.payments.capture(id, sum, key);
      await stripe.payments.cancel(id, "k");
    }
    const commands = stripe.server
      .requests()
      .slice(before)
      .filter(({ method }) => method === "POST");
    expect(commands).toHaveLength(10);
    expect(new Set(commands.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(10);
  });
});

describe("an answer that was lost", () => {
  it.each(["lost", "cut", "silent"] as const)("(%s) is read back: the capture took effect", async (fault) => {
    const id = await stripe.authorise(1000);
    stripe.server.fail("write", fault, fault);
    expect(await stripe.payments.capture(id, 800, "k")).toEqual(captured(800));
    expect(stripe.effectsOf(id)).toEqual(["capture 800"]);
  });

  it.each<Fault>(["lost", "failed-late"])("(%s) and cannot be read back is asked for again", async (fault) => {
    const id = await stripe.authorise(1000);
    stripe.server.fail("write", fault, fault);
    stripe.server.fail("read", "unavailable");
    await expect(stripe.payments.cancel(id, "k")).rejects.toMatchObject(RETRY);
    expect(await stripe.payments.cancel(id, "k")).toMatchObject({ state: "cancelled", captured: 0 });
    expect(stripe.effectsOf(id)).toEqual(["cancel"]);
  });
});

describe("a request that may not have taken effect", () => {
  it.each<Fault>(["dropped", "failed", "unavailable", "rate-limited"])("(%s) is made again", async (fault) => {
    const id = await stripe.authorise(1000);
    stripe.server.fail("write", fault, ...(fault === "dropped" ? [fault] : []));
    await expect(stripe.payments.capture(id, 800, "k")).rejects.toMatchObject(RETRY);
    expect(stripe.effectsOf(id)).toEqual([]);
    expect(await stripe.payments.capture(id, 800, "k")).toEqual(captured(800));
  });

  it("because another with its key is being worked on waits for that one", async () => {
    const id = await stripe.authorise(1000);
    const held = stripe.server.hold();
    const patient = new StripePayments(SECRET_KEY, { apiUrl: stripe.server.endpoint });
    const first = patient.capture(id, 800, "k");
    await held.begun;
    await expect(stripe.payments.capture(id, 800, "k")).rejects.toMatchObject({
      ...RETRY,
      details: { status: 409, code: "idempotency_key_in_use" },
    });
    held.release();
    expect(await first).toEqual(captured(800));
    expect(stripe.effectsOf(id)).toEqual(["capture 800"]);
  });

  it("goes on failing once eight stored failures stand in its way, and is made when Stripe forgets them", async () => {
    const id = await stripe.authorise(1000);
    stripe.server.fail("write", ...Array<Fault>(8).fill("failed"));
    for (let call = 0; call < 10; call++) {
      await expect(stripe.payments.capture(id, 800, "k")).rejects.toMatchObject(RETRY);
    }
    now += DAY + 1;
    expect(await stripe.payments.capture(id, 800, "k")).toEqual(captured(800));
  });
});

describe("a refusal", () => {
  it("by the card's bank leaves the charge open", async () => {
    const id = await stripe.authorise(1000);
    stripe.server.fail("write", "declined");
    expect(await stripe.payments.capture(id, 800, "k")).toEqual({ state: "authorised", amount: 1000, captured: 0 });
    expect(await stripe.payments.cancel(id, "k")).toMatchObject({ state: "cancelled" });
  });

  it("that Stripe has stored is no answer to a charge that changed since", async () => {
    const id = await stripe.authorise(1000);
    stripe.server.become(id, "requires_action");
    expect(await stripe.payments.capture(id, 800, "k")).toMatchObject({ state: "authorised" });
    stripe.server.become(id, "requires_capture");
    expect(await stripe.payments.capture(id, 800, "k")).toEqual(captured(800));
  });

  it("because its key stands for another request is passed by with the next key", async () => {
    const [id, other] = [await stripe.authorise(1000), await stripe.authorise(1000)];
    stripe.server.fail("write", "unavailable");
    await expect(stripe.payments.capture(id, 800, "k")).rejects.toMatchObject(RETRY);
    const idempotencyKey = stripe.server.requests().findLast(({ method }) => method === "POST")?.idempotencyKey ?? "";
    await stripe.shop.paymentIntents.cancel(other, {}, { idempotencyKey });
    expect(await stripe.payments.capture(id, 800, "k")).toEqual(captured(800));
  });
});

describe("a PaymentIntent that is not awaiting its capture", () => {
  it.each<[IntentStatus, Partial<PaymentRecord>]>([
    ["requires_payment_method", { state: "authorised", captured: 0 }],
    ["requires_confirmation", { state: "authorised", captured: 0 }],
    ["requires_action", { state: "authorised", captured: 0 }],
  ])("(%s) is open, is not captured and can be cancelled", async (status, record) => {
    const id = await stripe.authorise(1000);
    stripe.server.become(id, status);
    expect(await stripe.payments.read(id)).toMatchObject(record);
    expect(await stripe.payments.capture(id, 800, "k")).toMatchObject(record);
    expect(await stripe.payments.cancel(id, "k")).toMatchObject({ state: "cancelled" });
  });

  it("(processing) is waited for: it is neither open nor ended", async () => {
    const id = await stripe.authorise(1000);
    stripe.server.become(id, "processing");
    for (const call of [
      () => stripe.payments.read(id),
      () => stripe.payments.capture(id, 800, "k"),
      () => stripe.payments.cancel(id, "k"),
    ]) {
      await expect(call()).rejects.toMatchObject(RETRY);
    }
  });

  it("(expired) is cancelled, by nobody", async () => {
    const id = await stripe.authorise(1000);
    stripe.server.expire(id);
    expect(stripe.server.intent(id).cancellation_reason).toBe("automatic");
    expect(await stripe.payments.capture(id, 800, "k")).toEqual({ state: "cancelled", amount: 1000, captured: 0 });
  });
});

describe("errors", () => {
  it("say that the key is refused, and show neither key nor PaymentIntent", async () => {
    const id = await stripe.authorise(1000);
    const stranger = new StripePayments("sk_test_wrong", { apiUrl: stripe.server.endpoint });
    const refused = await stranger.capture(id, 800, "k").catch((error: unknown) => error);
    expect(refused).toMatchObject({ ...RETRY, details: { status: 401, type: "StripeAuthenticationError" } });
    stripe.server.fail("write", "failed");
    const failed = await stripe.payments.capture(id, 800, "k").catch((error: unknown) => error);
    for (const error of [refused, failed]) {
      expect(error).not.toHaveProperty("cause");
      expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/sk_test|client_secret|_secret_|Bearer/);
    }
  });

  it("say why there is no answer", async () => {
    const gone = await startStripeFixture();
    await gone.server.close();
    await expect(gone.payments.read("pi_1")).rejects.toMatchObject({ ...RETRY, details: { code: "ECONNREFUSED" } });
  });
});

it("is not unknown because a server that is not Stripe does not know it", async () => {
  const nothing = JSON.stringify({ error: { type: "invalid_request_error", message: "no such page" } });
  const server = createServer((_, response) => response.writeHead(404).end(nothing)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const payments = new StripePayments(SECRET_KEY, { apiUrl: `http://127.0.0.1:${port}` });
  await expect(payments.read("pi_1")).rejects.toMatchObject({ ...RETRY, details: { status: 404 } });
  await expect(payments.cancel("pi_1", "k")).rejects.toMatchObject(RETRY);
  server.closeAllConnections();
  server.close();
});

/** Faults that the client does not try again by itself, which would take half a second. */
const fault = fc.constantFrom<Fault>("cut", "failed", "failed-late", "unavailable", "rate-limited");
const call = fc.oneof(fc.constant("cancel" as const), fc.integer({ min: 1, max: 1100 }));

it("ends once, and everybody is told the same end, under any calls and faults (property, P7)", async () => {
  const groups = fc.array(fc.array(call, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
  const faults = fc.record({
    write: fc.array(fault, { maxLength: 6 }),
    read: fc.array(fc.constantFrom<Fault>("cut", "unavailable", "rate-limited"), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(groups, faults, async (together, { write, read }) => {
      stripe.server.heal();
      const id = await stripe.authorise(1000);
      stripe.server.fail("write", ...write);
      stripe.server.fail("read", ...read);
      const told: PaymentRecord[] = [];
      for (const calls of together) {
        const ends = calls.map((what) =>
          what === "cancel" ? stripe.payments.cancel(id, "k") : stripe.payments.capture(id, what, "k"),
        );
        for (const end of await Promise.allSettled(ends)) {
          if (end.status === "fulfilled") told.push(end.value);
          else expect(end.reason).toMatchObject(RETRY);
        }
      }
      stripe.server.heal();
      const last = await untilAnswered(() => stripe.payments.cancel(id, "k"));
      expect(stripe.effectsOf(id)).toEqual([last.state === "captured" ? `capture ${last.captured}` : "cancel"]);
      for (const record of told) if (record.state !== "authorised") expect(record).toEqual(last);
      expect(await stripe.payments.read(id)).toEqual(last);
    }),
    { numRuns: 150, seed: 7 },
  );
});
