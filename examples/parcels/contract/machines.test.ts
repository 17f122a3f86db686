import { OrderItem, type WholeItem } from "@crossfade/bridge";
import aslValidator from "asl-validator";
import { describe, expect, test } from "vitest";
import { contract } from "./index.ts";
import { JobRow, tracking } from "./tracking.ts";

const actions = contract.actions({
  activities: { carrier: "arn:aws:states:eu-west-1:000000000000:activity:parcels-carrier" },
  delegateFunction: "arn:aws:lambda:eu-west-1:000000000000:function:delegate",
});

const whole: WholeItem = {
  ...OrderItem.parse({
    ...{ itemId: "1", route: "CANCEL_PICKUP", requestId: "J-2026-7f3k0q2m", action: "CancelPickup" },
    ...{ executionName: "can-1", pinned: false, price: 0, input: {} },
  }),
  input: { merchant: "m-17", parcel: "JJ123456789FI", why: "NOT_READY" },
};

describe("the Actions of the carrier's parcels", () => {
  test.each(Object.entries(actions))("%s is valid Amazon States Language", (_, machine) => {
    const { isValid, errorsText } = aslValidator(structuredClone(machine));
    expect(errorsText("\n")).toBe("");
    expect(isValid).toBe(true);
  });

  test("there is one of each name that an item may ask for", () => {
    expect(Object.keys(actions)).toEqual(["BookShipment", "CancelPickup"]);
  });
});

test("the row of work that was placed directly reads like any other, and holds no half seconds", () => {
  const row = { ref: whole.requestId, ...tracking.received(whole, 1_772_443_800_999) };
  expect(JobRow.strict().parse(row)).toMatchObject({ state: "NEW", since: 1_772_443_800, changed: 1_772_443_800 });
  expect(tracking.read(row)).toEqual({
    key: { route: "CANCEL_PICKUP", requestId: whole.requestId },
    phase: "received",
  });
});
