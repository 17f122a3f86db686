import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../../test/integration/support/eventually.ts";
import { attribute } from "../../../test/integration/support/queues.ts";
import type { BookShipment, CancelPickup } from "../contract/messages.ts";
import { JobRow } from "../contract/tracking.ts";
import type { CarrierTroubles } from "../reference/carrier.ts";
import type { World } from "./world.ts";

/** Merchants of either path. */
const MERCHANTS = { legacy: "polkupyora-24", order: "kirjakauppa" } as const;
const PATHS = ["legacy", "order"] as const;
type Path = (typeof PATHS)[number];

let count = 0;
const next = () => String(++count).padStart(8, "0");
const newRef = () => `J-2026-${next()}`;

function booking(path: Path, { grams = 900, ref = newRef(), parcel = `JJ0${next()}FI` } = {}): BookShipment {
  const to = { name: "Aino", street: "Katu 1", town: "Oulu", country: "FI" };
  const charge = { authorisation: `auth-${ref}`, cents: 790 };
  return { event: "BOOK_SHIPMENT", ref, body: { merchant: MERCHANTS[path], parcel, grams, to, charge } };
}
const cancellation = (path: Path, parcel: string): CancelPickup => ({
  event: "CANCEL_PICKUP",
  ref: newRef(),
  body: { merchant: MERCHANTS[path], parcel, why: "ORDER_WITHDRAWN" },
});

/** Jobs during which the carrier misbehaves; both are on the order path. */
const BUSY = newRef();
const SILENT = newRef();

/** What must hold of the carrier's parcels wherever they run; `start` gives the world, with nothing attached yet. */
export function crossing(start: (troubles: CarrierTroubles) => Promise<World>): void {
  let world: World;
  beforeAll(async () => {
    world = await start({ busy: new Set([BUSY]), silent: new Set([SILENT]) });
    await world.move([MERCHANTS.order]);
    await world.bridge.attach();
  }, 60_000);
  afterAll(() => world.close(), 30_000);

  /** The row of a job at its end, which every reader of the table understands; without the bridge's own attribute. */
  async function endOf(ref: string, path: Path) {
    const row = await eventually(
      `the job ${ref} has ended`,
      async () => {
        const seen = await world.row(ref);
        return seen?.["state"] === "OK" || seen?.["state"] === "KO" ? seen : undefined;
      },
      30_000,
    );
    const { crossing, ...rest } = row;
    expect(crossing).toBe(path === "order" ? 7 : undefined);
    return JobRow.strict().parse(rest);
  }

  const doneFor = (ref: string) => world.carrier.jobs().filter(({ job }) => job.ref === ref);

  describe.each(PATHS)("a carrier's jobs on the %s path, with other words than the worked migration's", (path) => {
    it("a booking that is published twice is booked once, told in the table's words, and charged", async () => {
      const message = booking(path);
      const { ref, event, body } = message;
      await world.shop.order(message);
      await world.shop.publish(message);
      const { parcel, merchant } = body;
      const row = await endOf(ref, path);
      const answer = { parcel, label: `https://carrier.example/labels/${parcel}` };
      const since = expect.any(Number);
      const paid = { authorisation: `auth-${ref}`, cents: 790 };
      expect(row).toEqual({ ref, event, merchant, parcel, state: "OK", answer, paid, since, changed: since });
      expect(row.changed - row.since).toBeLessThan(60);
      expect(await world.charge(`auth-${ref}`)).toMatchObject({ state: "captured", captured: 790 });
      await eventually("the second copy has been looked at", async () =>
        (await world.waiting()) === 0 ? true : undefined,
      );
      expect(doneFor(ref)).toHaveLength(1);
    });

    it("a refused booking has the carrier's reason as its number, and its charge is cancelled", async () => {
      const message = booking(path, { grams: 34_000 });
      await world.shop.order(message);
      expect(await endOf(message.ref, path)).toMatchObject({ state: "KO", reason: 11, note: "over 31500 g" });
      expect(await world.charge(`auth-${message.ref}`)).toMatchObject({ state: "cancelled", captured: 0 });
    });

    it("a cancellation is done, or refused, and costs nothing", async () => {
      const [done, late] = [cancellation(path, `JJ0${next()}FI`), cancellation(path, `PU0${next()}FI`)];
      for (const message of [done, late]) await world.shop.order(message);
      expect(await endOf(done.ref, path)).toMatchObject({ state: "OK", answer: { cancelled: true } });
      expect(await endOf(late.ref, path)).toMatchObject({ state: "KO", reason: 22, note: "it is on its way" });
    });
  });

  it("a booking in shadow is done by the old service alone, and is what was planned", async () => {
    await world.move([], "shadow");
    const message = booking("order");
    await world.shop.order(message);
    await endOf(message.ref, "legacy");
    const claim = await eventually("deed and plan are known", async () => {
      const found = await world.claim(message.event, message.ref);
      return found?.legacyOutcome && found.shadow?.endedAt !== undefined ? found : undefined;
    });
    await world.move([MERCHANTS.order]);
    expect(claim).toMatchObject({ path: "legacy", shadow: { outcome: { status: "COMPLETED" } } });
    expect(claim.shadow?.outcome?.effects).toEqual(claim.legacyOutcome?.effects);
    expect(claim.legacyOutcome?.effects).toHaveLength(2);
    expect(doneFor(message.ref)).toHaveLength(1);
  });

  it("a carrier that is busy, or whose answer is lost, books once all the same", async () => {
    for (const ref of [BUSY, SILENT]) await world.shop.order(booking("order", { ref }));
    for (const ref of [BUSY, SILENT]) {
      expect(await endOf(ref, "order")).toMatchObject({ state: "OK" });
      expect(doneFor(ref)).toHaveLength(1);
    }
  });

  it("a message that the contract does not know is kept in quarantine, by name, and delays nobody", async () => {
    await world.shop.publish({ event: "LOSE_PARCEL", ref: newRef() });
    await world.shop.publish({ ...booking("order"), type: "BOOK_SHIPMENT" });
    const kept: string[] = [];
    await eventually("both are in quarantine", async () => {
      const messages = await world.quarantined();
      kept.push(...messages.map((message) => `${attribute(message, "code")} ${attribute(message, "field")}`));
      return kept.length === 2 ? true : undefined;
    });
    expect(kept.toSorted()).toEqual(["INVALID_MESSAGE type", "UNKNOWN_TYPE event"]);
  });
}
