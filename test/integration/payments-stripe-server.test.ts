import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SECRET_KEY, type StripeFixture, startStripeFixture } from "./support/stripe.ts";

/** The rules of Stripe's API that the tests of the bridge rest on, seen through Stripe's own client. */
let now = Date.UTC(2026, 10, 21, 9, 0, 0);
let stripe: StripeFixture;

beforeAll(async () => {
  stripe = await startStripeFixture({ now: () => now });
});
afterAll(() => stripe.server.close());

const intents = () => stripe.shop.paymentIntents;
const refusal = (code: string, more: object = {}) => ({
  type: "StripeInvalidRequestError",
  rawType: "invalid_request_error",
  statusCode: 400,
  code,
  ...more,
});

const post = (path: string, init: { key?: string; type?: string; body?: string; auth?: string }) =>
  fetch(`${stripe.server.endpoint}/v1/${path}`, {
    method: "POST",
    headers: {
      authorization: init.auth ?? `Bearer ${SECRET_KEY}`,
      "content-type": init.type ?? "application/x-www-form-urlencoded",
      ...(init.key !== undefined && { "idempotency-key": init.key }),
    },
    body: init.body ?? "",
  });

describe("a PaymentIntent", () => {
  it("holds the amount once it is confirmed, and is captured when asked, or at once", async () => {
    const card = { amount: 1000, currency: "eur", confirm: true, payment_method: "pm_card_visa" } as const;
    const manual = await intents().create({ ...card, capture_method: "manual", metadata: { order: "7" } });
    expect(manual).toMatchObject({ status: "requires_capture", amount_capturable: 1000, metadata: { order: "7" } });
    expect(await intents().create(card)).toMatchObject({ status: "succeeded", amount_received: 1000 });
    expect(await intents().create({ ...card, confirm: false })).toMatchObject({ status: "requires_confirmation" });
    const asked = { ...card, payment_method: "pm_card_authenticationRequired" };
    expect(await intents().create(asked)).toMatchObject({ status: "requires_action" });
  });

  it("is captured once, whole or in part; the rest is released and metadata is added", async () => {
    const part = await stripe.authorise(1000);
    const params = { amount_to_capture: 300, metadata: { by: "k" } };
    expect(await intents().capture(part, params)).toMatchObject({
      ...{ status: "succeeded", amount: 1000, amount_received: 300, amount_capturable: 0, metadata: { by: "k" } },
    });
    const state = refusal("payment_intent_unexpected_state", { payment_intent: { id: part, status: "succeeded" } });
    await expect(intents().capture(part, params)).rejects.toMatchObject(state);
    await expect(intents().cancel(part)).rejects.toMatchObject(state);
    const whole = await stripe.authorise(1000);
    expect(await intents().capture(whole)).toMatchObject({ amount_received: 1000 });
  });

  it("is cancelled once, and not captured after it", async () => {
    const id = await stripe.authorise(1000);
    const cancelled = { status: "canceled", amount_received: 0, amount_capturable: 0, canceled_at: now / 1000 };
    const params = { cancellation_reason: "abandoned" } as const;
    expect(await intents().cancel(id, params)).toMatchObject({ ...cancelled, ...params });
    await expect(intents().cancel(id)).rejects.toMatchObject(refusal("payment_intent_unexpected_state"));
    await expect(intents().capture(id)).rejects.toMatchObject(refusal("payment_intent_unexpected_state"));
    expect(await intents().retrieve(id)).toMatchObject(cancelled);
  });

  it("is not captured for more than it holds", async () => {
    const id = await stripe.authorise(1000);
    const tooMuch = refusal("amount_too_large", { param: "amount_to_capture" });
    await expect(intents().capture(id, { amount_to_capture: 1001 })).rejects.toMatchObject(tooMuch);
    expect(await intents().retrieve(id)).toMatchObject({ status: "requires_capture" });
  });

  it("that is unknown is missing, however one asks", async () => {
    const missing = refusal("resource_missing", { statusCode: 404, param: "intent" });
    for (const call of [intents().retrieve("pi_x"), intents().capture("pi_x"), intents().cancel("pi_x")]) {
      await expect(call).rejects.toMatchObject(missing);
    }
  });
});

