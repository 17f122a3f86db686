import * as z from "zod";
import { DomainName } from "./domain-name.ts";
import { CustomerId, MessageRequestId, RequestedAt } from "./fields.ts";

/** WebCat reads a domain's state at the registry; free, and changes nothing. */
export const RefreshDomainMessage = z.strictObject({
  type: z.literal("REFRESH_DOMAIN"),
  requestId: MessageRequestId,
  customerId: CustomerId,
  domain: DomainName,
  requestedAt: RequestedAt,
});
export type RefreshDomainMessage = z.infer<typeof RefreshDomainMessage>;
