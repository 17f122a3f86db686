import * as z from "zod";
import { ClaimCheck } from "./claim-check.ts";
import { BridgeError } from "./errors.ts";
import {
  actionExecutionName,
  orderExecutionName,
  orderIdFor,
  shadowExecutionName,
  shadowOrderIdFor,
  twinExecutionName,
  twinOrderIdFor,
} from "./execution-name.ts";
import {
  CohortKey,
  CorrelationId,
  ExecutionName,
  OrderId,
  PinKey,
  RequestId,
  type RequestKey,
  RouteType,
  requestKeyText,
} from "./ids.ts";
import { Amount, Payment } from "./money.ts";
import { type BuiltOrder, fitted } from "./order-size.ts";
import { ItemOutcome } from "./outcome.ts";
import type { Integration } from "./rollout.ts";

/** The part of a state machine's name that says which Action does an item: `<migration>-<action>`. */
export const ActionName = z.string().regex(/^[A-Z][A-Za-z0-9]{0,39}$/);

/** Inputs of an Action; what is in it is the contract between a route and its worker. */
export const ActionInput = z.record(z.string(), z.json());

/** Why an order waits for approval (N16): its authorised amount is over the threshold. In the currency's minor unit. */
export const ApprovalNeed = z.strictObject({ over: Amount, amount: Amount });
export type ApprovalNeed = z.infer<typeof ApprovalNeed>;

/** What a route makes of a message: the order without its derived names. */
export interface OrderDraft {
  readonly customerId: string;
  readonly payment?: Payment | undefined;
  /** Whether the migration's checks run first; left out where they ran before the message was published. */
  readonly checks?: boolean | undefined;
  /** Follows from the routes: see withApproval. */
  readonly approval?: ApprovalNeed | undefined;
  readonly items: readonly ItemDraft[];
}
export interface ItemDraft {
  readonly itemId: string;
  readonly route: string;
  readonly requestId: string;
  readonly action: string;
  readonly pinKey?: string | undefined;
  /** In the currency's minor unit; captured only when the item is known done. */
  readonly price?: number | undefined;
  /** True: what an item of several commands has done is taken back when a later one fails for good (N17). */
  readonly reverse?: boolean | undefined;
  /** Who does the work; the route's own integration unless given. */
  readonly integration?: Integration | undefined;
  readonly input: z.infer<typeof ActionInput>;
}

/** The most items an inline Map is given here: it runs 40 at a time, and a claim transaction takes at most 100. */
export const MAX_ITEMS = 40;

/** One piece of an order. `pinned` says whether its pin was taken with the claim or is taken at its first effect. */
export const OrderItem = z
  .strictObject({
    itemId: z.string().min(1).max(200),
    route: RouteType,
    requestId: RequestId,
    action: ActionName,
    /** The stem of its Actions' names: see actionNameAt. */
    executionName: ExecutionName,
    pinKey: PinKey.optional(),
    pinned: z.boolean(),
    price: Amount,
    reverse: z.boolean().optional(),
    /** Left out where a worker of the new path does the work. */
    integration: z.literal("delegate").optional(),
    input: ActionInput.optional(),
    /** In the place of a large input; `inputOf` reads either. */
    inputCheck: ClaimCheck.optional(),
  })
  .refine(
    ({ input, inputCheck }) => (input === undefined) !== (inputCheck === undefined),
    "an item has an input, or a check that stands for it",
  );
export type OrderItem = z.infer<typeof OrderItem>;

/** An item whose input is at hand. */
export type WholeItem = OrderItem & { readonly input: z.infer<typeof ActionInput> };

const unique = (values: readonly string[]): boolean => new Set(values).size === values.length;

/** The input of the Order state machine (design, section 5), in one of its modes. */
const orderIn = <Mode extends "live" | "shadow">(mode: Mode) =>
  z
    .strictObject({
      orderId: OrderId,
      executionName: ExecutionName,
      correlationId: CorrelationId,
      mode: z.literal(mode),
      customerId: CohortKey,
      payment: Payment.optional(),
      checks: z.literal(true).optional(),
      approval: ApprovalNeed.optional(),
      items: z
        .array(OrderItem)
        .min(1)
        .max(MAX_ITEMS)
        .refine((items) => unique(items.map((item) => item.itemId)), "item ids must be unique")
        .refine(
          (items) => unique(items.map((item) => item.executionName)),
          "execution names must be unique inside the Map",
        )
        .refine((items) => unique(items.map(requestKeyText)), "an order holds a request once"),
    })
    .refine(
      ({ payment, items }) =>
        payment === undefined || items.reduce((sum, item) => sum + item.price, 0) <= payment.amount,
      { path: ["payment", "amount"], message: "the prices of the items add up to more than was authorised" },
    )
    .refine(({ items }) => items.every((item) => item.integration === undefined || item.price === 0), {
      path: ["items", "price"],
      message: "a delegated item has no price: the legacy service charges for its own work",
    })
    .refine(({ payment, items }) => payment !== undefined || items.every((item) => item.price === 0), {
      path: ["payment"],
      message: "an item has a price, and nothing was authorised",
    });

/** An order that is carried out. */
export const OrderInput = orderIn("live");
export type OrderInput = z.infer<typeof OrderInput>;

