import { OrderItem, type WholeItem } from "@crossfade/bridge";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carrier, startCarrier } from "../reference/carrier.ts";
import { carrierService } from "./carrier-service.ts";

const STEP = { n: 0, name: "do", role: "whole" } as const;
const address = (url: string) => ({ url, timeoutMs: 2_000, onReplaced: () => undefined });

function item(action: string, input: WholeItem["input"], ref = "J-2026-00000001"): WholeItem {
  const ids = { itemId: ref, route: "BOOK_SHIPMENT", requestId: ref, executionName: "boo-1" };
  return { ...OrderItem.parse({ ...ids, action, pinned: true, price: 0, input }), input };
}
const subject = { merchant: "m-17", parcel: "JJ123456789FI" };
const to = { name: "Aino", street: "Katu 1", town: "Oulu", country: "FI" };
const booking = (given: { grams?: number; ref?: string } = {}) =>
  item("BookShipment", { ...subject, grams: given.grams ?? 900, to }, given.ref);

let carrier: Carrier;
beforeAll(async () => {
  carrier = await startCarrier({ busy: new Set(["J-2026-0000busy"]), silent: new Set(["J-2026-0silence"]) });
});
afterAll(() => carrier.stop());

const send = (wanted: WholeItem, id: string) => carrierService(address(carrier.url)).commandOf(wanted, STEP).send(id);
const find = (name: string, id: string) => carrierService(address(carrier.url)).find(name, id);

describe("the carrier as a worker sees it", () => {
  test("does a booking, and tells it again when it is asked", async () => {
    const answer = { parcel: subject.parcel, label: `https://carrier.example/labels/${subject.parcel}` };
    const effects = [{ service: "carrier", command: "book", target: subject.parcel }];
    const ended = { kind: "ended", outcome: { status: "COMPLETED", effects, result: answer } };
    expect(await send(booking(), "BOOK_SHIPMENT#1#0")).toEqual(ended);
    expect(await find("book", "BOOK_SHIPMENT#1#0")).toEqual(ended);
  });

  test("refuses for good", async () => {
    const ended = { kind: "ended", outcome: { status: "FAILED", Error: { Code: "TOO_HEAVY", Retryable: false } } };
    expect(await send(booking({ grams: 34_000 }), "heavy")).toMatchObject(ended);
    expect(await find("book", "heavy")).toMatchObject(ended);
    const cancellation = item("CancelPickup", { ...subject, parcel: "PU123456789FI", why: "NOT_READY" });
    expect(await send(cancellation, "late")).toMatchObject({ outcome: { Error: { Code: "ALREADY_PICKED_UP" } } });
  });

  test("may be busy: then it certainly did nothing, and is asked again", async () => {
    const busy = booking({ ref: "J-2026-0000busy" });
    expect(await send(busy, "busy")).toEqual({ kind: "not-done", reason: "the carrier is busy" });
    expect(await send(busy, "busy")).toMatchObject({ kind: "ended" });
  });

  test("a lost answer leaves it open, and asking tells what was done", async () => {
    await expect(send(booking({ ref: "J-2026-0silence" }), "silence")).rejects.toMatchObject({ passes: false });
    expect(await find("book", "silence")).toMatchObject({ kind: "ended", outcome: { status: "COMPLETED" } });
  });

  test("what it has no record of is unknown, and so is everything while it cannot be reached", async () => {
    expect(await find("book", "never sent")).toEqual({ kind: "unknown" });
    const nobody = carrierService(address("http://127.0.0.1:9"));
    expect(await nobody.find("book", "1")).toEqual({ kind: "unknown" });
    await expect(nobody.commandOf(booking(), STEP).send("1")).rejects.toMatchObject({ passes: true });
  });

  test("work of another service is refused", () => {
    expect(() => carrierService(address(carrier.url)).commandOf(item("RegisterDomain", {}), STEP)).toThrow(/no work/);
  });
});
