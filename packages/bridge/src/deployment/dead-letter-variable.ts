import * as z from "zod";
import { type DeadLetterPlaces, deadLetterPlaces } from "./dead-letters.ts";
import type { QueueNames } from "./sources.ts";

/**
 * Dead-letter queues as a function's variable says them. Lambda leaves 4 KB for all variables: what the names of queues of
 * one account have in common is said once.
 */
export const DeadLetterVariable = z.strictObject({
  /** With what the URLs begin, and the ARNs. */
  url: z.url(),
  arn: z.string().startsWith("arn:"),
  /** By what they hold: the queue, and the one to which its messages return where there is a single one. */
  queues: z.record(z.string(), z.union([z.tuple([z.string()]), z.tuple([z.string(), z.string()])])),
  /** The queues that ingest reads. */
  intakes: z.array(z.string()),
});
export type DeadLetterVariable = z.infer<typeof DeadLetterVariable>;

/** What of a deployment the variable is made of. */
export interface DeadLetterSettings {
  readonly deadLetters: Readonly<Record<string, QueueNames & { readonly returnsTo?: QueueNames | undefined }>>;
  readonly intakes: readonly QueueNames[];
}

const lastOf = (text: string, separator: string): string => text.slice(text.lastIndexOf(separator) + 1);
const nameOf = ({ queueArn }: QueueNames): string => lastOf(queueArn, ":");

/** @throws TypeError where there is no dead-letter queue. */
export function deadLetterVariable({ deadLetters, intakes }: DeadLetterSettings): DeadLetterVariable {
  const [first] = Object.values(deadLetters);
  if (first === undefined) throw new TypeError("a deployment has a quarantine at least");
  return {
    url: first.queueUrl.slice(0, -lastOf(first.queueUrl, "/").length),
    arn: first.queueArn.slice(0, -nameOf(first).length),
    queues: Object.fromEntries(
      Object.entries(deadLetters).map(([holds, { returnsTo, ...queue }]) => [
        holds,
        returnsTo === undefined ? [nameOf(queue)] : [nameOf(queue), nameOf(returnsTo)],
      ]),
    ),
    intakes: intakes.map(nameOf),
  };
}

/** The same as deadLetterPlaces makes of the whole deployment. */
export function placesOf({ url, arn, queues, intakes }: DeadLetterVariable): DeadLetterPlaces {
  const named = (name: string): QueueNames => ({ queueUrl: `${url}${name}`, queueArn: `${arn}${name}` });
  return deadLetterPlaces({
    deadLetters: Object.fromEntries(
      Object.entries(queues).map(([holds, [queue, returnsTo]]) => [
        holds,
        { ...named(queue), ...(returnsTo !== undefined && { returnsTo: named(returnsTo) }) },
      ]),
    ),
    sources: Object.fromEntries(intakes.map((name) => [name, { intake: named(name) }])),
  });
}