/**
 * An order that is planned and not carried out (X3). A type of its own: what touches a row, a pin, an effect or a charge
 * takes an OrderInput, and is never given one of these (P8).
 */
export const ShadowOrder = orderIn("shadow");
export type ShadowOrder = z.infer<typeof ShadowOrder>;

/** The decision about a charge (P7). `sum` in the currency's minor unit; `none` when nothing was authorised. */
export const ChargeDecision = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("capture"), items: z.array(z.string()), sum: Amount }),
  z.strictObject({ kind: z.literal("cancel") }),
  z.strictObject({ kind: z.literal("none") }),
]);
export type ChargeDecision = z.infer<typeof ChargeDecision>;

/** The output of the Order state machine: item by item what happened (N5), and the charge. */
export const OrderOutcome = z.strictObject({
  status: z.enum(["COMPLETED", "PARTIAL", "FAILED"]),
  items: z.array(ItemOutcome),
  charge: ChargeDecision,
  /** What the provider says of the charge, where that is not what was decided. */
  chargeMismatch: z.string().optional(),
});
export type OrderOutcome = z.infer<typeof OrderOutcome>;

interface Given {
  readonly orderId: OrderId;
  readonly executionName: ExecutionName;
  readonly correlationId: CorrelationId;
  readonly pinned: boolean;
}

const namedOrder = (draft: OrderDraft, mode: "live" | "shadow", given: Given) => ({
  orderId: given.orderId,
  executionName: given.executionName,
  correlationId: given.correlationId,
  mode,
  customerId: draft.customerId,
  ...(draft.payment && { payment: draft.payment }),
  ...(draft.checks && { checks: true }),
  ...(draft.approval && { approval: draft.approval }),
  items: draft.items.map(({ price, pinKey, integration, ...item }) => ({
    ...item,
    ...(integration === "delegate" && { integration }),
    ...(pinKey !== undefined && { pinKey }),
    executionName: actionExecutionName(item.action, given.orderId, item.itemId),
    pinned: given.pinned,
    price: price ?? 0,
  })),
});

/**
 * The order as Step Functions gets it: the draft with its names, all derived from the draft, and with claim checks in
 * the place of large inputs. The same draft gives the same bytes.
 * @throws ZodError when the draft breaks a rule of OrderInput, or an input is over MAX_PAYLOAD_BYTES; RangeError when the
 * order could come to more than MAX_ORDER_BYTES.
 */
export function buildOrder(
  draft: OrderDraft,
  { nameId, ...given }: Omit<Given, "executionName"> & { nameId: string },
): BuiltOrder {
  const executionName = orderExecutionName(nameId, given.orderId);
  return fitted(OrderInput.parse(namedOrder(draft, "live", { ...given, executionName })));
}

/** @throws BridgeError INVALID_ORDER (reject) for whatever a translation throws. */
function translated<Built>(key: RequestKey, build: () => Built): Built {
  try {
    return build();
  } catch (cause) {
    const path = cause instanceof z.ZodError ? (cause.issues[0]?.path ?? []) : [];
    const details = { field: ["order", ...path].join("."), route: key.route };
    throw new BridgeError("INVALID_ORDER", "reject", "the message has no valid translation", { details, cause });
  }
}

/**
 * The order of one legacy message. Its pin is taken together with the claim, which also fixes the integration.
 * @throws BridgeError INVALID_ORDER (reject) when the route translates the message into no valid order.
 */
export function orderFromMessage(
  migration: string,
  key: RequestKey,
  draft: () => OrderDraft,
  correlationId: CorrelationId,
  integration: Integration = "activity",
): BuiltOrder {
  const orderId = OrderId.parse(orderIdFor(migration, key));
  return translated(key, () => {
    const { items, ...order } = draft();
    const given = { orderId, nameId: key.requestId, correlationId, pinned: true };
    return buildOrder({ ...order, items: items.map((item) => ({ ...item, integration })) }, given);
  });
}

/** The names of the two plans that a message may have. */
const PLANS = {
  shadow: { orderIdFor: shadowOrderIdFor, nameFor: shadowExecutionName },
  twin: { orderIdFor: twinOrderIdFor, nameFor: twinExecutionName },
} as const;

/**
 * The plan-only order of one legacy message, under ids and names that no live order has. It holds no pin.
 * @param which its twin is the same order under an id and a name of its own.
 * @throws BridgeError INVALID_ORDER (reject) as orderFromMessage.
 */
export function shadowFromMessage(
  migration: string,
  key: RequestKey,
  draft: () => OrderDraft,
  correlationId: CorrelationId,
  which: keyof typeof PLANS = "shadow",
): BuiltOrder<ShadowOrder> {
  const orderId = PLANS[which].orderIdFor(migration, key);
  const executionName = PLANS[which].nameFor(migration, key);
  return translated(key, () =>
    fitted(ShadowOrder.parse(namedOrder(draft(), "shadow", { orderId, executionName, correlationId, pinned: false }))),
  );
}

/** COMPLETED when every item is done, FAILED when none is, PARTIAL otherwise. */
export function orderStatus(items: readonly ItemOutcome[]): OrderOutcome["status"] {
  const done = items.filter((item) => item.status !== "FAILED").length;
  if (done === items.length) return "COMPLETED";
  return done === 0 ? "FAILED" : "PARTIAL";
}
