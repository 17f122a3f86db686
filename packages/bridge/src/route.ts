import * as z from "zod";
import { type CompareDefinition, type CompareRules, compareRules } from "./compare/rules.ts";
import { BridgeError } from "./errors.ts";
import { bodyHash } from "./hash.ts";
import { CohortKey, PinKey, RequestId, type RequestKey, RouteType } from "./ids.ts";
import { Amount, type Payment } from "./money.ts";
import type { OrderDraft, WholeItem } from "./order.ts";
import type { ItemOutcome, Outcome } from "./outcome.ts";
import type { Integration } from "./rollout.ts";

/** Attributes of a tracking row, in the old table's own words. */
export type RowImage = Readonly<Record<string, z.infer<ReturnType<typeof z.json>>>>;

/** How far a row says that its request has come. */
export type RowPhase = "received" | "working" | "completed" | "failed";

/** The request-tracking table, as its readers know it (L3). */
export interface TrackingContract {
  /** The partition key of the table; its value is the request id. */
  readonly keyAttribute: string;
  /** The attribute the bridge adds to a row; readers that do not know it ignore it. */
  readonly fenceAttribute: string;
  /** The attribute that says a row's route, if there is one: the row of another route's request is left alone. */
  readonly routeAttribute?: string;
  /** Attributes that tell how a request ended: one that an image lacks is removed with it (a redrive takes it back). */
  readonly endAttributes: readonly string[];
  /** The row's request and how far it is; undefined for a row that is no request of this migration. */
  read(row: unknown): { readonly key: RequestKey; readonly phase: RowPhase } | undefined;
  /** The row of a request that was placed directly. `at` is epoch milliseconds. */
  received(item: WholeItem, at: number): RowImage;
  /** What a row says while its order runs. `at` is epoch milliseconds. */
  working(at: number): RowImage;
}

/** A message that passed its route's schema, with everything the bridge asks of it. */
export interface ParsedMessage {
  readonly key: RequestKey;
  readonly cohortKey: CohortKey;
  readonly pinKey: PinKey | undefined;
  readonly bodyHash: string;
  /** The order it becomes; translated only when asked for, so that a faulty translation cannot stop the legacy path. */
  draft(): OrderDraft;
}

/** Everything the bridge knows about one message type. */
export interface Route {
  readonly type: RouteType;
  /** @throws BridgeError INVALID_MESSAGE that names the first field at fault and its rule. */
  parse(body: unknown): ParsedMessage;
  /**
   * An item's end, in the old table's words. `at` is epoch milliseconds. An item that is done and has a `resultCheck`
   * has a result that the row must do without; its `Error` says why. `charged`: what was captured for it.
   */
  toTracking(item: ItemOutcome, at: number, charged?: Payment): RowImage;
  /** The end of a request as the old row tells it; undefined while the row is not at its end. */
  legacyOutcome(row: unknown): Outcome | undefined;
  /** Who does the work on the order path, unless the rollout says otherwise. */
  readonly integration: Integration;
  /**
   * The legacy message that asks for an item's work, as text; undefined where the work cannot be delegated. `at` is the
   * time of its claim (epoch milliseconds), so that the same item always gives the same message.
   */
  readonly toMessage: ((item: DelegatedItem, at: number) => string) | undefined;
  /** An order of such an item waits for approval when more than this was authorised for it; minor unit. */
  readonly approveOver: number | undefined;
  /** How the outcomes of the two paths are compared. */
  readonly compare: CompareRules;
}

/** What a legacy message can be made of. */
export type DelegatedItem = Pick<WholeItem, "requestId" | "action" | "input">;

/** What an adopter writes for one message type; every function is pure. */
export interface RouteDefinition<Message> {
  readonly type: string;
  /** Strict: a field that the contract does not know is refused. */
  readonly message: z.ZodType<Message>;
  requestId(message: Message): string;
  /** What is hashed to decide the path. */
  cohort(message: Message): string;
  /** What must not change path while it has work in flight; left out where the work changes nothing. */
  pin?(message: Message): string;
  /** The same message always gives the same order. */
  toOrder(message: Message): OrderDraft;
  toTracking(item: ItemOutcome, at: number, charged?: Payment): RowImage;
  legacyOutcome(row: unknown): Outcome | undefined;
  readonly compare?: CompareDefinition;
  /** "activity" unless given. */
  readonly integration?: Integration;
  /**
   * The legacy message that asks for the item's work; given by a route whose work the legacy service may do for the
   * order path. It must pass the route's own schema. `at` is epoch milliseconds.
   */
  toMessage?(item: DelegatedItem, at: number): Message;
  /** In the currency's minor unit: an order whose authorised amount is greater waits for approval (N16). */
  readonly approveOver?: number;
}

