import {
  DELEGATE_DEAD_LETTERS_READER,
  DELEGATE_RECEIVES,
  DELEGATE_VISIBILITY_SECONDS,
  delegateQueueName,
  hasForwardQueue,
  READ_QUEUES,
  visibilityFor,
} from "@crossfade/bridge/deployment";
import type { Plan } from "./plan.ts";
import { mayBeSentBy, policy } from "./policy.ts";
import { bareQueue, type QueueWithDeadLetters, queueWithDeadLetters } from "./queue.ts";
import { mayBeReadBy } from "./sources.ts";

/** Each rule of the default bus feeds the queue of its own name. */
export const RULES = ["mirror", "settle"] as const;

export interface Queues {
  readonly mirror: QueueWithDeadLetters;
  readonly settle: QueueWithDeadLetters;
  readonly approvals: QueueWithDeadLetters;
  readonly delegates: readonly QueueWithDeadLetters[];
  /** Status events that EventBridge could not deliver. */
  readonly events: aws.sqs.Queue;
}

const sentByRule = ({ place }: Plan, name: (typeof RULES)[number]) =>
  mayBeSentBy("events.amazonaws.com", place.ruleArn(name));

/** The legacy service takes delegated work under the role with which it reads that route's messages. */
function delegateQueue(plan: Plan, route: string): QueueWithDeadLetters {
  const readers = Object.values(plan.config.sources).flatMap((source) =>
    hasForwardQueue(source) && source.routes.some((each) => each === route) ? [source.consumer.roleArn] : [],
  );
  return queueWithDeadLetters(plan.place, `${delegateQueueName(route)}.fifo`, {
    visibilitySeconds: DELEGATE_VISIBILITY_SECONDS,
    maxReceives: DELEGATE_RECEIVES,
    deadLetterVisibilitySeconds: visibilityFor(DELEGATE_DEAD_LETTERS_READER),
    allow: readers.map(mayBeReadBy),
  });
}

export function queues(plan: Plan): Queues {
  const { place } = plan;
  const visibilitySeconds = (name: keyof typeof READ_QUEUES) => visibilityFor(READ_QUEUES[name]);
  const resources = [place.queue("events-dlq").queueArn];
  const fed = (name: (typeof RULES)[number]) =>
    queueWithDeadLetters(place, name, { visibilitySeconds: visibilitySeconds(name), allow: [sentByRule(plan, name)] });
  // What is in quarantine was refused for good: nobody reads it but a person.
  bareQueue(place, "quarantine");
  return {
    mirror: fed("mirror"),
    settle: fed("settle"),
    approvals: queueWithDeadLetters(place, "approvals", { visibilitySeconds: visibilitySeconds("approvals") }),
    delegates: [...plan.delegates.keys()].map((route) => delegateQueue(plan, route)),
    events: bareQueue(place, "events-dlq", {
      policy: policy(RULES.map((name) => ({ ...sentByRule(plan, name), resources }))),
    }),
  };
}
