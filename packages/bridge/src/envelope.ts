import * as z from "zod";
import { BridgeError } from "./errors.ts";

/** One SQS message attribute in the shape Lambda delivers; binary values arrive as base64. */
export const SqsAttribute = z.object({
  dataType: z.string(),
  stringValue: z.string().nullish(),
  binaryValue: z.string().nullish(),
});
export type SqsAttribute = z.infer<typeof SqsAttribute>;

/** One record of an SQS event, as far as the bridge reads it. */
export const SqsRecord = z.object({
  messageId: z.string().min(1),
  receiptHandle: z.string(),
  body: z.string(),
  attributes: z.object({
    SentTimestamp: z.coerce.number().int().nonnegative(),
    ApproximateReceiveCount: z.coerce.number().int().positive(),
  }),
  messageAttributes: z.record(z.string(), SqsAttribute).default({}),
  eventSourceARN: z.string().min(1),
});
export type SqsRecord = z.infer<typeof SqsRecord>;

/** A message as it was published, byte for byte. */
export interface Published {
  readonly text: string;
  readonly attributes: Readonly<Record<string, SqsAttribute>>;
}

/** How a message arrived, with its metadata. */
export interface Envelope {
  readonly delivery: "raw" | "sns-wrapped";
  readonly messageId: string;
  readonly queueArn: string;
  readonly topicArn?: string | undefined;
  /** Epoch milliseconds at which the queue accepted it. */
  readonly sentAt: number;
  readonly correlationId?: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  /** What SNS wrapped around the message, as it came; undefined where nothing was. */
  readonly notification?: Readonly<Record<string, unknown>> | undefined;
  readonly published: Published;
}

const Notification = z.object({
  Type: z.literal("Notification"),
  TopicArn: z.string(),
  Message: z.string(),
  MessageAttributes: z.record(z.string(), z.object({ Type: z.string(), Value: z.string() })).optional(),
});

/** An attribute as a notification tells it; a binary value stands there in base64. */
const fromNotification = ({ Type, Value }: { Type: string; Value: string }): SqsAttribute => ({
  dataType: Type,
  ...(Type.startsWith("Binary") ? { binaryValue: Value } : { stringValue: Value }),
});

/** Control characters that no JSON text holds, and the sign that bytes were not UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NOT_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/;

const reject = (code: ConstructorParameters<typeof BridgeError>[0], message: string, field: string, cause?: unknown) =>
  new BridgeError(code, "reject", message, { details: { field }, cause });

/** A key that means something to JavaScript, and nothing to any schema. */
function refusePrototype(key: string, value: unknown): unknown {
  if (key === "__proto__") throw reject("INVALID_MESSAGE", "__proto__: no message has such a field", key);
  return value;
}

function parseJson(text: string, field: string): unknown {
  if (NOT_TEXT.test(text)) throw reject("BODY_NOT_TEXT", `${field} is not text: it holds control characters`, field);
  try {
    return JSON.parse(text, refusePrototype);
  } catch (cause) {
    if (cause instanceof BridgeError) throw cause;
    throw reject("MALFORMED_JSON", `${field} is not JSON`, field, cause);
  }
}

/** Some publishers serialise twice: a JSON text that holds a JSON text. One such layer is opened, no more. */
function parseNested(text: string, field: string): Record<string, unknown> {
  const first = parseJson(text, field);
  const value = typeof first === "string" ? parseJson(first, field) : first;
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (!object.success || Array.isArray(value)) throw reject("NOT_AN_OBJECT", `${field} is not a JSON object`, field);
  return object.data;
}

/**
 * Opens both forms in which SQS and SNS deliver (L1): the message itself (SQS, or SNS with raw delivery), or a
 * notification around it. A queue that is fed by topics accepts notifications of those topics only.
 * @throws BridgeError with disposition "reject" and the field at fault.
 */
export function openEnvelope(record: SqsRecord, topicArns: readonly string[]): Envelope {
  const outer = parseNested(record.body, "body");
  const common = {
    messageId: record.messageId,
    queueArn: record.eventSourceARN,
    sentAt: record.attributes.SentTimestamp,
  };
  if (outer["Type"] !== "Notification" || !("TopicArn" in outer)) {
    const correlationId = record.messageAttributes["correlationId"]?.stringValue ?? undefined;
    const published = { text: record.body, attributes: record.messageAttributes };
    return { ...common, delivery: "raw", body: outer, correlationId, published };
  }
  const notification = Notification.safeParse(outer);
  if (!notification.success) {
    const field = `body.${notification.error.issues[0]?.path.join(".") ?? ""}`;
    throw reject("INVALID_MESSAGE", `${field}: not an SNS notification`, field, notification.error);
  }
  const { TopicArn, Message, MessageAttributes = {} } = notification.data;
  if (!topicArns.includes(TopicArn)) {
    throw reject("UNKNOWN_TOPIC", "the notification is of a topic that this queue is not bridged for", "body.TopicArn");
  }
  return {
    ...common,
    delivery: "sns-wrapped",
    topicArn: TopicArn,
    body: parseNested(Message, "body.Message"),
    correlationId: MessageAttributes["correlationId"]?.Value,
    notification: outer,
    published: {
      text: Message,
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, attribute]) => [name, fromNotification(attribute)]),
      ),
    },
  };
}
