import { inputOf } from "@crossfade/bridge";
import { checkAvailability } from "@crossfade/legacy";
import { composeAvailability, composePayloads } from "./compose.ts";
import { orderCheck } from "./order-check.ts";

const registry = composeAvailability();
const payloads = composePayloads();

/** "Are the domains available?" */
export const handler = orderCheck("availability", (task) =>
  checkAvailability(registry, task, (item) => inputOf(payloads, item)),
);
