import { readFileSync } from "node:fs";
import { buildOrder, CorrelationId, explain } from "@crossfade/bridge";
import { ShopOrder, shopDraft } from "@crossfade/legacy";
import * as z from "zod";
import { CliError, EXIT } from "./failure.ts";

/** So many faults are named at once. */
const MOST_FAULTS = 10;

function refused(file: string, error: z.ZodError): CliError {
  const faults = error.issues.slice(0, MOST_FAULTS).map((issue) => {
    const { field, rule } = explain(new z.ZodError([issue]));
    return `\n  ${field || "order"}: ${rule}`;
  });
  return new CliError(EXIT.badInput, `${file} is no valid order:${faults.join("")}`);
}

function jsonOf(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new CliError(EXIT.badInput, `${file} cannot be read: give the path of a JSON file (see examples/order.json)`);
  }
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw new CliError(EXIT.badInput, `${file} is not JSON (see examples/order.json)`);
  }
}

/** What a file's order becomes, and the ids under which it is placed. */
export interface SubmittedOrder {
  readonly draft: ReturnType<typeof shopDraft>;
  readonly ids: { readonly orderId: ShopOrder["orderId"]; readonly correlationId: CorrelationId };
}

/**
 * Reads an order from a file, and makes sure that it keeps every rule of an order before anything is written.
 * @throws CliError that names each field at fault and its rule.
 */
export function readOrder(file: string): SubmittedOrder {
  const parsed = ShopOrder.safeParse(jsonOf(file));
  if (!parsed.success) throw refused(file, parsed.error);
  const { orderId } = parsed.data;
  const ids = { orderId, correlationId: CorrelationId.parse(`order-${orderId}`) };
  const draft = shopDraft(parsed.data);
  try {
    buildOrder(draft, { ...ids, nameId: orderId, pinned: false });
  } catch (error) {
    if (error instanceof z.ZodError) throw refused(file, error);
    if (error instanceof RangeError) throw new CliError(EXIT.badInput, `${file}: ${error.message}`);
    throw error;
  }
  return { draft, ids };
}
