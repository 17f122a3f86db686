import * as z from "zod";

/** What fauxqs puts into a queue. */
const Notification = z.object({
  Type: z.literal("Notification"),
  MessageId: z.string(),
  TopicArn: z.string(),
  Subject: z.string().optional(),
  Message: z.string(),
  Timestamp: z.string(),
  SignatureVersion: z.string(),
  Signature: z.string(),
  SigningCertURL: z.string(),
  UnsubscribeURL: z.string(),
  MessageAttributes: z.record(z.string(), z.object({ Type: z.string(), Value: z.string() })).optional(),
});

/**
 * The same as Lambda is given it (Lambda guide, "Invoking Lambda functions with Amazon SNS notifications"): other
 * capitals in the URLs' names, and Subject and MessageAttributes are there also when the publisher gave none.
 */
export function toLambdaEvent(body: string) {
  const {
    SigningCertURL,
    UnsubscribeURL,
    Subject = null,
    MessageAttributes = {},
    ...rest
  } = Notification.parse(JSON.parse(body));
  const subscription = new URL(UnsubscribeURL).searchParams.get("SubscriptionArn");
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscription,
        Sns: { ...rest, Subject, MessageAttributes, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL },
      },
    ],
  };
}
