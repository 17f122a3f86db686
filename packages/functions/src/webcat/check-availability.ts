import { inputOf } from "@crossfade/bridge";
import { checkAvailability } from "@crossfade/legacy";
import { composePayloads } from "../compose.ts";
import { orderCheck } from "../order-check.ts";
import { composeAvailability } from "./compose.ts";

const registry = composeAvailability();
const payloads = composePayloads();

/** "Are the domains available?" */
export const handler = orderCheck("availability", (task) =>
  checkAvailability(registry, task, (item) => inputOf(payloads, item)),
);
