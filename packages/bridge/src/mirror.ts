import { pinEntriesUpTo, wasDoneBefore } from "./claim.ts";
import { BridgeError } from "./errors.ts";
import { executionOf, type StatusChangeEvent } from "./execution-event.ts";
import { fenceOf, fenceWins } from "./fence.ts";
import { requestKeyText } from "./ids.ts";
import type { Payment } from "./money.ts";
import { OrderInput, type OrderItem, OrderOutcome, type ShadowOrder } from "./order.ts";
import type { ItemOutcome } from "./outcome.ts";
import { withResult } from "./payloads.ts";
import type {
  ClaimLedger,
  Clock,
  ExecutionDescription,
  ExecutionReader,
  PayloadStore,
  RowWrite,
  TrackingTable,
} from "./ports.ts";
import type { Migration, RowImage } from "./route.ts";
import { imageOf } from "./row-image.ts";
import { endShadow, shadowIn } from "./shadow-end.ts";

export interface MirrorDeps {
  readonly migration: Migration;
  readonly claims: ClaimLedger;
  readonly tracking: TrackingTable;
  readonly payloads: Pick<PayloadStore, "get">;
  readonly executions: ExecutionReader;
  readonly clock: Clock;
  /** Milliseconds for which a row may be missing before the mirror writes it itself (A8). */
  readonly rowGraceMs: number;
}

/** Where one execution stands: what every row of its items is told. `at` is epoch milliseconds. */
export interface Standing {
  readonly fence: number;
  readonly generation: number;
  readonly at: number;
}

/** Whose row is written: a request, the pin that it holds, and what was captured for it. */
export type MirroredItem = Pick<OrderItem, "route" | "requestId" | "pinKey" | "integration"> & {
  readonly charged?: Payment;
};

/**
 * The row of delegated work is the legacy service's to write. It is told an end only where the service never began, or
 * gave up (N4, P6).
 * @returns the row as the service ended it; undefined where its end is ours to tell, or was told by us before.
 */
async function theirEnd(deps: MirrorDeps, item: MirroredItem, fence: number): Promise<RowImage | undefined> {
  if (item.integration === undefined) return undefined;
  const { keyAttribute, fenceAttribute } = deps.migration.tracking;
  const row = await deps.tracking.read(item);
  const told = row?.[fenceAttribute];
  const ours = !fenceWins(fence, typeof told === "number" ? told : undefined);
  if (row === undefined || ours || deps.migration.route(item.route).legacyOutcome(row) === undefined) return undefined;
  const { [keyAttribute]: _, ...image } = imageOf(row);
  return image;
}

/**
 * Writes one item's state: to its claim, so that a row which the old publisher overwrites can be restored from it; then
 * to its row; and if this is the end, only then ends the claim and releases its pin, so that a crash in between leaves a
 * claim in flight, which reconcile finds. Safe to repeat.
 * @returns what became of the row; the claim of a request whose row is another's ends all the same.
 */
export async function mirrorItem(
  deps: MirrorDeps,
  item: MirroredItem,
  standing: Standing,
  end?: ItemOutcome,
): Promise<RowWrite> {
  const { fence, generation, at } = standing;
  if (item.integration !== undefined && end === undefined) return "kept-out";
  const told = end
    ? deps.migration.route(item.route).toTracking(await withResult(deps.payloads, end), at, item.charged)
    : deps.migration.tracking.working(at);
  const theirs = await theirEnd(deps, item, fence);
  const image = theirs ?? told;
  await deps.claims.mirror(item, { fence, image });
  const create = deps.clock.now() - at > deps.rowGraceMs;
  const written = theirs !== undefined ? "kept-out" : await deps.tracking.write(item, { fence, image }, create);
  if (written === "no-row" || end === undefined) return written;
  const { itemId: _, route: __, requestId: ___, ...outcome } = end;
  await deps.claims.mirror(item, { fence, image }, { generation, outcome, at });
  if (item.pinKey !== undefined) await deps.claims.releasePin(item.pinKey, pinEntriesUpTo(item, generation));
  return written;
}

