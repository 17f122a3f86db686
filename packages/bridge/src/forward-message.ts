import type { Envelope, Published, SqsAttribute, SqsRecord } from "./envelope.ts";
import type { RequestKey } from "./ids.ts";
import type { ForwardMessage, SendTarget } from "./ports.ts";
import { snsEventOf } from "./sns-event.ts";

/** A record, and what was found in it. */
export interface Arrived {
  readonly record: SqsRecord;
  readonly envelope: Envelope;
}

const present = ({ dataType, stringValue, binaryValue }: SqsAttribute) => ({
  dataType,
  ...(stringValue != null && { stringValue }),
  ...(binaryValue != null && { binaryValue }),
});

export const attributesOf = (attributes: Published["attributes"]): ForwardMessage["attributes"] =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, present(value)]));

const asItLay = ({ record }: Arrived): Published => ({ text: record.body, attributes: record.messageAttributes });
const asPublished = ({ envelope }: Arrived): Published => envelope.published;
const asEvent = ({ envelope }: Arrived): Published => ({ text: snsEventOf(envelope), attributes: {} });

/** What a legacy consumer is used to get, by the way in which it is reached. */
const FORMS: Readonly<Record<SendTarget["kind"], (arrived: Arrived) => Published>> = {
  fifo: asItLay,
  standard: asItLay,
  topic: asPublished,
  lambda: asEvent,
};

/**
 * A message as its legacy consumer is used to get it.
 * @throws BridgeError where it cannot have that form (see snsEventOf).
 */
export function forwardMessage(key: RequestKey, target: SendTarget, arrived: Arrived): ForwardMessage {
  const { text, attributes } = FORMS[target.kind](arrived);
  return { key, target, body: text, attributes: attributesOf(attributes) };
}
