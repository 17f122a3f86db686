import * as z from "zod";
import { INLINE_INPUT_BYTES, INLINE_OUTCOME_BYTES, MAX_PAYLOAD_BYTES, type Payload, payloadOf } from "./claim-check.ts";
import type { OrderInput, OrderItem, ShadowOrder } from "./order.ts";

/**
 * The most that an order may come to at its end, all results there, in bytes of JSON: Step Functions' limit on a state's
 * data (256 KiB of UTF-8), less 16 KiB. An order that outgrows the limit on its way is ended beyond any Catch.
 */
export const MAX_ORDER_BYTES = 245_760;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** What an order comes to at its end: itself, and for each item an outcome under its names. */
export const bytesAtTheEnd = (order: OrderInput | ShadowOrder): number =>
  order.items.reduce(
    (sum, { itemId, route, requestId }) => sum + bytesOf({ itemId, route, requestId }) + INLINE_OUTCOME_BYTES,
    bytesOf(order),
  );

/** The order as Step Functions gets it, and what is to be kept in the store before it starts. */
export interface BuiltOrder<Order extends OrderInput | ShadowOrder = OrderInput> {
  readonly order: Order;
  readonly payloads: readonly Payload[];
}

/**
 * The order with claim checks in the place of its large inputs (N18).
 * @throws ZodError for an input over MAX_PAYLOAD_BYTES; RangeError when the order could come to more than MAX_ORDER_BYTES.
 */
export function fitted<Order extends OrderInput | ShadowOrder>(whole: Order): BuiltOrder<Order> {
  const payloads: Payload[] = [];
  const items = whole.items.map(({ input, ...item }, n): OrderItem => {
    const payload = payloadOf(input);
    const { bytes } = payload.check;
    if (bytes <= INLINE_INPUT_BYTES) return { ...item, input };
    if (bytes > MAX_PAYLOAD_BYTES) {
      const message = `an input may have ${MAX_PAYLOAD_BYTES} bytes`;
      throw new z.ZodError([{ code: "custom", path: ["items", n, "input"], message }]);
    }
    payloads.push(payload);
    return { ...item, inputCheck: payload.check };
  });
  const order = { ...whole, items };
  if (bytesAtTheEnd(order) <= MAX_ORDER_BYTES) return { order, payloads };
  throw new RangeError(`the order could come to more than ${MAX_ORDER_BYTES} bytes`);
}
