import * as z from "zod";
import { RefreshDomainMessage } from "./refresh-domain.ts";
import { RegisterDomainMessage } from "./register-domain.ts";
import { RenewDomainMessage } from "./renew-domain.ts";
import { UpdateDnsMessage } from "./update-dns.ts";

export * from "./domain-name.ts";
export * from "./fields.ts";
export * from "./refresh-domain.ts";
export * from "./register-domain.ts";
export * from "./renew-domain.ts";
export * from "./update-dns.ts";

/** Every message that WebCat publishes. */
export const LegacyMessage = z.discriminatedUnion("type", [
  RegisterDomainMessage,
  RenewDomainMessage,
  RefreshDomainMessage,
  UpdateDnsMessage,
]);
export type LegacyMessage = z.infer<typeof LegacyMessage>;
