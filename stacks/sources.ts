import { hasForwardQueue, INGEST_READER, visibilityFor } from "@crossfade/bridge/deployment";
import { forwardQueueName, intakeQueueName, type Plan } from "./plan.ts";
import { type Allowed, mayBeSentBy } from "./policy.ts";
import { queueWithDeadLetters } from "./queue.ts";

/** The role of a legacy program that is to read a queue of the bridge. */
export const mayBeReadBy = (roleArn: string): Allowed => ({
  actions: [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
  ],
  principal: { AWS: roleArn },
});

/** By source: what ingest reads there, an ARN of the legacy system or a queue of the bridge. */
export type Intakes = ReadonlyMap<string, $util.Input<string>>;

/**
 * What the bridge puts beside the existing topics, queues, table and stream, which are named by their ARNs and never
 * created or changed (B2): where the old consumer will read, or where a topic will deliver. Nothing is attached: that is
 * the operator's `crossfade attach`.
 */
export function sources({ config, place }: Plan): Intakes {
  const intakes = new Map<string, $util.Input<string>>();
  for (const [name, source] of Object.entries(config.sources)) {
    if (hasForwardQueue(source)) {
      const { visibilitySeconds, maxReceives, consumer, queueArn } = source;
      const allow = [mayBeReadBy(consumer.roleArn)];
      queueWithDeadLetters(place, forwardQueueName(name, source), { visibilitySeconds, maxReceives, allow });
      intakes.set(name, queueArn);
    } else {
      const visibilitySeconds = visibilityFor(INGEST_READER);
      const allow = [mayBeSentBy("sns.amazonaws.com", source.topicArn)];
      const { queue } = queueWithDeadLetters(place, intakeQueueName(name), { visibilitySeconds, allow });
      intakes.set(name, queue.arn);
    }
  }
  return intakes;
}
