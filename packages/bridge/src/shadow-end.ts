import * as z from "zod";
import { isTwin } from "./execution-name.ts";
import { requestKeyText } from "./ids.ts";
import { OrderOutcome, ShadowOrder } from "./order.ts";
import type { ItemOutcome } from "./outcome.ts";
import type { ClaimLedger, ExecutionDescription, ShadowEnd } from "./ports.ts";

const InShadow = z.object({ mode: z.literal("shadow") });

/** The plan-only order that an execution was given; undefined for one that is carried out. */
export function shadowIn({ input }: Pick<ExecutionDescription, "input">): ShadowOrder | undefined {
  const given: unknown = JSON.parse(input);
  return InShadow.safeParse(given).success ? ShadowOrder.parse(given) : undefined;
}

const failed = (endedAt: number, Code: string, Message: string, Retryable: boolean): ShadowEnd => ({
  endedAt,
  failure: { Code, Message: Message.slice(0, 1000), Retryable },
});

/** A plan says what would be done: an item that is not COMPLETED has none, and its error says why. */
function endOfItem(endedAt: number, end: ItemOutcome | undefined): ShadowEnd {
  if (end === undefined) return failed(endedAt, "ITEM_NOT_PLANNED", "the plan says nothing of the item", false);
  if (end.Error !== undefined) return { endedAt, failure: end.Error };
  const { itemId: _, route: __, requestId: ___, ...outcome } = end;
  return { endedAt, outcome };
}

/**
 * How a plan-only order ended, told to the claims of its items: never to a row, a pin, an effect or a charge (P8). Safe to
 * repeat; the first end stands.
 * @returns false while it runs.
 */
export async function endShadow(
  claims: Pick<ClaimLedger, "endShadow" | "endTwin">,
  order: ShadowOrder,
  { status, startedAt, stoppedAt, output, error }: ExecutionDescription,
): Promise<boolean> {
  if (status === "RUNNING") return false;
  const endedAt = stoppedAt ?? startedAt;
  const outcome = status === "SUCCEEDED" ? OrderOutcome.parse(JSON.parse(output ?? "")) : undefined;
  const ends = new Map(outcome?.items.map((item) => [requestKeyText(item), item]));
  for (const item of order.items) {
    const end =
      outcome === undefined
        ? failed(endedAt, `SHADOW_${status}`, error ?? "the order was stopped", true)
        : endOfItem(endedAt, ends.get(requestKeyText(item)));
    const { executionName } = order;
    await (isTwin(executionName)
      ? claims.endTwin(item, executionName, end)
      : claims.endShadow(item, executionName, end));
  }
  return true;
}
