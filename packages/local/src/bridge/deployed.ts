import { Deployed, type DeploymentConfig, FUNCTIONS } from "@crossfade/bridge/deployment";
import type { Queue } from "./queues.ts";
import type { LocalSource } from "./sources.ts";

export interface DeployedParts {
  readonly name: string;
  readonly config: DeploymentConfig;
  readonly sources: ReadonlyMap<string, LocalSource>;
  /** By source: UUID of ingest's mapping. */
  readonly mappingIds: ReadonlyMap<string, string>;
  /** Dead-letter queues beside those of the sources, by what they hold. */
  readonly deadLetters: Readonly<Record<string, Queue>>;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the operator's command must know of the bridge, as the stacks put it out. */
export function deployedBridge(parts: DeployedParts): Deployed {
  const { name, config, sources, mappingIds, environment } = parts;
  const deadLetters = {
    ...parts.deadLetters,
    ...Object.fromEntries([...sources].map(([source, { deadLetters: queue }]) => [source, queue])),
  };
  return Deployed.parse({
    name,
    accountId: config.accountId,
    region: config.region,
    sources: Object.fromEntries(
      [...sources].map(([source, { intake, forward }]) => [
        source,
        { config: config.sources[source], intake, mappingId: mappingIds.get(source), forward },
      ]),
    ),
    ingestFunction: `${name}-ingest`,
    ingestTimeoutSeconds: FUNCTIONS.ingest.timeoutSeconds,
    deadLetters: Object.fromEntries(
      Object.entries(deadLetters).map(([holds, { url, arn }]) => [holds, { queueUrl: url, queueArn: arn }]),
    ),
    // The counts of the embedded cloud's queues are right at once.
    environment: { ...environment, COUNTS_SETTLE_MS: "1000" },
  });
}
