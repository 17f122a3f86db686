import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { FunctionHost } from "../contract.ts";
import { ManagedMapping, type MappingSettings, type Start } from "./managed.ts";
import { checkQueueMapping, startQueueMapping } from "./sqs.ts";
import { checkStreamMapping, newProgress, startStreamMapping } from "./stream.ts";

export interface RegistryOptions {
  readonly sqs: SQSClient;
  readonly streams: DynamoDBStreamsClient;
  readonly functions: FunctionHost;
  /** The least time, in milliseconds, that a mapping stays in a transient state. */
  readonly transitionMs: number;
}

/** Every event source mapping of the cloud, whether a program made it or a request. */
export class MappingRegistry {
  readonly #options: RegistryOptions;
  readonly #mappings = new Map<string, ManagedMapping>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Throws for settings that AWS refuses whatever the source is. */
  check(settings: MappingSettings): void {
    const { functions } = this.#options;
    if (settings.kind === "queue") checkQueueMapping(functions, settings.options);
    else checkStreamMapping(functions, settings.options);
  }

  /** Adds one that runs at once, or waits to be enabled. */
  add(settings: MappingSettings, isEnabled: boolean): ManagedMapping {
    this.check(settings);
    const mapping = this.#make(settings);
    mapping.startNow(isEnabled);
    this.#mappings.set(mapping.uuid, mapping);
    return mapping;
  }

  /** Adds one that is Creating first, as every request makes it. */
  create(settings: MappingSettings, isEnabled: boolean): ManagedMapping {
    this.check(settings);
    const mapping = this.#make(settings);
    mapping.change("Creating", settings, isEnabled);
    this.#mappings.set(mapping.uuid, mapping);
    return mapping;
  }

  find(uuid: string): ManagedMapping | undefined {
    return this.#mappings.get(uuid);
  }

  /** In the order of their UUIDs. */
  list(): readonly ManagedMapping[] {
    return [...this.#mappings.values()].sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
  }

  /** Resolves once what it had in hand is done, and it is gone. */
  async remove(mapping: ManagedMapping): Promise<void> {
    await mapping.end();
    this.#mappings.delete(mapping.uuid);
  }

  async close(): Promise<void> {
    await Promise.all(this.list().map((mapping) => this.remove(mapping)));
  }

  #make(settings: MappingSettings): ManagedMapping {
    const { sqs, streams, functions, transitionMs } = this.#options;
    // A stream's checkpoints belong to the mapping: it goes on where it was when it is enabled again.
    const progress = newProgress();
    const start: Start = ({ kind, options }) =>
      kind === "queue"
        ? startQueueMapping(sqs, functions, options)
        : startStreamMapping(streams, functions, options, progress);
    return new ManagedMapping(settings, start, transitionMs);
  }
}

export function sourceArnOf({ kind, options }: MappingSettings): string {
  return kind === "queue" ? options.queueArn : options.streamArn;
}