describe("an idempotency key", () => {
  it("gives the same answer again, and says so, for 24 hours", async () => {
    const id = await stripe.authorise(1000);
    const cancel = () => post(`payment_intents/${id}/cancel`, { key: `cancel ${id}` });
    const first = await cancel();
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    const body = await first.text();
    now += 24 * 60 * 60_000;
    const again = await cancel();
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect([again.status, await again.text()]).toEqual([200, body]);
    now += 1;
    expect((await cancel()).status).toBe(400);
  });

  it.each(["failed", "failed-late"] as const)("gives a 500 again too (%s)", async (fault) => {
    const id = await stripe.authorise(1000);
    stripe.server.fail("write", fault);
    const cancel = () => post(`payment_intents/${id}/cancel`, { key: `500 ${id}` });
    expect((await cancel()).status).toBe(500);
    const again = await cancel();
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([500, "true"]);
    expect(stripe.effectsOf(id)).toEqual(fault === "failed" ? [] : ["cancel"]);
  });

  it("keeps no answer to parameters that are wrong, nor to a request that was turned away", async () => {
    const id = await stripe.authorise(1000);
    const idempotencyKey = `unkept ${id}`;
    const wrong = await post(`payment_intents/${id}/capture`, { key: idempotencyKey, body: "amount_to_capture=-1" });
    expect(wrong.status).toBe(400);
    stripe.server.fail("write", "rate-limited", "unavailable");
    await expect(intents().capture(id, {}, { idempotencyKey })).rejects.toMatchObject({ type: "StripeRateLimitError" });
    await expect(intents().capture(id, {}, { idempotencyKey })).rejects.toMatchObject({ statusCode: 503 });
    expect(await intents().capture(id, {}, { idempotencyKey })).toMatchObject({ status: "succeeded" });
  });

  it("is refused with another request, and while its own is being worked on", async () => {
    const id = await stripe.authorise(1000);
    const idempotencyKey = `busy ${id}`;
    const held = stripe.server.hold();
    const first = intents().capture(id, { amount_to_capture: 5 }, { idempotencyKey });
    await held.begun;
    await expect(intents().capture(id, { amount_to_capture: 5 }, { idempotencyKey })).rejects.toMatchObject({
      statusCode: 409,
      code: "idempotency_key_in_use",
    });
    held.release();
    expect(await first).toMatchObject({ amount_received: 5 });
    const mismatch = { type: "StripeIdempotencyError", rawType: "idempotency_error", statusCode: 400 };
    await expect(intents().capture(id, { amount_to_capture: 6 }, { idempotencyKey })).rejects.toMatchObject(mismatch);
    await expect(intents().cancel(id, {}, { idempotencyKey })).rejects.toMatchObject(mismatch);
  });
});

describe("the server refuses", () => {
  it("a wrong key, as a bearer token or as a user name", async () => {
    const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString("base64")}`;
    const body = "amount=1&currency=eur";
    expect((await post("payment_intents", { auth: basic(SECRET_KEY), body })).status).toBe(200);
    for (const auth of [basic("sk_other"), "Bearer sk_other", ""]) {
      const answer = await post("payment_intents", { auth, body });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: { type: "invalid_request_error" } });
    }
  });

  it("JSON, unknown parameters and what it does not do, by name", async () => {
    const json = await post("payment_intents", { type: "application/json", body: "{}" });
    expect(json.status).toBe(400);
    const unknown = await post("payment_intents", { body: "amount=1&currency=eur&tip=5" });
    expect(await unknown.json()).toMatchObject({ error: { code: "parameter_unknown", param: "tip" } });
    const elsewhere = await post("refunds", {});
    expect(elsewhere.status).toBe(404);
    expect(await elsewhere.json()).toMatchObject({ error: { message: expect.stringContaining("POST /v1/refunds") } });
  });
});
