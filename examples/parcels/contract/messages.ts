import * as z from "zod";

/** A job's reference: the merchant's system never gives it twice. */
const Ref = z.string().regex(/^J-\d{4}-[a-z0-9]{8}$/, "must be a reference like J-2026-7f3k0q2m");

/** 1 to 40 of a-z, 0-9 and -. */
const Merchant = z.string().regex(/^[a-z0-9-]{1,40}$/, "must be 1 to 40 of a-z, 0-9 and -");

/** As it is printed on the parcel: two letters, nine digits, the country. */
const ParcelNumber = z.string().regex(/^[A-Z]{2}\d{9}[A-Z]{2}$/, "must be a parcel number like JJ123456789FI");

/** One line of an address, as a label prints it. */
const Line = z.string().min(1).max(60);

const subject = { merchant: Merchant, parcel: ParcelNumber };

/** What the carrier must know to fetch and deliver a parcel. */
export const Shipment = z.strictObject({
  ...subject,
  grams: z.int().min(1).max(35_000),
  to: z.strictObject({ name: Line, street: Line, town: Line, country: z.string().regex(/^[A-Z]{2}$/) }),
});
export type Shipment = z.infer<typeof Shipment>;

/** A pickup that is no longer wanted. */
export const Cancellation = z.strictObject({ ...subject, why: z.enum(["NOT_READY", "ORDER_WITHDRAWN"]) });
export type Cancellation = z.infer<typeof Cancellation>;

/** What the merchant's card was authorised for. */
const Charge = z.strictObject({ authorisation: z.string().min(1).max(200), cents: z.int().min(1).max(100_000) });

export const BookShipment = z.strictObject({
  event: z.literal("BOOK_SHIPMENT"),
  ref: Ref,
  body: z.strictObject({ ...Shipment.shape, charge: Charge }),
});
export type BookShipment = z.infer<typeof BookShipment>;

export const CancelPickup = z.strictObject({ event: z.literal("CANCEL_PICKUP"), ref: Ref, body: Cancellation });
export type CancelPickup = z.infer<typeof CancelPickup>;
