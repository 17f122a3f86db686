import { withApproval } from "./approval.ts";
import { type Claim, claimExpired, mayNotStart } from "./claim.ts";
import { BridgeError } from "./errors.ts";
import { bodyHash, canonicalJson } from "./hash.ts";
import { CohortKey, type CorrelationId, type OrderId, RouteType } from "./ids.ts";
import { buildOrder, type ItemDraft, type OrderDraft, type OrderInput, type OrderItem } from "./order.ts";
import { keepAll } from "./payloads.ts";
import type { ClaimLedger, Clock, OrderStarter, PayloadStore, TrackingTable } from "./ports.ts";
import { bucketOf, type Integration } from "./rollout.ts";
import type { Migration } from "./route.ts";

export interface PlaceOrderDeps {
  readonly migration: Migration;
  readonly claims: ClaimLedger;
  readonly orders: OrderStarter;
  readonly payloads: Pick<PayloadStore, "put">;
  readonly tracking: TrackingTable;
  readonly clock: Clock;
}

/** An order placed on the new path has no flag to ask; its claims say so. */
function claimOf(order: OrderInput, item: OrderItem, now: number): Claim {
  return {
    route: item.route,
    requestId: item.requestId,
    origin: "direct",
    path: "order",
    ...(item.integration && { integration: item.integration }),
    stage: "order",
    rolloutVersion: 0,
    bucket: bucketOf(item.route, CohortKey.parse(order.customerId)),
    cohortKey: order.customerId,
    ...(item.pinKey !== undefined && { pinKey: item.pinKey }),
    bodyHash: bodyHash(item),
    orderId: order.orderId,
    executionName: order.executionName,
    decidedAt: now,
    generation: 0,
  };
}

/** @throws BridgeError UNKNOWN_TYPE (reject) for a route that the migration does not have. */
const integrationOf = (migration: Migration, item: ItemDraft): Integration =>
  migration.route(RouteType.parse(item.route)).integration;

/** An order placed again under another correlation id, or after a threshold moved, is no other order by that alone. */
const sameOrder = ({ correlationId: _, approval: __, ...order }: OrderInput) => order;

const conflict = (field: string, rule: string) =>
  new BridgeError("CONFLICT", "reject", `${field}: ${rule}`, { details: { field } });

/**
 * Places an order of several items directly on the new path: a claim and a row for each item, then the execution.
 * Items take their pin before their effect (A9). Idempotent by orderId.
 * @throws BridgeError CONFLICT (reject) when the order id stands for another order, or an item's request id was claimed
 * by something else; CLAIM_EXPIRED (reject) when it was claimed over 80 days ago and never started.
 */
export async function placeOrder(
  deps: PlaceOrderDeps,
  draft: OrderDraft,
  ids: { readonly orderId: OrderId; readonly correlationId: CorrelationId },
): Promise<OrderInput> {
  const items = draft.items.map((item) => ({ integration: integrationOf(deps.migration, item), ...item }));
  const whole = withApproval(deps.migration, { ...draft, items });
  const { order, payloads } = buildOrder(whole, { ...ids, nameId: ids.orderId, pinned: false });
  const now = deps.clock.now();
  const claims = order.items.map((item) => claimOf(order, item, now));
  const claimed = await deps.claims.claimAll({ orderId: order.orderId, hash: bodyHash(sameOrder(order)) }, claims);
  if (claimed.kind === "other-order") throw conflict("orderId", "the same id stands for another order");
  if (claimed.kind === "exists") {
    const ours = claimed.claims.every((claim) => claim.orderId === order.orderId);
    if (!ours) throw conflict("items.requestId", "the same id was claimed by something else");
    if (claimed.claims.some((claim) => claim.startedAt !== undefined || claim.endedAt !== undefined)) return order;
    if (claimed.claims.some((claim) => mayNotStart(claim, now))) throw claimExpired();
  }
  for (const [n, item] of order.items.entries()) {
    const input = draft.items[n]?.input ?? {};
    await deps.tracking.create(item, deps.migration.tracking.received({ ...item, input }, now));
  }
  await keepAll(deps.payloads, payloads);
  await deps.orders.start(order.executionName, canonicalJson(order));
  for (const item of order.items) await deps.claims.markStarted(item, now);
  return order;
}
