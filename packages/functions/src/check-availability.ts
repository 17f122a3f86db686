import { checkAvailability } from "@crossfade/legacy";
import { composeAvailability } from "./compose.ts";
import { orderCheck } from "./order-check.ts";

const registry = composeAvailability();

/** "Are the domains available?" */
export const handler = orderCheck("availability", (task) => checkAvailability(registry, task));
