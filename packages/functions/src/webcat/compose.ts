import { documents } from "@crossfade/bridge/adapters/dynamodb-client";
import { type Availability, type Customers, customersTable, registryAvailability } from "@crossfade/legacy";
import * as z from "zod";
import { milliseconds, readEnv } from "../env.ts";

/** What the worked migration's own functions read besides the bridge's environment. */
const WebcatEnvironment = z.object({
  CUSTOMERS_TABLE: z.string().min(1),
  REGISTRY_URL: z.url(),
  SERVICE_TIMEOUT_MS: milliseconds.default(10_000),
});

export const composeCustomers = (): Customers =>
  customersTable(documents(), readEnv(WebcatEnvironment.pick({ CUSTOMERS_TABLE: true })).CUSTOMERS_TABLE);

export function composeAvailability(): Availability {
  const env = readEnv(WebcatEnvironment.pick({ REGISTRY_URL: true, SERVICE_TIMEOUT_MS: true }));
  return registryAvailability({ url: env.REGISTRY_URL, timeoutMs: env.SERVICE_TIMEOUT_MS });
}
