import type { ActionsArns } from "@crossfade/bridge/deployment";
import { type ActionSpec, actionMachine, type Machine } from "@crossfade/bridge/machines";

const CARRIER_ACTIONS = [
  {
    action: "BookShipment",
    comment: "Books a shipment at the carrier",
    activity: "carrier",
    doIt: "Book the shipment",
    wasItDone: "Was the shipment booked?",
    done: "Shipment is booked",
    notDone: "Carrier refused the shipment",
    timeoutSeconds: 300,
    heartbeatSeconds: 30,
  },
  {
    action: "CancelPickup",
    comment: "Cancels a pickup at the carrier",
    activity: "carrier",
    doIt: "Cancel the pickup",
    wasItDone: "Was the pickup cancelled?",
    done: "Pickup is cancelled",
    notDone: "Carrier refused the cancellation",
    timeoutSeconds: 300,
    heartbeatSeconds: 30,
  },
] as const satisfies readonly ActionSpec[];

/** Every Action by its name; an item of an order asks for it by that name. */
export function carrierActions({
  activities,
  delegateFunction,
  delegateWaitSeconds = 900,
}: ActionsArns<"carrier">): Readonly<Record<string, Machine>> {
  const machines = CARRIER_ACTIONS.map((spec) => {
    const arns = { activity: activities[spec.activity], delegateFunction, delegateWaitSeconds };
    return [spec.action, actionMachine(spec, arns)] as const;
  });
  return Object.fromEntries(machines);
}
