import { Deployed, type DeploymentConfig, FUNCTIONS } from "@crossfade/bridge/deployment";
import type { Queue, QueueWithDeadLetters } from "./queues.ts";
import type { LocalSource } from "./sources.ts";

export interface DeployedParts {
  readonly name: string;
  readonly config: DeploymentConfig;
  readonly sources: ReadonlyMap<string, LocalSource>;
  /** By source: UUID of ingest's mapping. */
  readonly mappingIds: ReadonlyMap<string, string>;
  readonly quarantine: Queue;
  /** Queues with dead letters beside those of the sources, by what they hold. */
  readonly queues: Readonly<Record<string, QueueWithDeadLetters>>;
  readonly environment: Readonly<Record<string, string>>;
}

const names = ({ url, arn }: Queue) => ({ queueUrl: url, queueArn: arn });

/** The queue that was made for a source: what lies in its dead-letter queue came from there. */
const madeFor = ({ intake, forward }: LocalSource) =>
  "queueUrl" in forward ? { queueUrl: forward.queueUrl, queueArn: forward.queueArn } : intake;

/** What the operator's command must know of the bridge, as the stacks put it out. */
export function deployedBridge(parts: DeployedParts): Deployed {
  const { name, config, sources, mappingIds, environment } = parts;
  const deadLetters = {
    quarantine: names(parts.quarantine),
    ...Object.fromEntries(
      Object.entries(parts.queues).map(([holds, queue]) => [
        holds,
        { ...names(queue.deadLetters), returnsTo: names(queue) },
      ]),
    ),
    ...Object.fromEntries(
      [...sources].map(([name, source]) => [
        `${name}-${"queueUrl" in source.forward ? "forward" : "intake"}`,
        { ...names(source.deadLetters), returnsTo: madeFor(source) },
      ]),
    ),
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
    deadLetters,
    // The counts of the embedded cloud's queues are right at once.
    environment: { ...environment, COUNTS_SETTLE_MS: "1000" },
  });
}
