import { CorrelationId, type OrderInput, orderFromMessage } from "@crossfade/bridge";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bookings, cancellations } from "../testing/samples.ts";
import { contract } from "./index.ts";

const { migration } = contract;
const messages = fc.oneof(bookings, cancellations);
const correlationId = CorrelationId.parse("journey-1");

const read = (body: Readonly<Record<string, unknown>>) => migration.routeOf(body).parse(body);

function orderOf(body: Readonly<Record<string, unknown>>): OrderInput {
  const parsed = read(body);
  return orderFromMessage(migration.name, parsed.key, () => parsed.draft(), correlationId).order;
}

/** The same message as another parser may have read it: its fields in the opposite order. */
const turned = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value), (_, field) =>
    typeof field === "object" && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).toReversed())
      : field,
  );

describe("the routes of the carrier's parcels", () => {
  test("are told by the field `event`, and refuse what they do not know by name", () => {
    const [message] = fc.sample(cancellations, 1);
    expect(() => read({ ...message, event: "LOSE_PARCEL" })).toThrow(/event: no route for "LOSE_PARCEL"/);
    expect(() => read({ ...message, type: "CANCEL_PICKUP" })).toThrow(/CANCEL_PICKUP: type: /);
    expect(() => read({ ...message, body: { ...message?.body, why: "BORED" } })).toThrow(/CANCEL_PICKUP: body\.why: /);
  });

  test("know a job by its reference, move merchants together, and keep a parcel on one path", () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(read(message)).toMatchObject({
          key: { route: message.event, requestId: message.ref },
          cohortKey: message.body.merchant,
          pinKey: message.body.parcel,
        });
      }),
    );
  });

  test("make the same order of the same message", () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(orderOf(structuredClone(message))).toEqual(orderOf(message));
        expect(read(turned(message)).bodyHash).toBe(read(message).bodyHash);
        expect(orderOf(turned(message))).toEqual(orderOf(message));
      }),
    );
  });

  test("make a valid order of every message, of one item that holds the message's own pin", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const { items } = orderOf(message);
        expect(items).toHaveLength(1);
        expect(items[0]).toMatchObject({ itemId: message.ref, requestId: message.ref, pinKey: read(message).pinKey });
      }),
    );
  });

  test("charge for a booking what was authorised for it, and nothing for a cancellation", () => {
    fc.assert(
      fc.property(bookings, cancellations, (booking, cancellation) => {
        const { authorisation, cents } = booking.body.charge;
        const paid = orderOf(booking);
        expect(paid.payment).toEqual({ authorisationId: authorisation, amount: cents });
        expect(paid.items.map(({ price }) => price)).toEqual([cents]);
        expect(paid.items[0]?.input).not.toHaveProperty("charge");
        expect(orderOf(cancellation)).not.toHaveProperty("payment");
      }),
    );
  });
});
