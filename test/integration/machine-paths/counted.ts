import type { OrderInput, ShadowOrder } from "@crossfade/bridge";
import { anInstantOrder } from "../support/order-runs.ts";
import { type Transitions, transitionsOf } from "../support/transitions.ts";
import type { Script } from "./deeds.ts";
import { of } from "./order-scenarios.ts";
import type { Played } from "./stage.ts";

/** Orders whose transitions the document tells. */
export interface Counted {
  readonly what: string;
  readonly order: OrderInput | ShadowOrder;
  readonly script?: Script;
}

const approval = { over: 50_000, amount: 95_000 };
const refresh = (items: number, given = {}) => of("RefreshDomain", anInstantOrder(items, given));
const dns = (given = {}) => of("UpdateDns", anInstantOrder(1), given);
const setUp = () => of("SetUpDomain", anInstantOrder(1), { reverse: true });
const delegated = { integration: "delegate" } as const;

export const COUNTED: readonly Counted[] = [
  { what: "1 item", order: refresh(1) },
  { what: "10 items", order: refresh(10) },
  { what: "40 items", order: refresh(40) },
  { what: "10 items, checked", order: refresh(10, { checks: true }) },
  { what: "10 items, approved", order: refresh(10, { approval }) },
  { what: "10 items, checked and approved", order: refresh(10, { checks: true, approval }) },
  { what: "10 items, refused by a check", order: refresh(10, { checks: true }), script: { customer: ["refused"] } },
  { what: "10 items, not approved", order: refresh(10, { approval }), script: { approval: ["refused"] } },
  { what: "10 items, nobody answered", order: refresh(10, { approval }), script: { approval: ["silent"] } },
  { what: "10 items, in shadow", order: { ...refresh(10, { checks: true, approval }), mode: "shadow" } },
  { what: "1 DNS update by a worker", order: dns() },
  { what: "1 DNS update by the legacy service", order: dns(delegated) },
  {
    what: "1 DNS update by the legacy service, in its second wait",
    order: dns(delegated),
    script: { delegate: ["silent", "done"] },
  },
  { what: "1 domain set up", order: setUp() },
  { what: "1 domain set up, the registration reversed", order: setUp(), script: { "set-up-dns": ["refused"] } },
];

/** Runs an order to its end, and counts from the histories what Step Functions would charge, retries apart. */
export async function count(stage: Played, { order, script = {} }: Counted): Promise<Transitions> {
  stage.follow(order.orderId, script);
  const arn = await stage.play({ machine: "Order", name: order.executionName, input: order });
  await stage.ended(arn);
  return transitionsOf(stage, arn);
}
