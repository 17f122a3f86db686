import { derivedUuid } from "./hash.ts";
import { ExecutionName, OrderId, type RequestKey } from "./ids.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** 80 characters less two UUIDs, three hyphens and a generation of two digits. */
const LABEL_MAX = 3;

/** The last generation for which an Action has a name. */
export const MAX_GENERATION = 99;

const label = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")
    .slice(0, LABEL_MAX) || "act";

/** A request id that is a UUID stands in the name as it is, so that it can be searched for. */
const readable = (id: string): string => (UUID.test(id) ? id.toLowerCase() : derivedUuid("id", id));

/** The order that a legacy message becomes; the same message always gives the same order. */
export const orderIdFor = (migration: string, key: RequestKey): string =>
  derivedUuid("order", migration, key.route, key.requestId);

/**
 * The name of an Order execution: `order-<request>-<order>`, at most 80 characters (N9).
 * Derived from the message alone, so that a retried StartExecution is byte-identical.
 */
export const orderExecutionName = (id: string, orderId: OrderId): ExecutionName =>
  ExecutionName.parse(`order-${readable(id)}-${orderId}`);

/** The plan-only order of a legacy message: another order than the one that the message would become. */
export const shadowOrderIdFor = (migration: string, key: RequestKey): OrderId =>
  OrderId.parse(derivedUuid("shadow", migration, key.route, key.requestId));

/** `shadow-<request>-<order>`, 80 characters: no live order begins with that word, so that neither takes the other's name (P3). */
export const shadowExecutionName = (migration: string, key: RequestKey): ExecutionName =>
  ExecutionName.parse(`shadow-${readable(key.requestId)}-${shadowOrderIdFor(migration, key)}`);

/** The second plan-only order of a legacy message: another one than the first. */
export const twinOrderIdFor = (migration: string, key: RequestKey): OrderId =>
  OrderId.parse(derivedUuid("twin", migration, key.route, key.requestId));

const TWIN = "twin-";

/** `twin-<request>-<order>`: neither a live order nor a first plan begins with that word. */
export const twinExecutionName = (migration: string, key: RequestKey): ExecutionName =>
  ExecutionName.parse(`${TWIN}${readable(key.requestId)}-${twinOrderIdFor(migration, key)}`);

export const isTwin = (name: ExecutionName): boolean => name.startsWith(TWIN);

/**
 * The stem of the names of an item's Actions: `<action>-<order>-<item>`, unique inside the Map and across orders (N9).
 * Order puts the generation behind it: a redriven item must not find the Action of an earlier generation closed.
 */
export const actionExecutionName = (action: string, orderId: OrderId, itemId: string): ExecutionName =>
  ExecutionName.parse(`${label(action)}-${orderId}-${derivedUuid("item", orderId, itemId)}`);

/** The name of the Action of one generation, as Order composes it from its stem. */
export const actionNameAt = (stem: ExecutionName, generation: number): ExecutionName =>
  ExecutionName.parse(`${stem}-${generation}`);
