import { maskText } from "../compare/personal-text.ts";
import type { DeadLetterPlaces } from "../deployment/dead-letters.ts";
import { BridgeError } from "../errors.ts";
import type { Clock, DeadLetterPlace, DeadLetterStore, DeadMessage, OriginalMessage } from "../ports.ts";
import type { DeadLetter, DeadLetterPage, DeadLetterQueue, DeadLetterQueues, See } from "./views.ts";

export interface DeadLetterLookDeps {
  readonly places: DeadLetterPlaces;
  readonly letters: DeadLetterStore;
  readonly clock: Clock;
}

/** @throws BridgeError UNKNOWN_SOURCE (reject) that names the queues there are. */
export function placeNamed({ places }: Pick<DeadLetterLookDeps, "places">, name: string): DeadLetterPlace {
  const place = places.queues.get(name);
  if (place !== undefined) return place;
  const known = [...places.queues.keys()].join(", ");
  throw new BridgeError("UNKNOWN_SOURCE", "reject", `no dead-letter queue "${name}": use one of ${known}`);
}

async function queueView({ letters }: DeadLetterLookDeps, place: DeadLetterPlace): Promise<DeadLetterQueue> {
  const { name, queueArn, returnsTo } = place;
  return { name, queueArn, ...(await letters.count(place)), ...(returnsTo && { returnsTo: returnsTo.queueArn }) };
}

/** How full the queues are, in one call each. SQS's counts are right within a minute. */
export async function deadLetterQueues(deps: DeadLetterLookDeps): Promise<DeadLetterQueues> {
  const queues = await Promise.all([...deps.places.queues.values()].map((place) => queueView(deps, place)));
  return { at: deps.clock.now(), queues };
}

export const bytesOf = ({ body }: OriginalMessage): number => new TextEncoder().encode(body).length;

const attributeTexts = ({ attributes, groupId, traceHeader }: OriginalMessage): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(attributes).map(([name, { stringValue, binaryValue }]) => [name, stringValue ?? binaryValue ?? ""]),
  ),
  ...(groupId !== undefined && { MessageGroupId: groupId }),
  ...(traceHeader !== undefined && { AWSTraceHeader: traceHeader }),
});

function letterView({ original, refusal, source, unreadable, ...message }: DeadMessage, see: See): DeadLetter {
  const { messageId, sentAt, receives } = message;
  const text = (value: string) => (see === "all" ? value : maskText(value, [], () => "[masked]"));
  const reason = unreadable ?? refusal?.reason;
  return {
    ...{ messageId, sentAt, receives, bytes: bytesOf(original) },
    ...(refusal && { code: refusal.code }),
    ...(refusal && refusal.field !== "" && { field: text(refusal.field) }),
    ...(reason !== undefined && { reason: text(reason) }),
    ...(source !== undefined && { source }),
    ...(see === "all" && { body: original.body, attributes: attributeTexts(original) }),
  };
}

/** Seconds for which a look hides what it found, should it die before it gives that back. */
const LOOK_SECONDS = 15;

/** The most messages of one look. */
export const MOST_LETTERS = 100;

/**
 * The first messages that a queue gives out. To look is to receive: the messages are hidden from everybody else for as
 * long as the look takes (15 s where it dies), and their count of receives rises by one.
 * @param limit 1 to 100; it takes a call for each ten, one more to count, and one for each ten to give them back.
 * @throws BridgeError UNKNOWN_SOURCE (reject) for a queue that is not there.
 */
export async function deadLetterPage(
  deps: DeadLetterLookDeps,
  name: string,
  limit: number,
  see: See,
): Promise<DeadLetterPage> {
  const place = placeNamed(deps, name);
  const queue = await queueView(deps, place);
  const most = Math.min(Math.max(1, limit), MOST_LETTERS);
  const found = new Map<string, DeadMessage>();
  const receipts: string[] = [];
  try {
    while (found.size < most) {
      const batch = await deps.letters.receive(place, LOOK_SECONDS);
      receipts.push(...batch.map(({ receipt }) => receipt));
      const before = found.size;
      for (const message of batch) found.set(message.messageId, message);
      // SQS may give a message twice; what brings nothing new brings no more.
      if (found.size === before || found.size >= queue.visible) break;
    }
  } finally {
    await deps.letters.release(place, receipts);
  }
  const messages = [...found.values()].slice(0, most).sort((a, b) => a.sentAt - b.sentAt);
  return { at: deps.clock.now(), queue, messages: messages.map((message) => letterView(message, see)) };
}
