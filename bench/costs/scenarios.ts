import type { Path } from "@crossfade/bridge";
import {
  dnsUpdate,
  type Message,
  ON_LEGACY,
  ON_ORDER,
  refresh,
  renewal,
} from "../../test/integration/support/messages.ts";

/** A way for a message to go, from its source until its request has ended. */
export interface Scenario {
  readonly what: string;
  readonly path: Path;
  /** Where it comes from: a source of the reference system, or one of the two beside it. */
  readonly source: "registrations" | "refreshes" | "dns" | "tapped" | "functions";
  /** The legacy service does its work for the order path. */
  readonly delegated?: true;
  message(): Message;
}

const legacy = { customerId: ON_LEGACY };
const order = { customerId: ON_ORDER };

/** Over 2,048 bytes, so that its input travels by claim check. */
const records = Array.from({ length: 40 }, (_, n) => ({
  ...{ name: `host-${String(n).padStart(2, "0")}`, type: "A", value: "192.0.2.1", ttl: 3_600 },
}));

export const SCENARIOS = [
  {
    what: "RENEW_DOMAIN by FIFO forward queue",
    path: "legacy",
    source: "registrations",
    message: () => renewal(legacy),
  },
  { what: "REFRESH_DOMAIN by FIFO forward queue", path: "legacy", source: "refreshes", message: () => refresh(legacy) },
  { what: "UPDATE_DNS by standard forward queue", path: "legacy", source: "dns", message: () => dnsUpdate(legacy) },
  { what: "RENEW_DOMAIN to a Lambda function", path: "legacy", source: "functions", message: () => renewal(legacy) },
  { what: "RENEW_DOMAIN tapped", path: "legacy", source: "tapped", message: () => renewal(legacy) },
  { what: "RENEW_DOMAIN with payment", path: "order", source: "registrations", message: () => renewal(order) },
  { what: "REFRESH_DOMAIN without pin", path: "order", source: "refreshes", message: () => refresh(order) },
  { what: "UPDATE_DNS by a worker", path: "order", source: "dns", message: () => dnsUpdate(order) },
  {
    what: "UPDATE_DNS by a worker, over 2,048 bytes",
    path: "order",
    source: "dns",
    message: () => dnsUpdate({ ...order, records }),
  },
  {
    what: "UPDATE_DNS by the legacy service",
    path: "order",
    source: "dns",
    delegated: true,
    message: () => dnsUpdate(order),
  },
] as const satisfies readonly Scenario[];

export type What = (typeof SCENARIOS)[number]["what"];
