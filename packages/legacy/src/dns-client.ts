import type { ExternalCommand } from "@crossfade/bridge";
import { type DnsCommand, DnsResult } from "./commands.ts";
import { externalCommand } from "./external-command.ts";
import { httpService, type ServiceAddress, type ServiceClient } from "./service-client.ts";

/** The DNS service, as one worker session sees it. */
export type DnsClient = ServiceClient<DnsCommand, DnsResult>;

export const dnsClient = (address: ServiceAddress): DnsClient => httpService(address, DnsResult);

/** What `performEffect` sends to the DNS service. */
export const dnsCommand = (client: DnsClient, command: DnsCommand): ExternalCommand =>
  externalCommand({ service: "dns", command: command.command }, client, command);
