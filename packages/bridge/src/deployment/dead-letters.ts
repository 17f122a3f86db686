import type { DeadLetterForm, DeadLetterPlace } from "../ports.ts";
import type { Deployed } from "./deployed.ts";
import type { QueueNames } from "./sources.ts";

/** Where dead letters are, and where they may go. */
export interface DeadLetterPlaces {
  /** By what they hold. */
  readonly queues: ReadonlyMap<string, DeadLetterPlace>;
  /** By ARN: the queues that a dead letter may say it belongs to. */
  readonly returns: ReadonlyMap<string, QueueNames>;
}

/** Two queues hold what SQS did not move there itself. */
const FORMS: Readonly<Record<string, DeadLetterForm>> = { quarantine: "quarantined", events: "undelivered-event" };

/** What was deployed, as a person who looks after dead letters must know it. */
export function deadLetterPlaces({
  deadLetters,
  sources,
}: Pick<Deployed, "deadLetters"> & {
  readonly sources: Readonly<Record<string, { readonly intake: QueueNames }>>;
}): DeadLetterPlaces {
  const queues = Object.entries(deadLetters).map(([name, { returnsTo, ...queue }]): [string, DeadLetterPlace] => [
    name,
    { name, ...queue, returnsTo, form: returnsTo === undefined ? (FORMS[name] ?? "as-it-lay") : "as-it-lay" },
  ]);
  const known = [
    ...Object.values(sources).map(({ intake }) => intake),
    ...queues.flatMap(([, { returnsTo }]) => returnsTo ?? []),
  ];
  return { queues: new Map(queues), returns: new Map(known.map((queue) => [queue.queueArn, queue])) };
}
