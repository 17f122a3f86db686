import type { SQSClient } from "@aws-sdk/client-sqs";
import {
  type DeploymentConfig,
  hasForwardQueue,
  INGEST_READER,
  type PlacedSource,
  placeSource,
  type SourceConfig,
  visibilityFor,
} from "@crossfade/bridge/deployment";
import { createQueue, type Queue } from "./queues.ts";

/** A source in its place, and the dead-letter queue of the queue that was made for it. */
export type LocalSource = PlacedSource & { readonly deadLetters: Queue };

const names = ({ url, arn }: Queue) => ({ queueUrl: url, queueArn: arn });

async function place(sqs: SQSClient, prefix: string, source: SourceConfig): Promise<LocalSource> {
  if (!hasForwardQueue(source)) {
    const intake = await createQueue(sqs, `${prefix}-intake`, { visibilitySeconds: visibilityFor(INGEST_READER) });
    return { ...placeSource(source, names(intake), undefined), deadLetters: intake.deadLetters };
  }
  const { queueUrl, queueArn, visibilitySeconds, maxReceives } = source;
  const name = `${prefix}-forward${source.forward === "fifo" ? ".fifo" : ""}`;
  const forward = await createQueue(sqs, name, { visibilitySeconds, maxReceives });
  return { ...placeSource(source, { queueUrl, queueArn }, names(forward)), deadLetters: forward.deadLetters };
}

/** What the bridge needs at each source: a queue to read from, and one to forward to. Nothing is attached yet. */
export async function placeSources(
  sqs: SQSClient,
  prefix: string,
  { sources }: DeploymentConfig,
): Promise<ReadonlyMap<string, LocalSource>> {
  const placed = new Map<string, LocalSource>();
  for (const [name, source] of Object.entries(sources)) {
    placed.set(name, await place(sqs, `${prefix}-${name}`, source));
  }
  return placed;
}
