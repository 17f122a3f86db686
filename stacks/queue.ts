import { deadLetterName, MAX_RECEIVES, RETENTION_SECONDS } from "@crossfade/bridge/deployment";
import type { Place } from "./place.ts";
import { type Allowed, policy } from "./policy.ts";

export interface QueueSettings {
  readonly visibilitySeconds: number;
  /** Receives before a message goes to the dead-letter queue. */
  readonly maxReceives?: number;
  /** Of the dead-letter queue, where a function reads it; SQS's default unless given. */
  readonly deadLetterVisibilitySeconds?: number;
  /** Who but the account's own roles may use it. */
  readonly allow?: readonly Allowed[];
}

/** A queue that keeps its messages for as long as SQS does, encrypted; a name that ends in `.fifo` makes it FIFO. */
export const bareQueue = (place: Place, name: string, more: Partial<aws.sqs.QueueArgs> = {}): aws.sqs.Queue =>
  new aws.sqs.Queue(
    name,
    {
      name: place.name(name),
      messageRetentionSeconds: RETENTION_SECONDS,
      sqsManagedSseEnabled: true,
      ...(name.endsWith(".fifo") && { fifoQueue: true }),
      ...more,
    },
    { retainOnDelete: place.retain },
  );

export interface QueueWithDeadLetters {
  readonly queue: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;
}

/** A queue and its dead-letter queue, which takes messages of this queue alone; both are FIFO or none is. */
export function queueWithDeadLetters(
  place: Place,
  name: string,
  { visibilitySeconds, maxReceives = MAX_RECEIVES, deadLetterVisibilitySeconds, allow = [] }: QueueSettings,
): QueueWithDeadLetters {
  const { queueArn } = place.queue(name);
  const deadLetters = bareQueue(place, deadLetterName(name), {
    ...(deadLetterVisibilitySeconds !== undefined && { visibilityTimeoutSeconds: deadLetterVisibilitySeconds }),
    redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [queueArn] }),
  });
  const queue = bareQueue(place, name, {
    visibilityTimeoutSeconds: visibilitySeconds,
    redrivePolicy: $jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: maxReceives }),
    ...(allow.length > 0 && { policy: policy(allow.map((each) => ({ ...each, resources: [queueArn] }))) }),
  });
  return { queue, deadLetters };
}
