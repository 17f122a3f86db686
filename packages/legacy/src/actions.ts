import * as z from "zod";
import {
  CustomerId,
  DnsRecord,
  DomainName,
  type LegacyMessage,
  NameServers,
  type RefreshDomainMessage,
  type RegisterDomainMessage,
  Registrant,
  type RenewDomainMessage,
  type UpdateDnsMessage,
  Years,
} from "./messages/index.ts";

const subject = { customerId: CustomerId, domain: DomainName };

/** Inputs of the Actions: what is to be done, without how it was asked for or paid. The same data on both paths. */
export const RegisterDomainInput = z.strictObject({
  ...subject,
  years: Years,
  registrant: Registrant,
  nameServers: NameServers,
});
export const RenewDomainInput = z.strictObject({ ...subject, years: Years, currentExpiry: z.iso.date() });
export const RefreshDomainInput = z.strictObject(subject);
export const UpdateDnsInput = z.strictObject({ ...subject, records: z.array(DnsRecord).min(1).max(50) });

/** A registration whose DNS is set up with it: what no single legacy message can say. */
export const SetUpDomainInput = z.strictObject({
  ...RegisterDomainInput.shape,
  records: z.array(DnsRecord).min(1).max(50),
});

/** The work of one request of the legacy system: an Action of one command, and its input. */
export const Work = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("RegisterDomain"), input: RegisterDomainInput }),
  z.strictObject({ action: z.literal("RenewDomain"), input: RenewDomainInput }),
  z.strictObject({ action: z.literal("RefreshDomain"), input: RefreshDomainInput }),
  z.strictObject({ action: z.literal("UpdateDns"), input: UpdateDnsInput }),
]);
export type Work = z.infer<typeof Work>;
export type WebcatAction = Work["action"];

/** What only an order placed directly can ask for: an Action of several commands. */
export const CompositeWork = z.strictObject({ action: z.literal("SetUpDomain"), input: SetUpDomainInput });
export type CompositeWork = z.infer<typeof CompositeWork>;

/** Whatever an item of an order may ask for. */
export const ItemWork = z.discriminatedUnion("action", [...Work.options, CompositeWork]);
export type ItemWork = z.infer<typeof ItemWork>;

/** Every Action that a legacy message asks for, as state machines and activities are named after it. */
export const ACTIONS: readonly WebcatAction[] = ["RegisterDomain", "RenewDomain", "RefreshDomain", "UpdateDns"];

export const registerDomainWork = ({ customerId, domain, years, registrant, nameServers }: RegisterDomainMessage) =>
  ({ action: "RegisterDomain", input: { customerId, domain, years, registrant, nameServers } }) satisfies Work;

export const renewDomainWork = ({ customerId, domain, years, currentExpiry }: RenewDomainMessage) =>
  ({ action: "RenewDomain", input: { customerId, domain, years, currentExpiry } }) satisfies Work;

export const refreshDomainWork = ({ customerId, domain }: RefreshDomainMessage) =>
  ({ action: "RefreshDomain", input: { customerId, domain } }) satisfies Work;

export const updateDnsWork = ({ customerId, domain, records }: UpdateDnsMessage) =>
  ({ action: "UpdateDns", input: { customerId, domain, records } }) satisfies Work;

/** What a message asks for. */
export function workOf(message: LegacyMessage): Work {
  switch (message.type) {
    case "REGISTER_DOMAIN":
      return registerDomainWork(message);
    case "RENEW_DOMAIN":
      return renewDomainWork(message);
    case "REFRESH_DOMAIN":
      return refreshDomainWork(message);
    case "UPDATE_DNS":
      return updateDnsWork(message);
  }
}
