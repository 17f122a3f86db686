import type { ExternalCommand } from "@crossfade/bridge";
import { type RegistryCommand, RegistryResult } from "./commands.ts";
import { externalCommand } from "./external-command.ts";
import { httpService, type ServiceAddress, type ServiceClient } from "./service-client.ts";

/** The registry, as one worker session sees it. */
export type RegistryClient = ServiceClient<RegistryCommand, RegistryResult>;

export const registryClient = (address: ServiceAddress): RegistryClient => httpService(address, RegistryResult);

/** What `performEffect` sends to the registry. */
export const registryCommand = (client: RegistryClient, command: RegistryCommand): ExternalCommand =>
  externalCommand({ service: "registry", command: command.command }, client, command);
