import type { Effect, SoftError } from "@crossfade/bridge";
import * as z from "zod";
import { ItemWork, type WebcatAction, type Work } from "./actions.ts";
import { DnsRecord, DomainName, MessageRequestId, NameServers, Registrant, Years } from "./messages/index.ts";

/** `requestId` goes along as a reference: the service keeps it, and gives it no meaning. */
const reference = { requestId: MessageRequestId, domain: DomainName };

/** What the registry can be told to do. */
export const RegistryCommand = z.discriminatedUnion("command", [
  z.strictObject({
    ...reference,
    command: z.literal("register"),
    years: Years,
    registrant: Registrant,
    nameServers: NameServers,
  }),
  z.strictObject({ ...reference, command: z.literal("renew"), years: Years, currentExpiry: z.iso.date() }),
  z.strictObject({ ...reference, command: z.literal("refresh") }),
  z.strictObject({ ...reference, command: z.literal("release") }),
]);
export type RegistryCommand = z.infer<typeof RegistryCommand>;

/** What the DNS service can be told to do. */
export const DnsCommand = z.strictObject({
  ...reference,
  command: z.literal("update"),
  records: z.array(DnsRecord).min(1).max(50),
});
export type DnsCommand = z.infer<typeof DnsCommand>;

/** One command and the service it is for. */
export type ServiceCommand =
  | { readonly service: "registry"; readonly command: RegistryCommand }
  | { readonly service: "dns"; readonly command: DnsCommand };

/** The external command that an Action of a legacy message means; each has exactly one. */
export function commandOf(requestId: string, work: Work): ServiceCommand {
  const reference = { requestId, domain: work.input.domain };
  switch (work.action) {
    case "RegisterDomain": {
      const { years, registrant, nameServers } = work.input;
      return { service: "registry", command: { ...reference, command: "register", years, registrant, nameServers } };
    }
    case "RenewDomain": {
      const { years, currentExpiry } = work.input;
      return { service: "registry", command: { ...reference, command: "renew", years, currentExpiry } };
    }
    case "RefreshDomain":
      return { service: "registry", command: { ...reference, command: "refresh" } };
    case "UpdateDns":
      return { service: "dns", command: { ...reference, command: "update", records: work.input.records } };
  }
}

/** The commands of a domain's set-up, by the names of the Action's steps. */
const SET_UP_STEPS = z.enum(["register", "set-up-dns", "reverse"]);

/**
 * The external command that a step of an Action means.
 * @throws ZodError when there is no such Action or step.
 */
export function commandOfStep(requestId: string, work: unknown, step: string): ServiceCommand {
  const parsed = ItemWork.parse(work);
  if (parsed.action !== "SetUpDomain") return commandOf(requestId, parsed);
  const { domain, years, registrant, nameServers, records } = parsed.input;
  const reference = { requestId, domain };
  switch (SET_UP_STEPS.parse(step)) {
    case "register":
      return { service: "registry", command: { ...reference, command: "register", years, registrant, nameServers } };
    case "set-up-dns":
      return { service: "dns", command: { ...reference, command: "update", records } };
    case "reverse":
      return { service: "registry", command: { ...reference, command: "release" } };
  }
}

/** What a service says when it has done a command; written to the row as `result`. */
export const RegistryResult = z.strictObject({
  domain: DomainName,
  /** Years bought; absent for a refresh and a release. */
  years: Years.exactOptional(),
  /** Of a registration: the servers that the registry has now. */
  nameServers: NameServers.exactOptional(),
  /** Of a renewal: the day from which it was asked for. */
  currentExpiry: z.iso.date().exactOptional(),
  /** The day the registration ends; of a release, the day it was given back. */
  expiresAt: z.iso.date(),
});
export type RegistryResult = z.infer<typeof RegistryResult>;

export const DnsResult = z.strictObject({
  domain: DomainName,
  /** Records that the zone has now. */
  records: z.int().min(1).max(50),
  /** Counts the zone's changes. */
  serial: z.int().positive(),
});
export type DnsResult = z.infer<typeof DnsResult>;

/** Which command of which service. */
export type CommandKind = Pick<Effect, "service" | "command">;

/** The command that each Action means. */
export const COMMANDS = {
  RegisterDomain: { service: "registry", command: "register" },
  RenewDomain: { service: "registry", command: "renew" },
  RefreshDomain: { service: "registry", command: "refresh" },
  UpdateDns: { service: "dns", command: "update" },
} as const satisfies Record<WebcatAction, CommandKind>;

/** How much of a command, and of its result, tells what was asked for: an expiry or a serial depends on what came before. */
const Asked = z.object({
  domain: z.string(),
  years: z.number().optional(),
  nameServers: z.array(z.string()).optional(),
  currentExpiry: z.string().optional(),
  records: z.number().optional(),
});

/** A command as an effect: whether it is planned or done, in the same words. */
export function effectOf(kind: CommandKind, { domain, ...asked }: z.infer<typeof Asked>): Effect {
  const { years, nameServers, currentExpiry, records } = asked;
  const details = {
    ...(years !== undefined && { years }),
    ...(nameServers !== undefined && { nameServers }),
    ...(currentExpiry !== undefined && { currentExpiry }),
    ...(records !== undefined && { records }),
  };
  return { ...kind, target: domain, ...(Object.keys(details).length > 0 && { details }) };
}

/**
 * What was done, as the result tells it: the old row keeps results and not commands. Empty for a result that does not
 * name its domain.
 */
export function effectsOf(kind: CommandKind, result: unknown): Effect[] {
  const done = Asked.safeParse(result);
  return done.success ? [effectOf(kind, done.data)] : [];
}

/** Refusals that asking again will not change. */
export const RefusalCode = z.enum(["DOMAIN_TAKEN", "DOMAIN_NOT_FOUND", "DOMAIN_LOCKED", "ZONE_NOT_FOUND"]);
export type RefusalCode = z.infer<typeof RefusalCode>;

/** A failure by its code, as either path tells it: everything but a service's own refusal may be tried again. */
export const softError = (code: string, message: string): SoftError => ({
  Code: code.slice(0, 100),
  Message: message.slice(0, 1000),
  Retryable: !RefusalCode.safeParse(code).success,
});
