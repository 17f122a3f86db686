import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
  ResourceNotFoundException,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import * as z from "zod";
import type { LambdaCall } from "../attach/calls.ts";
import { type Mapping, MappingSettings } from "../attach/mapping.ts";
import type { Mappings } from "../attach/ports.ts";

const Found = z.object({
  UUID: z.string(),
  FunctionArn: z.string(),
  EventSourceArn: z.string(),
  State: z.enum(["Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating", "Deleting"]),
  LastModified: z.date(),
});

/** Lambda fills in what it does not know of with null or nothing. */
const known = (configuration: EventSourceMappingConfiguration) =>
  Object.fromEntries(
    Object.entries(configuration).filter(
      ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );

function mappingOf(configuration: EventSourceMappingConfiguration): Mapping {
  const {
    UUID: id,
    FunctionArn: functionArn,
    EventSourceArn: queueArn,
    State,
    LastModified,
  } = Found.parse(configuration);
  const settings = MappingSettings.parse(known(configuration));
  return { id, functionArn, queueArn, state: State, changedAt: LastModified.getTime(), settings };
}

/** Event source mappings at Lambda. */
export class LambdaMappings implements Mappings {
  readonly #client: LambdaClient;

  constructor(client: LambdaClient) {
    this.#client = client;
  }

  async read(UUID: string): Promise<Mapping | undefined> {
    try {
      return mappingOf(await this.#client.send(new GetEventSourceMappingCommand({ UUID })));
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async find(FunctionName: string, EventSourceArn: string): Promise<readonly Mapping[]> {
    const found: Mapping[] = [];
    let Marker: string | undefined;
    do {
      const list = new ListEventSourceMappingsCommand({ FunctionName, EventSourceArn, Marker });
      try {
        const { EventSourceMappings = [], NextMarker } = await this.#client.send(list);
        found.push(...EventSourceMappings.map(mappingOf));
        Marker = NextMarker;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return [];
        throw error;
      }
    } while (Marker !== undefined && Marker !== "");
    return found;
  }

  async perform({ action, input }: LambdaCall): Promise<void> {
    switch (action) {
      case "CreateEventSourceMapping":
        await this.#client.send(new CreateEventSourceMappingCommand(input));
        return;
      case "UpdateEventSourceMapping":
        await this.#client.send(new UpdateEventSourceMappingCommand(input));
        return;
      case "DeleteEventSourceMapping":
        await this.#client.send(new DeleteEventSourceMappingCommand(input));
    }
  }
}
