import { Payment } from "@crossfade/bridge";
import * as z from "zod";
import { DomainName } from "./domain-name.ts";
import { CustomerId, MessageRequestId, RequestedAt, Years } from "./fields.ts";

/** A customer keeps a domain for longer. `currentExpiry` is the day WebCat believes it ends. */
export const RenewDomainMessage = z.strictObject({
  type: z.literal("RENEW_DOMAIN"),
  requestId: MessageRequestId,
  customerId: CustomerId,
  domain: DomainName,
  years: Years,
  currentExpiry: z.iso.date("must be a day, like 2026-03-02"),
  payment: Payment,
  requestedAt: RequestedAt,
});
export type RenewDomainMessage = z.infer<typeof RenewDomainMessage>;
