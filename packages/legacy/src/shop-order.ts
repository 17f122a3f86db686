import { Amount, MAX_ITEMS, type OrderDraft, OrderId, Payment } from "@crossfade/bridge";
import * as z from "zod";
import {
  type ItemWork,
  RefreshDomainInput,
  RegisterDomainInput,
  RenewDomainInput,
  SetUpDomainInput,
  UpdateDnsInput,
} from "./actions.ts";
import { CustomerId, MessageRequestId } from "./messages/index.ts";

/** `price` in the currency's minor unit; captured only when the item is done. */
const common = { itemId: z.string().min(1).max(200), requestId: MessageRequestId, price: Amount.optional() };
const customerId = { customerId: true } as const;

/** One piece of an order: what is to be done, by the Action that does it. */
export const ShopItem = z.discriminatedUnion("action", [
  z.strictObject({ ...common, action: z.literal("RegisterDomain"), input: RegisterDomainInput.omit(customerId) }),
  z.strictObject({ ...common, action: z.literal("RenewDomain"), input: RenewDomainInput.omit(customerId) }),
  z.strictObject({ ...common, action: z.literal("RefreshDomain"), input: RefreshDomainInput.omit(customerId) }),
  z.strictObject({ ...common, action: z.literal("UpdateDns"), input: UpdateDnsInput.omit(customerId) }),
  z.strictObject({
    ...common,
    action: z.literal("SetUpDomain"),
    input: SetUpDomainInput.omit(customerId),
    /** The registration is reversed when its DNS fails for good (N17). */
    reverse: z.boolean().optional(),
  }),
]);
export type ShopItem = z.infer<typeof ShopItem>;

/** An order of several items, as WebCat's shop places it directly on the new path; `orderId` makes it one order. */
export const ShopOrder = z.strictObject({
  orderId: OrderId,
  customerId: CustomerId,
  payment: Payment.optional(),
  items: z.array(ShopItem).min(1, "an order has an item").max(MAX_ITEMS, `an order has at most ${MAX_ITEMS} items`),
});
export type ShopOrder = z.infer<typeof ShopOrder>;

const ROUTES: Readonly<Record<ItemWork["action"], string>> = {
  RegisterDomain: "REGISTER_DOMAIN",
  RenewDomain: "RENEW_DOMAIN",
  RefreshDomain: "REFRESH_DOMAIN",
  UpdateDns: "UPDATE_DNS",
  SetUpDomain: "REGISTER_DOMAIN",
};

/** What the bridge places. Nobody has checked such an order yet, so it asks for the checks. Reading needs no pin. */
export const shopDraft = ({ customerId, payment, items }: ShopOrder): OrderDraft => ({
  customerId,
  ...(payment && { payment }),
  checks: true,
  items: items.map(({ itemId, requestId, price, action, input, ...more }) => ({
    ...{ itemId, requestId, action, route: ROUTES[action] },
    ...("reverse" in more && more.reverse !== undefined && { reverse: more.reverse }),
    ...(action !== "RefreshDomain" && { pinKey: input.domain }),
    ...(price !== undefined && { price }),
    input: { ...input, customerId },
  })),
});
