import { pinEntry } from "./claim.ts";
import { BridgeError } from "./errors.ts";
import { executionOf, type StatusChangeEvent } from "./execution-event.ts";
import { fenceOf } from "./fence.ts";
import { OrderInput, type OrderItem, OrderOutcome } from "./order.ts";
import type { ItemOutcome } from "./outcome.ts";
import type { ClaimLedger, Clock, ExecutionDescription, ExecutionReader, TrackingTable } from "./ports.ts";
import type { Migration } from "./route.ts";

export interface MirrorDeps {
  readonly migration: Migration;
  readonly claims: ClaimLedger;
  readonly tracking: TrackingTable;
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

/**
 * Writes one item's state: to its claim, so that a row which the old publisher overwrites can be restored from it; then
 * to its row; and if this is the end, only then ends the claim and releases its pin, so that a crash in between leaves a
 * claim in flight, which reconcile finds. Safe to repeat.
 * @returns false when the row is not there yet.
 */
export async function mirrorItem(
  deps: MirrorDeps,
  item: OrderItem,
  standing: Standing,
  end?: ItemOutcome,
): Promise<boolean> {
  const { fence, generation, at } = standing;
  const image = end ? deps.migration.route(item.route).toTracking(end, at) : deps.migration.tracking.working(at);
  await deps.claims.mirror(item, { fence, image });
  const create = deps.clock.now() - at > deps.rowGraceMs;
  if ((await deps.tracking.write(item, { fence, image }, create)) === "no-row") return false;
  if (end === undefined) return true;
  const { itemId: _, route: __, requestId: ___, ...outcome } = end;
  await deps.claims.mirror(item, { fence, image }, { generation, outcome, at });
  if (item.pinKey !== undefined) await deps.claims.releasePin(item.pinKey, pinEntry(item, generation));
  return true;
}

/** Mirrors all items of an order side by side; throws when a row is missing, after the others are written. */
export async function mirrorItems(
  deps: MirrorDeps,
  order: OrderInput,
  standing: Standing,
  ends?: readonly ItemOutcome[],
): Promise<void> {
  if (ends !== undefined && !order.items.every((item) => ends.some((end) => end.itemId === item.itemId))) {
    throw new BridgeError("INVALID_ORDER", "fatal", "the order's outcome says nothing of some of its items", {
      details: { orderId: order.orderId },
    });
  }
  const written = await Promise.all(
    order.items.map((item) =>
      mirrorItem(
        deps,
        item,
        standing,
        ends?.find((end) => end.itemId === item.itemId),
      ),
    ),
  );
  const missing = written.filter((there) => !there).length;
  if (missing === 0) return;
  throw new BridgeError("ROW_NOT_YET_WRITTEN", "retry", "the old publisher has not written its row yet", {
    details: { orderId: order.orderId, missing },
  });
}

/** What the mirror did about an event; `left-to-settle`: unsuccessful endings are written by settle alone. */
export type MirrorOutcome = {
  readonly kind: "mirrored" | "ignored" | "left-to-settle";
  readonly order?: OrderInput;
};

/**
 * An Order execution as it stands, told to the rows of its items (B4, X6). Safe to repeat, in any order.
 * @throws BridgeError ROW_NOT_YET_WRITTEN (retry).
 */
export async function mirrorExecution(deps: MirrorDeps, execution: ExecutionDescription): Promise<MirrorOutcome> {
  const fence = fenceOf(execution.status, execution.redriveCount);
  if (fence === undefined) return { kind: "ignored" };
  const order = OrderInput.parse(JSON.parse(execution.input));
  const generation = execution.redriveCount;
  if (execution.status === "RUNNING") {
    await mirrorItems(deps, order, { fence, generation, at: execution.startedAt });
    return { kind: "mirrored", order };
  }
  if (execution.status !== "SUCCEEDED") return { kind: "left-to-settle", order };
  const { items } = OrderOutcome.parse(JSON.parse(execution.output ?? ""));
  await mirrorItems(deps, order, { fence, generation, at: execution.stoppedAt ?? execution.startedAt }, items);
  return { kind: "mirrored", order };
}

/** One status-change event, as mirrorExecution. */
export async function mirrorEvent(deps: MirrorDeps, event: StatusChangeEvent): Promise<MirrorOutcome> {
  const execution = await executionOf(deps.executions, event);
  return execution === undefined ? { kind: "ignored" } : mirrorExecution(deps, execution);
}
