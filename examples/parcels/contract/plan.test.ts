import { CorrelationId, captureEffect, planOrder, shadowFromMessage } from "@crossfade/bridge";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bookings, cancellations } from "../testing/samples.ts";
import { contract } from "./index.ts";
import { effectsOf } from "./outcomes.ts";

async function effectsPlannedOf(body: Readonly<Record<string, unknown>>) {
  const parsed = contract.migration.routeOf(body).parse(body);
  const { order } = shadowFromMessage("parcels", parsed.key, parsed.draft, CorrelationId.parse("journey-1"));
  const payloads = { get: async () => ({ kind: "missing" as const }) };
  return (await planOrder({ plan: contract.plan, payloads }, order)).items.flatMap(({ effects }) => effects);
}

describe("what the carrier would be told", () => {
  test("is what the row of a booking tells afterwards, charge included", async () => {
    await fc.assert(
      fc.asyncProperty(bookings, async (booking) => {
        const { parcel, charge } = booking.body;
        const row = { state: "OK", answer: { parcel, label: "https://label" }, paid: charge };
        const deed = contract.migration.routeOf(booking).legacyOutcome(row);
        expect(await effectsPlannedOf(booking)).toEqual(deed?.effects);
        expect(deed?.effects).toContainEqual(
          captureEffect({ authorisationId: charge.authorisation, amount: charge.cents }),
        );
      }),
    );
  });

  test("is what the row of a cancellation tells, which is free", async () => {
    await fc.assert(
      fc.asyncProperty(cancellations, async (cancellation) => {
        const { parcel } = cancellation.body;
        const row = { state: "OK", answer: { parcel, cancelled: true } };
        expect(await effectsPlannedOf(cancellation)).toEqual(effectsOf("cancel-pickup", { parcel }));
        expect(contract.migration.routeOf(cancellation).legacyOutcome(row)?.effects).toHaveLength(1);
      }),
    );
  });
});
