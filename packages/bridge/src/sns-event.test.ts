import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openEnvelope } from "./envelope.ts";
import { MOST_EVENT_BYTES, snsEventOf } from "./sns-event.ts";
import { aRecord, bridgeError } from "./testing.ts";

const TOPIC = "arn:aws:sns:eu-west-1:000000000000:domains";
const SUBSCRIPTION = `${TOPIC}:5d0a1b1e-2f64-4a39-8c62-4cf3ab5b0b2f`;
const CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem";
const UNSUBSCRIBE = `https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${SUBSCRIPTION}`;

/** As SNS delivers to a queue. */
const notification = {
  Type: "Notification",
  MessageId: "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
  TopicArn: TOPIC,
  Subject: "Register",
  Message: '{"type": "REGISTER_DOMAIN"}',
  Timestamp: "2026-03-02T09:30:01.123Z",
  SignatureVersion: "1",
  Signature: "tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi+tE/1==",
  SigningCertURL: CERTIFICATE,
  UnsubscribeURL: UNSUBSCRIBE,
  MessageAttributes: { count: { Type: "Number.float", Value: "1.50" } },
};

const opened = (body: unknown) => openEnvelope(aRecord(JSON.stringify(body)), [TOPIC]);
const eventOf = (body: unknown): unknown => JSON.parse(snsEventOf(opened(body)));
const without = (name: keyof typeof notification) =>
  Object.fromEntries(Object.entries(notification).filter(([field]) => field !== name));

describe("the event of a function that is subscribed to a topic", () => {
  it("has Lambda's fields and spellings, and says by which subscription the notification came", () => {
    expect(eventOf(notification)).toEqual({
      Records: [
        {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          EventSubscriptionArn: SUBSCRIPTION,
          Sns: {
            Type: "Notification",
            MessageId: "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
            TopicArn: TOPIC,
            Subject: "Register",
            Message: '{"type": "REGISTER_DOMAIN"}',
            Timestamp: "2026-03-02T09:30:01.123Z",
            SignatureVersion: "1",
            Signature: "tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi+tE/1==",
            SigningCertUrl: CERTIFICATE,
            UnsubscribeUrl: UNSUBSCRIBE,
            MessageAttributes: { count: { Type: "Number.float", Value: "1.50" } },
          },
        },
      ],
    });
  });

  it.each(["Subject", "MessageAttributes"] as const)("has %s also where SNS left it out", (name) => {
    const empty = name === "Subject" ? null : {};
    expect(eventOf(without(name))).toMatchObject({ Records: [{ Sns: { [name]: empty } }] });
  });

  it.each(["no address", "https://sns.example/"])("names the topic where the address to unsubscribe is %s", (url) => {
    const event = eventOf({ ...notification, UnsubscribeURL: url });
    expect(event).toMatchObject({ Records: [{ EventSubscriptionArn: TOPIC, Sns: { UnsubscribeUrl: url } }] });
  });

  it("holds message and attributes exactly, binary ones too, whatever they are (property)", () => {
    // What envelope.ts refuses before, in a body as in a message: see its own tests.
    const message = fc
      .record({ type: fc.string({ unit: "grapheme" }), note: fc.string({ unit: "binary" }) })
      .map((value) => JSON.stringify(value))
      .filter((text) => !/[\ufffd]/.test(text));
    const text = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\ufffd"));
    const attribute = fc.oneof(
      fc.record({ Type: fc.constantFrom("String", "Number", "String.Array"), Value: text }),
      fc.uint8Array().map((bytes) => ({ Type: "Binary", Value: Buffer.from(bytes).toString("base64") })),
    );
    const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/).filter((value) => value !== "__proto__");
    const attributes = fc.dictionary(name, attribute, { noNullPrototype: true });
    fc.assert(
      fc.property(message, attributes, (Message, MessageAttributes) => {
        const event = eventOf({ ...notification, Message, MessageAttributes });
        expect(event).toMatchObject({ Records: [{ Sns: { Message } }] });
        expect(event).toHaveProperty(["Records", 0, "Sns", "MessageAttributes"], MessageAttributes);
      }),
    );
  });
});

describe("no event is made", () => {
  it("of a message that came raw: the deployment is wrong, and the message must stay", () => {
    expect(() => eventOf({ type: "REGISTER_DOMAIN" })).toThrow(bridgeError("NOT_A_NOTIFICATION", "fatal"));
    expect(() => eventOf({ type: "REGISTER_DOMAIN" })).toThrow(/raw delivery off/);
  });

  it.each(["Signature", "SigningCertURL", "UnsubscribeURL", "MessageId", "Timestamp"] as const)(
    "of a notification without %s, which SNS did not make",
    (name) => {
      expect(() => eventOf(without(name))).toThrow(bridgeError("INVALID_MESSAGE", "reject", `body.${name}`));
    },
  );

  it("that is larger than Lambda takes; one that just fits is made", () => {
    const sized = (length: number) => ({ ...notification, Message: JSON.stringify({ note: "a".repeat(length) }) });
    const rest = Buffer.byteLength(snsEventOf(opened(sized(0))));
    expect(Buffer.byteLength(snsEventOf(opened(sized(MOST_EVENT_BYTES - rest))))).toBe(MOST_EVENT_BYTES);
    const large = () => snsEventOf(opened(sized(MOST_EVENT_BYTES - rest + 1)));
    expect(large).toThrow(bridgeError("PAYLOAD_TOO_LARGE", "reject", "body"));
  });
});
