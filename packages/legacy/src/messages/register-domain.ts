import { Payment } from "@crossfade/bridge";
import * as z from "zod";
import { DomainName, HostName } from "./domain-name.ts";
import { CustomerId, MessageRequestId, RequestedAt, Years } from "./fields.ts";

/** Who will hold the domain. `country` as ISO 3166-1 alpha-2. */
export const Registrant = z.strictObject({
  name: z.string().min(1).max(200),
  email: z.email().max(254),
  country: z.string().regex(/^[A-Z]{2}$/, "a country must be two capital letters"),
});
export type Registrant = z.infer<typeof Registrant>;

/** Two to thirteen: fewer leave no spare, more do not fit into one answer of the root (RFC 2182, RFC 1912). */
export const NameServers = z.array(HostName).min(2, "2 to 13 name servers").max(13, "2 to 13 name servers");

/** A customer buys a new domain. */
export const RegisterDomainMessage = z.strictObject({
  type: z.literal("REGISTER_DOMAIN"),
  requestId: MessageRequestId,
  customerId: CustomerId,
  domain: DomainName,
  years: Years,
  registrant: Registrant,
  nameServers: NameServers,
  payment: Payment,
  requestedAt: RequestedAt,
});
export type RegisterDomainMessage = z.infer<typeof RegisterDomainMessage>;
