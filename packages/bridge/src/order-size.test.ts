import { describe, expect, it } from "vitest";
import { INLINE_INPUT_BYTES, INLINE_OUTCOME_BYTES, MAX_PAYLOAD_BYTES, payloadOf } from "./claim-check.ts";
import { FinishInput } from "./finish-order.ts";
import { canonicalJson } from "./hash.ts";
import { CorrelationId, requestKeyText } from "./ids.ts";
import { type ItemDraft, MAX_ITEMS, type OrderDraft, OrderOutcome, orderFromMessage } from "./order.ts";
import { type BuiltOrder, bytesAtTheEnd, MAX_ORDER_BYTES } from "./order-size.ts";
import { aKey, bridgeError } from "./testing.ts";

/** Of a state's input or output, in bytes. */
const STEP_FUNCTIONS_LIMIT = 262_144;

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** A text of so many characters that ends in its number. */
const long = (n: number, length: number, character = "x") => String(n).padStart(length, character);

const item = (n: number, given: Partial<ItemDraft> = {}): ItemDraft => ({
  itemId: `item-${n}`,
  route: "REGISTER_DOMAIN",
  requestId: `r${n}`,
  action: "RegisterDomain",
  input: {},
  ...given,
});
const draftOf = (...items: readonly ItemDraft[]): OrderDraft => ({ customerId: "cust-1", items });
const build = (draft: OrderDraft, correlationId = "corr-1"): BuiltOrder =>
  orderFromMessage("webcat", aKey("request-1"), () => draft, CorrelationId.parse(correlationId));

/** An object whose JSON has exactly so many bytes. `character` must have two bytes at most, as the pad has one. */
function objectOf(size: number, character = "x"): Record<string, string> {
  const room = size - bytes({ padding: "" });
  const many = Math.floor(room / Buffer.byteLength(character));
  return { padding: character.repeat(many) + "x".repeat(room - many * Buffer.byteLength(character)) };
}

describe("an input", () => {
  const built = (input: ItemDraft["input"]) => build(draftOf(item(0, { input })));

  it.each(["x", "ä"])(
    "of %j stays in its item up to the limit in bytes, and leaves its check there above it",
    (character) => {
      const fits = objectOf(INLINE_INPUT_BYTES, character);
      expect(built(fits)).toMatchObject({ order: { items: [{ input: fits }] }, payloads: [] });
      const large = objectOf(INLINE_INPUT_BYTES + 1, character);
      const payload = payloadOf(large);
      const { order, payloads } = built(large);
      expect(payloads).toEqual([payload]);
      expect(payload).toMatchObject({ text: canonicalJson(large), check: { bytes: INLINE_INPUT_BYTES + 1 } });
      expect(order.items[0]).toMatchObject({ inputCheck: payload.check });
      expect(order.items[0]).not.toHaveProperty("input");
    },
  );

  it("is refused above the cap, and named", () => {
    expect(built(objectOf(MAX_PAYLOAD_BYTES)).payloads).toHaveLength(1);
    const refused = bridgeError("INVALID_ORDER", "reject", "order.items.0.input");
    expect(() => built(objectOf(MAX_PAYLOAD_BYTES + 1))).toThrow(refused);
  });

  it("that looks like a check is data", () => {
    const { check } = payloadOf({});
    const { order, payloads } = built({ inputCheck: { ...check } });
    expect(order.items[0]?.input).toEqual({ inputCheck: check });
    expect(payloads).toEqual([]);
  });

  it("is the route's to give: a check is refused", () => {
    const smuggled = { ...item(0), inputCheck: payloadOf({}).check };
    expect(() => build(draftOf(smuggled))).toThrow(bridgeError("INVALID_ORDER", "reject", "order.items.0"));
  });
});

describe("40 items of the longest names, inputs and outcomes at their limits", () => {
  const items = Array.from({ length: MAX_ITEMS }, (_, n) =>
    item(n, {
      ...{ itemId: long(n, 200), requestId: long(n, 200), pinKey: long(n, 512), price: 2_499_999 },
      ...{ route: "R".repeat(64), action: "A".repeat(40), input: objectOf(INLINE_INPUT_BYTES) },
    }),
  );
  const payment = { authorisationId: "a".repeat(200), amount: 99_999_999 };
  const { order, payloads } = build({ customerId: "c".repeat(512), payment, items }, "c".repeat(200));
  const outcome = { status: "COMPLETED" as const, effects: [], result: {} };
  const room = INLINE_OUTCOME_BYTES - bytes(outcome) + bytes({});
  const results = order.items.map(({ itemId, route, requestId }) => ({
    ...{ itemId, route, requestId },
    ...{ ...outcome, result: objectOf(room) },
  }));
  const charge = { kind: "capture" as const, items: order.items.map(requestKeyText), sum: payment.amount };

  it("keep everything inline", () => {
    expect(payloads).toEqual([]);
    expect(results.map(({ itemId: _, route: __, requestId: ___, ...each }) => bytes(each))).toEqual(
      results.map(() => INLINE_OUTCOME_BYTES),
    );
  });

  it.each([
    ["the order's input", order],
    ["the state before its last step", { ...order, results }],
    ["what its last step is given", FinishInput.parse({ order, generation: 0, results })],
    ["its output", OrderOutcome.parse({ status: "COMPLETED", items: results, charge })],
  ])("leave a tenth of the limit: %s", (_, data) => {
    expect(bytes(data)).toBeLessThan(STEP_FUNCTIONS_LIMIT * 0.9);
  });

  it("are what the order was measured for", () => {
    expect(bytesAtTheEnd(order)).toBeGreaterThan(bytes({ ...order, results }) - 100);
    expect(bytesAtTheEnd(order)).toBeLessThan(MAX_ORDER_BYTES);
  });
});

describe("an order that Step Functions would not take", () => {
  /** 40 items under names of three bytes a character, and inputs that bring the order to exactly `size` at its end. */
  const sized = (size: number): OrderDraft => {
    const filled = (paddings: readonly number[]) =>
      draftOf(
        ...paddings.map((padding, n) =>
          item(n, {
            ...{ itemId: long(n, 200, "€"), requestId: long(n, 200, "€"), input: { padding: "x".repeat(padding) } },
          }),
        ),
      );
    const empty = Array.from({ length: MAX_ITEMS }, () => 0);
    const room = size - bytesAtTheEnd(build(filled(empty)).order);
    const each = Math.floor(room / MAX_ITEMS);
    return filled(empty.map((_, n) => (n === 0 ? room - each * (MAX_ITEMS - 1) : each)));
  };

  it("is refused before anything is claimed, above its limit and not below", () => {
    const { order, payloads } = build(sized(MAX_ORDER_BYTES));
    expect(bytesAtTheEnd(order)).toBe(MAX_ORDER_BYTES);
    expect(payloads).toEqual([]);
    expect(() => build(sized(MAX_ORDER_BYTES + 1))).toThrow(bridgeError("INVALID_ORDER", "reject", "order"));
  });
});
