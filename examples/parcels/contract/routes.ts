import { defineRoute } from "@crossfade/bridge";
import { BookShipment, CancelPickup } from "./messages.ts";
import { legacyOutcome, toTracking } from "./outcomes.ts";

export const bookShipment = defineRoute({
  type: "BOOK_SHIPMENT",
  message: BookShipment,
  requestId: ({ ref }) => ref,
  cohort: ({ body }) => body.merchant,
  pin: ({ body }) => body.parcel,
  toOrder: ({ event, ref, body: { charge, ...shipment } }) => ({
    customerId: shipment.merchant,
    payment: { authorisationId: charge.authorisation, amount: charge.cents },
    items: [
      {
        ...{ itemId: ref, route: event, requestId: ref, action: "BookShipment" },
        pinKey: shipment.parcel,
        price: charge.cents,
        input: shipment,
      },
    ],
  }),
  toTracking,
  legacyOutcome: legacyOutcome("book"),
});

/** Free of charge. Of one parcel with its booking: the same pin, so that both take the same path while one is open. */
export const cancelPickup = defineRoute({
  type: "CANCEL_PICKUP",
  message: CancelPickup,
  requestId: ({ ref }) => ref,
  cohort: ({ body }) => body.merchant,
  pin: ({ body }) => body.parcel,
  toOrder: ({ event, ref, body }) => ({
    customerId: body.merchant,
    items: [
      {
        ...{ itemId: ref, route: event, requestId: ref, action: "CancelPickup" },
        pinKey: body.parcel,
        input: body,
      },
    ],
  }),
  toTracking,
  legacyOutcome: legacyOutcome("cancel-pickup"),
});
