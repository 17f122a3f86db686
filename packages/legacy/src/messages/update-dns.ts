import * as z from "zod";
import { DomainName, HostName } from "./domain-name.ts";
import { CustomerId, MessageRequestId, RequestedAt } from "./fields.ts";

/** Relative to the domain: `@` for the domain itself, `*` for every name, underscores as services use them. */
const RecordName = z
  .string()
  .max(253)
  .regex(
    /^(@|\*|(\*\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*)$/,
    "a record name must be @, * or labels of lower-case letters, digits, hyphens and underscores",
  );

const isMailExchange = (value: string): boolean => {
  const [preference = "", host, ...rest] = value.split(" ");
  const fits = /^\d{1,5}$/.test(preference) && Number(preference) <= 65_535;
  return fits && rest.length === 0 && HostName.safeParse(host).success;
};

const record = <Type extends string, Value extends z.ZodType<string>>(type: Type, value: Value) =>
  z.strictObject({
    name: RecordName,
    type: z.literal(type),
    value,
    /** Seconds: a minute to a week. */
    ttl: z.int().min(60).max(604_800),
  });

/** One resource record; what its value must be follows from its type (RFC 1035, RFC 3596). */
export const DnsRecord = z.discriminatedUnion(
  "type",
  [
    record("A", z.ipv4()),
    record("AAAA", z.ipv6()),
    record("CNAME", HostName),
    record("MX", z.string().refine(isMailExchange, "an MX value must be a preference 0 to 65535 and a host name")),
    record("TXT", z.string().min(1).max(255)),
    record("NS", HostName),
  ],
  "a record must have a type out of A, AAAA, CNAME, MX, TXT, NS",
);
export type DnsRecord = z.infer<typeof DnsRecord>;

/** The records that a domain shall have from now on. */
export const UpdateDnsMessage = z.strictObject({
  type: z.literal("UPDATE_DNS"),
  requestId: MessageRequestId,
  customerId: CustomerId,
  domain: DomainName,
  records: z.array(DnsRecord).min(1, "1 to 50 records").max(50, "1 to 50 records"),
  requestedAt: RequestedAt,
});
export type UpdateDnsMessage = z.infer<typeof UpdateDnsMessage>;
