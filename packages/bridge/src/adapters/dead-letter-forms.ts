import { gunzipSync } from "node:zlib";
import type { Message } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { SqsAttribute } from "../envelope.ts";
import { attributesOf } from "../forward-message.ts";
import type { DeadLetterForm, DeadMessage, OriginalMessage } from "../ports.ts";

const Attribute = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.instanceof(Uint8Array).optional(),
});

const Received = z.object({
  MessageId: z.string().min(1),
  ReceiptHandle: z.string().min(1),
  Body: z.string(),
  Attributes: z.object({
    SentTimestamp: z.coerce.number().int().nonnegative(),
    ApproximateReceiveCount: z.coerce.number().int().nonnegative(),
    MessageGroupId: z.string().optional(),
    AWSTraceHeader: z.string().optional(),
  }),
  MessageAttributes: z.record(z.string(), Attribute).default({}),
});
type Received = z.infer<typeof Received>;

function asItLay({ Body, Attributes, MessageAttributes }: Received): OriginalMessage {
  const attributes = Object.entries(MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    {
      dataType: DataType,
      ...(StringValue !== undefined && { stringValue: StringValue }),
      ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
    },
  ]);
  return {
    body: Body,
    attributes: Object.fromEntries(attributes),
    groupId: Attributes.MessageGroupId,
    traceHeader: Attributes.AWSTraceHeader,
  };
}

/** How SqsQuarantine wrote a body. */
const DECODERS: Readonly<Record<string, (text: string) => Buffer | string>> = {
  plain: (text) => text,
  base64: (text) => Buffer.from(text, "base64"),
  "gzip+base64": (text) => gunzipSync(Buffer.from(text, "base64")),
};

const Kept = z.record(z.string(), SqsAttribute);

type Origin = Pick<DeadMessage, "original" | "source" | "refusal" | "unreadable">;

/** What SqsQuarantine kept; `-` stands where nothing was to be said. */
function quarantined(received: Received): Origin {
  const text = (name: string): string | undefined => received.MessageAttributes[name]?.StringValue;
  const said = (name: string): string => text(name)?.replace(/^-$/, "") ?? "";
  const refusal = { code: said("code") || "UNKNOWN", field: said("field"), reason: said("reason") };
  const source = text("source");
  try {
    const decode = DECODERS[text("bodyEncoding") ?? ""];
    if (decode === undefined) throw new TypeError("nothing says how its body is written");
    const attributes = attributesOf(Kept.parse(JSON.parse(text("attributes") ?? "{}")));
    return { original: { body: decode(received.Body).toString(), attributes }, source, refusal };
  } catch {
    return { original: asItLay(received), source, refusal, unreadable: "it is not in the form of the quarantine" };
  }
}

/** EventBridge sends the event alone; what went wrong it says in attributes (EventBridge guide, "dead-letter queues"). */
function undelivered(received: Received): Origin {
  const text = (name: string): string | undefined => received.MessageAttributes[name]?.StringValue;
  return {
    original: { body: received.Body, attributes: {} },
    source: text("TARGET_ARN"),
    refusal: { code: text("ERROR_CODE") ?? "UNKNOWN", field: "", reason: text("ERROR_MESSAGE") ?? "" },
  };
}

const ORIGINS: Readonly<Record<DeadLetterForm, (received: Received) => Origin>> = {
  "as-it-lay": (received) => ({ original: asItLay(received) }),
  quarantined,
  "undelivered-event": undelivered,
};

/**
 * A message of a dead-letter queue, and what it was.
 * @throws ZodError where SQS did not tell what it was asked for.
 */
export function deadMessageOf(message: Message, form: DeadLetterForm): DeadMessage {
  const received = Received.parse(message);
  const { MessageId: messageId, ReceiptHandle: receipt, Attributes } = received;
  const { SentTimestamp: sentAt, ApproximateReceiveCount: receives } = Attributes;
  return { messageId, receipt, sentAt, receives, ...ORIGINS[form](received) };
}
