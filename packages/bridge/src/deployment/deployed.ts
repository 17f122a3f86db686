import * as z from "zod";
import { SourceConfig } from "./config.ts";

const Queue = z.strictObject({ queueUrl: z.url(), queueArn: z.string() });

/** Where the bridge sends what stays on the legacy path. */
export const DeployedForward = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fifo"), queueUrl: z.url(), queueArn: z.string() }),
  z.strictObject({ kind: z.literal("standard"), queueUrl: z.url(), queueArn: z.string() }),
  z.strictObject({ kind: z.literal("topic"), topicArn: z.string() }),
  z.strictObject({ kind: z.literal("lambda"), functionArn: z.string() }),
  z.strictObject({ kind: z.literal("tap") }),
]);

/** A source as it was deployed: configured and not yet attached. */
export const DeployedSource = z.strictObject({
  config: SourceConfig,
  /** The queue that ingest reads: the legacy one at an intercepted queue, else one of the bridge's own. */
  intake: z.strictObject({ queueUrl: z.url(), queueArn: z.string() }),
  /** UUID of ingest's event source mapping on the intake: deployed off, switched by attach and detach alone. */
  mappingId: z.string().min(1),
  forward: DeployedForward,
});
export type DeployedSource = z.infer<typeof DeployedSource>;

/** What the operator's command must know of a deployed bridge; the stacks' output, and the embedded cloud's. */
export const Deployed = z.strictObject({
  /** `<migration>-<stage>`. */
  name: z.string().min(1),
  accountId: z.string(),
  region: z.string(),
  sources: z.record(z.string(), DeployedSource),
  /** The functions that tell how a source is doing, by their names in AWS. */
  ingestFunction: z.string(),
  /** Seconds: the timeout of ingest. */
  ingestTimeoutSeconds: z.number().int().positive(),
  /**
   * Dead-letter queues and the quarantine, by what they hold. `returnsTo`: the queue whose messages they are; left out
   * where each message says so itself.
   */
  deadLetters: z.record(z.string(), z.strictObject({ ...Queue.shape, returnsTo: Queue.optional() })),
  /** Variables of the functions, which the operator's command reads in their place. */
  environment: z.record(z.string(), z.string()),
});
export type Deployed = z.infer<typeof Deployed>;
