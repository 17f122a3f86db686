import * as z from "zod";
import type { Envelope } from "./envelope.ts";
import { BridgeError } from "./errors.ts";
import { explain } from "./route.ts";

/** A notification as SNS delivers it to a queue, whole: Lambda's event has every field of it. */
const WholeNotification = z.object({
  Type: z.literal("Notification"),
  MessageId: z.string(),
  TopicArn: z.string(),
  Subject: z.string().nullish(),
  Message: z.string(),
  Timestamp: z.string(),
  SignatureVersion: z.string(),
  Signature: z.string(),
  SigningCertURL: z.string(),
  UnsubscribeURL: z.string(),
  MessageAttributes: z.record(z.string(), z.object({ Type: z.string(), Value: z.string() })).default({}),
});

/** Lambda takes 1 MB for an asynchronous invocation (API reference of Invoke). In bytes. */
export const MOST_EVENT_BYTES = 1_048_576;

/** The subscription by which the notification came: SNS names it in the address that ends it. */
function subscriptionOf({ TopicArn, UnsubscribeURL }: z.infer<typeof WholeNotification>): string {
  const arn = URL.canParse(UnsubscribeURL) && new URL(UnsubscribeURL).searchParams.get("SubscriptionArn");
  return arn || TopicArn;
}

/**
 * The event with which SNS would have invoked a function that is subscribed to the topic, as JSON text; message and
 * attributes are those of the notification. Lambda spells two fields otherwise than SNS does in a queue (`Url`), and has
 * Subject and MessageAttributes also where there are none.
 * @throws BridgeError NOT_A_NOTIFICATION (fatal) for a message that came raw; INVALID_MESSAGE (reject) for a notification
 * that SNS did not make; PAYLOAD_TOO_LARGE (reject).
 */
export function snsEventOf({ notification, queueArn }: Envelope): string {
  if (notification === undefined) {
    const advice = "its function takes events of SNS: turn raw delivery off for the queue's subscription";
    throw new BridgeError("NOT_A_NOTIFICATION", "fatal", `a message came raw, and ${advice}`, {
      details: { queueArn },
    });
  }
  const whole = WholeNotification.safeParse(notification);
  if (!whole.success) {
    const field = `body.${explain(whole.error).field}`;
    const reason = `${field}: not a whole SNS notification`;
    throw new BridgeError("INVALID_MESSAGE", "reject", reason, { details: { field }, cause: whole.error });
  }
  const { SigningCertURL, UnsubscribeURL, Subject, MessageAttributes, ...same } = whole.data;
  const Sns = {
    ...same,
    Subject: Subject ?? null,
    SigningCertUrl: SigningCertURL,
    UnsubscribeUrl: UnsubscribeURL,
    MessageAttributes,
  };
  const EventSubscriptionArn = subscriptionOf(whole.data);
  const event = JSON.stringify({
    Records: [{ EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn, Sns }],
  });
  const bytes = Buffer.byteLength(event);
  if (bytes > MOST_EVENT_BYTES) {
    const details = { field: "body", bytes };
    throw new BridgeError("PAYLOAD_TOO_LARGE", "reject", "the event is larger than Lambda takes", { details });
  }
  return event;
}
