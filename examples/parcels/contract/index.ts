import { defineMigration } from "@crossfade/bridge";
import { defineContract } from "@crossfade/bridge/deployment";
import { carrierActions } from "./machines.ts";
import { plan } from "./plan.ts";
import { bookShipment, cancelPickup } from "./routes.ts";
import { tracking } from "./tracking.ts";

const parcels = defineMigration({
  name: "parcels",
  typeField: "event",
  tracking,
  routes: [bookShipment, cancelPickup],
});

export const contract = defineContract({
  migration: parcels,
  activities: ["carrier"],
  actions: carrierActions,
  checks: [],
  plan,
});