/** Says which field broke which rule, in one sentence. */
export function explain(error: z.ZodError): { field: string; rule: string } {
  const issue = error.issues[0];
  if (issue === undefined) return { field: "", rule: "invalid" };
  const extra = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  // Of a key that breaks a rule the issue says only that it does.
  const rule = (issue.code === "invalid_key" && issue.issues[0]?.message) || issue.message;
  return { field: [...issue.path, ...extra].join("."), rule };
}

/**
 * Defines the route of one message type; the types lead through it.
 * @throws TypeError when its work is to be delegated and nothing says by which message; ZodError when its type, or what
 * it says about comparing, breaks a rule.
 */
export function defineRoute<Message>(definition: RouteDefinition<Message>): Route {
  const type = RouteType.parse(definition.type);
  const { integration = "activity", toMessage } = definition;
  if (integration === "delegate" && toMessage === undefined)
    throw new TypeError(`${type}: delegates without toMessage`);
  return {
    type,
    integration,
    toMessage: toMessage && ((item, at) => JSON.stringify(definition.message.parse(toMessage(item, at)))),
    toTracking: definition.toTracking,
    legacyOutcome: definition.legacyOutcome,
    approveOver: Amount.optional().parse(definition.approveOver),
    compare: compareRules(definition.compare),
    parse(body) {
      const parsed = definition.message.safeParse(body);
      if (!parsed.success) {
        const { field, rule } = explain(parsed.error);
        const message = `${type}: ${field === "" ? "message" : field}: ${rule}`;
        throw new BridgeError("INVALID_MESSAGE", "reject", message, { details: { field, type }, cause: parsed.error });
      }
      const message = parsed.data;
      /** Whatever a route's own function throws is the message's fault: it would throw again. */
      const derive = <S extends z.ZodType>(field: string, schema: S, make: (from: Message) => string): z.output<S> => {
        try {
          return schema.parse(make(message));
        } catch (cause) {
          const rule = cause instanceof z.ZodError ? explain(cause).rule : "cannot be derived from the message";
          const reason = `${type}: ${field}: ${rule}`;
          throw new BridgeError("INVALID_MESSAGE", "reject", reason, { details: { field, type }, cause });
        }
      };
      const pinKey = definition.pin && derive("pin", PinKey, definition.pin);
      return {
        key: { route: type, requestId: derive("requestId", RequestId, definition.requestId) },
        cohortKey: derive("cohort", CohortKey, definition.cohort),
        pinKey,
        bodyHash: derive("body", z.string(), bodyHash),
        draft: () => underPin(definition.toOrder(message), pinKey),
      };
    },
  };
}

/**
 * The claim takes the message's pin for all of its items: they need not repeat it, and may say no other.
 * @throws ZodError that names the item.
 */
const underPin = (draft: OrderDraft, pinKey: PinKey | undefined): OrderDraft => ({
  ...draft,
  items: draft.items.map((item, i) => {
    if (pinKey === undefined && item.pinKey === undefined) return item;
    if (item.pinKey === undefined || item.pinKey === pinKey) return { ...item, pinKey };
    const message = "is not what the route's pin says of the message";
    throw new z.ZodError([{ code: "custom", path: ["items", i, "pinKey"], message, input: item.pinKey }]);
  }),
});

/** A migration: the tracking table and the routes that move. */
export interface Migration {
  readonly name: string;
  readonly tracking: TrackingContract;
  readonly routes: ReadonlyMap<RouteType, Route>;
  /** @throws BridgeError UNKNOWN_TYPE. */
  routeOf(body: Readonly<Record<string, unknown>>): Route;
  /** @throws BridgeError UNKNOWN_TYPE. */
  route(type: RouteType): Route;
}

/**
 * @throws TypeError when two routes share a type, or the name cannot stand in a state machine's name.
 */
export function defineMigration(definition: {
  readonly name: string;
  /** The field of a message that says its type; "type" unless given. */
  readonly typeField?: string;
  readonly tracking: TrackingContract;
  readonly routes: readonly Route[];
}): Migration {
  const { name, tracking, typeField = "type" } = definition;
  if (!/^[a-z][a-z0-9-]{0,29}$/.test(name))
    throw new TypeError(`migration name "${name}" must match [a-z][a-z0-9-]{0,29}`);
  const routes = new Map(definition.routes.map((route) => [route.type, route]));
  if (routes.size !== definition.routes.length) throw new TypeError("two routes share a message type");
  const unknown = (type: unknown) =>
    new BridgeError("UNKNOWN_TYPE", "reject", `${typeField}: no route for ${JSON.stringify(type)?.slice(0, 80)}`, {
      details: { field: typeField },
    });
  const route = (type: RouteType): Route => {
    const found = routes.get(type);
    if (found === undefined) throw unknown(type);
    return found;
  };
  return {
    name,
    tracking,
    routes,
    route,
    routeOf(body) {
      const type = RouteType.safeParse(body[typeField]);
      if (!type.success) throw unknown(body[typeField]);
      return route(type.data);
    },
  };
}