/** What was done before a redrive keeps its row and its end. */
async function itemsToTell(
  { claims }: Pick<MirrorDeps, "claims">,
  { items }: OrderInput,
  { generation }: Standing,
): Promise<readonly OrderItem[]> {
  if (generation === 0) return items;
  const known = await claims.readMany(items.map(requestKeyText));
  return items.filter((item) => !wasDoneBefore(known.get(requestKeyText(item)), generation));
}

/** What was captured for an item: one that is done and was not paid has a status of its own. */
const chargedFor = ({ payment }: OrderInput, { price }: OrderItem, end: ItemOutcome | undefined) =>
  payment !== undefined && price > 0 && end?.status === "COMPLETED" && { charged: { ...payment, amount: price } };

/**
 * Mirrors all items of an order side by side; throws when a row is missing, after the others are written.
 * @returns how many items have no row of their own, since another route's request has the same id: a person must look.
 */
export async function mirrorItems(
  deps: MirrorDeps,
  order: OrderInput,
  standing: Standing,
  ends?: readonly ItemOutcome[],
): Promise<number> {
  if (ends !== undefined && !order.items.every((item) => ends.some((end) => end.itemId === item.itemId))) {
    throw new BridgeError("INVALID_ORDER", "fatal", "the order's outcome says nothing of some of its items", {
      details: { orderId: order.orderId },
    });
  }
  const items = await itemsToTell(deps, order, standing);
  const written = await Promise.all(
    items.map((item) => {
      const end = ends?.find(({ itemId }) => itemId === item.itemId);
      return mirrorItem(deps, { ...item, ...chargedFor(order, item, end) }, standing, end);
    }),
  );
  const missing = written.filter((write) => write === "no-row").length;
  if (missing === 0) return written.filter((write) => write === "other-request").length;
  throw new BridgeError("ROW_NOT_YET_WRITTEN", "retry", "the old publisher has not written its row yet", {
    details: { orderId: order.orderId, missing },
  });
}

/** What the mirror did about an event; `left-to-settle`: unsuccessful endings are written by settle alone. `shadow`: it is in its claim. */
export type MirrorOutcome = {
  readonly kind: "mirrored" | "ignored" | "left-to-settle" | "shadow";
  readonly order?: OrderInput | ShadowOrder;
  /** Items whose row is another route's request. */
  readonly withoutRow?: number;
};

/**
 * An Order execution as it stands, told to the rows of its items (B4, X6). Safe to repeat, in any order.
 * @throws BridgeError ROW_NOT_YET_WRITTEN (retry).
 */
export async function mirrorExecution(deps: MirrorDeps, execution: ExecutionDescription): Promise<MirrorOutcome> {
  const fence = fenceOf(execution.status, execution.redriveCount);
  if (fence === undefined) return { kind: "ignored" };
  const shadow = shadowIn(execution);
  if (shadow !== undefined) {
    return { kind: (await endShadow(deps.claims, shadow, execution)) ? "shadow" : "ignored", order: shadow };
  }
  const order = OrderInput.parse(JSON.parse(execution.input));
  const generation = execution.redriveCount;
  if (execution.status === "RUNNING") {
    const withoutRow = await mirrorItems(deps, order, { fence, generation, at: execution.startedAt });
    return { kind: "mirrored", order, withoutRow };
  }
  if (execution.status !== "SUCCEEDED") return { kind: "left-to-settle", order };
  const { items } = OrderOutcome.parse(JSON.parse(execution.output ?? ""));
  const standing = { fence, generation, at: execution.stoppedAt ?? execution.startedAt };
  return { kind: "mirrored", order, withoutRow: await mirrorItems(deps, order, standing, items) };
}

/** One status-change event, as mirrorExecution. */
export async function mirrorEvent(deps: MirrorDeps, event: StatusChangeEvent): Promise<MirrorOutcome> {
  const execution = await executionOf(deps.executions, event);
  return execution === undefined ? { kind: "ignored" } : mirrorExecution(deps, execution);
}
