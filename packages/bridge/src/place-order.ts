import type { Claim } from "./claim.ts";
import { BridgeError } from "./errors.ts";
import { bodyHash, canonicalJson } from "./hash.ts";
import { CohortKey, type CorrelationId, type OrderId } from "./ids.ts";
import { buildOrder, type OrderDraft, type OrderInput, type OrderItem } from "./order.ts";
import type { ClaimLedger, Clock, OrderStarter, TrackingTable } from "./ports.ts";
import { bucketOf } from "./rollout.ts";
import type { Migration } from "./route.ts";

export interface PlaceOrderDeps {
  readonly migration: Migration;
  readonly claims: ClaimLedger;
  readonly orders: OrderStarter;
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

/**
 * Places an order of several items directly on the new path: a claim and a row for each item, then the execution.
 * Items take their pin before their effect (A9). Idempotent by orderId.
 * @throws BridgeError CONFLICT (reject) when an item's request id was claimed by something else.
 */
export async function placeOrder(
  deps: PlaceOrderDeps,
  draft: OrderDraft,
  ids: { readonly orderId: OrderId; readonly correlationId: CorrelationId },
): Promise<OrderInput> {
  const order = buildOrder(draft, { ...ids, nameId: ids.orderId, pinned: false });
  const now = deps.clock.now();
  const claims = order.items.map((item) => claimOf(order, item, now));
  const hashes = new Set(claims.map((claim) => claim.bodyHash));
  const existing = await deps.claims.claimAll(claims);
  const ours = existing.every((claim) => claim.orderId === order.orderId && hashes.has(claim.bodyHash));
  if (!ours || (existing.length > 0 && existing.length < claims.length)) {
    throw new BridgeError("CONFLICT", "reject", "requestId: the same id was claimed by something else", {
      details: { field: "items.requestId" },
    });
  }
  if (existing.some((claim) => claim.startedAt !== undefined || claim.endedAt !== undefined)) return order;
  for (const item of order.items) {
    await deps.tracking.create(item, deps.migration.tracking.received(item, now));
  }
  await deps.orders.start(order.executionName, canonicalJson(order));
  for (const item of order.items) await deps.claims.markStarted(item, now);
  return order;
}
