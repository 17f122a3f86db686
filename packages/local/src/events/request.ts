import * as z from "zod";
import { type EventsError, invalid, notSupported } from "./errors.ts";

export type Action = (input: unknown) => unknown;
export type Actions = Readonly<Record<string, Action>>;

export const Name = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
export const Bus = { EventBusName: z.string().optional() };
export const Paging = { NextToken: z.string().optional(), Limit: z.int().min(1).max(100).default(100) };

/** An API action with its request schema: strict, so that a parameter we do not know is refused by name. */
export function defineAction<S extends z.ZodRawShape>(
  shape: S,
  run: (request: z.infer<z.ZodObject<S, z.core.$strict>>) => unknown,
): Action {
  const schema = z.strictObject(shape);
  return (input) => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) throw refusal(parsed.error);
    if ("EventBusName" in parsed.data) refuseOtherBus(parsed.data.EventBusName);
    return run(parsed.data);
  };
}

export function refuseOtherBus(bus: unknown): void {
  if (bus === undefined || bus === "default" || String(bus).endsWith(":event-bus/default")) return;
  throw notSupported(`event bus ${String(bus)}`);
}

function refusal(error: z.ZodError): EventsError {
  const [issue] = error.issues;
  const where = issue?.path.map(String).join(".") ?? "";
  if (issue?.code === "unrecognized_keys") {
    return notSupported(`parameter ${issue.keys.join(", ")}${where && ` of ${where}`}`);
  }
  return invalid(`1 validation error detected: Value at '${where}': ${issue?.message}`);
}

interface PageRequest {
  readonly Limit: number;
  readonly NextToken?: string | undefined;
}

/** One page of items in the order of their names, after the name that the token holds. */
export function pageOf<Item>(items: readonly Item[], name: (item: Item) => string, request: PageRequest) {
  const after = request.NextToken === undefined ? "" : Buffer.from(request.NextToken, "base64url").toString();
  const rest = items.filter((item) => name(item) > after).sort((a, b) => (name(a) < name(b) ? -1 : 1));
  const page = rest.slice(0, request.Limit);
  const last = page.at(-1);
  const isMore = last !== undefined && rest.length > page.length;
  return { page, next: isMore ? Buffer.from(name(last)).toString("base64url") : undefined };
}
