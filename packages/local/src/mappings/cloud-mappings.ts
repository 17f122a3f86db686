import type { ManagedMapping } from "./managed.ts";
import type { Mapping } from "./mapping.ts";
import type { MappingRegistry } from "./registry.ts";
import type { QueueMappingOptions } from "./sqs.ts";
import type { StreamMapping, StreamMappingOptions } from "./stream.ts";

/** A new mapping that need not run yet: with `enabled: false` it waits to be enabled through Lambda's API. */
export type Switchable<Options> = Options & { readonly enabled?: boolean };

/** A mapping as Lambda's API knows it: by its UUID, with the state and the settings that the API last gave it. */
export type Identified<M> = M & { readonly uuid: string };

/** Event source mappings made by a program. They have no second name: stop() deletes them. */
export interface CloudMappings {
  mapQueue(options: Switchable<QueueMappingOptions>): Identified<Mapping<QueueMappingOptions>>;
  mapStream(options: Switchable<StreamMappingOptions>): Identified<StreamMapping>;
}

export function cloudMappings(registry: MappingRegistry): CloudMappings {
  const stopper = (mapping: ManagedMapping) => () => registry.remove(mapping);
  return {
    mapQueue({ enabled = true, ...options }) {
      const mapping = registry.add({ kind: "queue", options }, enabled);
      return { uuid: mapping.uuid, options, stop: stopper(mapping) };
    },
    mapStream({ enabled = true, ...options }) {
      const mapping = registry.add({ kind: "stream", options }, enabled);
      return { uuid: mapping.uuid, options, stop: stopper(mapping), caughtUp: () => mapping.caughtUp() };
    },
  };
}
