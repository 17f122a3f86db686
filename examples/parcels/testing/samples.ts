import fc from "fast-check";
import type { BookShipment, CancelPickup } from "../contract/messages.ts";

// For tests only: any message that the shop may publish.

const letters = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });
const digits = (length: number) => letters("0123456789", length);
const capitals = letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2);
const line = fc.string({ minLength: 1, maxLength: 60 });

const ref = fc.tuple(digits(4), letters("abcdefghij0123456789", 8)).map(([year, id]) => `J-${year}-${id}`);
const subject = {
  merchant: fc.constantFrom("kirjakauppa", "polkupyora-24", "m-17"),
  parcel: fc.tuple(capitals, digits(9), capitals).map((parts) => parts.join("")),
};

export const bookings: fc.Arbitrary<BookShipment> = fc.record({
  event: fc.constant("BOOK_SHIPMENT" as const),
  ref,
  body: fc.record({
    ...subject,
    grams: fc.integer({ min: 1, max: 35_000 }),
    to: fc.record({ name: line, street: line, town: line, country: capitals }),
    charge: fc.record({
      authorisation: fc.string({ minLength: 1, maxLength: 200 }),
      cents: fc.integer({ min: 1, max: 100_000 }),
    }),
  }),
});

export const cancellations: fc.Arbitrary<CancelPickup> = fc.record({
  event: fc.constant("CANCEL_PICKUP" as const),
  ref,
  body: fc.record({ ...subject, why: fc.constantFrom("NOT_READY" as const, "ORDER_WITHDRAWN" as const) }),
});
