import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openEnvelope, SqsRecord } from "./envelope.ts";
import { aRecord, bridgeError, NOW } from "./testing.ts";

const TOPIC = "arn:aws:sns:eu-west-1:000000000000:domains";
const MESSAGE = { type: "REGISTER_DOMAIN", requestId: "r1" };

/** A notification as SNS writes it into a queue; fields of `given` replace or, when undefined, remove its own. */
const notification = (message: string, given: Record<string, unknown> = {}): string =>
  JSON.stringify({
    Type: "Notification",
    MessageId: "n-1",
    TopicArn: TOPIC,
    Message: message,
    Timestamp: "2026-11-21T09:00:00.000Z",
    ...given,
  });

const open = (body: string, topics: readonly string[] = [TOPIC]) => openEnvelope(aRecord(body), topics);
const refused = (body: string, code: Parameters<typeof bridgeError>[0], field: string) =>
  expect(() => open(body)).toThrow(bridgeError(code, "reject", field));

describe("a message as it is", () => {
  it("keeps its body, its queue and the moment the queue took it", () => {
    expect(openEnvelope(aRecord(JSON.stringify(MESSAGE)), [])).toEqual({
      published: { text: JSON.stringify(MESSAGE), attributes: {} },
      delivery: "raw",
      messageId: "m-1",
      queueArn: "arn:aws:sqs:eu-west-1:000000000000:domains",
      sentAt: NOW,
      correlationId: undefined,
      body: MESSAGE,
    });
  });

  it("takes its correlation id from the message attributes, which raw delivery keeps", () => {
    const messageAttributes = { correlationId: { dataType: "String", stringValue: "corr-7" } };
    const record = aRecord(JSON.stringify(MESSAGE), { messageAttributes });
    expect(openEnvelope(record, [TOPIC])).toMatchObject({ delivery: "raw", correlationId: "corr-7" });
  });

  it("has no correlation id where the attribute holds bytes", () => {
    const messageAttributes = { correlationId: { dataType: "Binary", stringValue: null, binaryValue: "AA==" } };
    expect(openEnvelope(aRecord("{}", { messageAttributes }), []).correlationId).toBeUndefined();
  });

  it.each([
    ["of another Type", { Type: "Notice", TopicArn: TOPIC, Message: "{}" }],
    ["without a topic", { Type: "Notification", Message: "{}" }],
  ])("is not taken for a notification when it looks like one %s", (_, body) => {
    expect(open(JSON.stringify(body))).toMatchObject({ delivery: "raw", body });
  });
});

describe("a notification", () => {
  it("is opened, and says its topic", () => {
    expect(open(notification(JSON.stringify(MESSAGE)))).toMatchObject({
      delivery: "sns-wrapped",
      topicArn: TOPIC,
      body: MESSAGE,
      correlationId: undefined,
    });
  });

  it("takes its correlation id from the notification, not from the queue's attributes", () => {
    const body = notification("{}", { MessageAttributes: { correlationId: { Type: "String", Value: "corr-8" } } });
    const messageAttributes = { correlationId: { dataType: "String", stringValue: "other" } };
    expect(openEnvelope(aRecord(body, { messageAttributes }), [TOPIC]).correlationId).toBe("corr-8");
  });

  it("of another topic is refused", () => {
    refused(notification("{}", { TopicArn: `${TOPIC}-other` }), "UNKNOWN_TOPIC", "body.TopicArn");
  });

  it("is refused by a plain queue, even of a known topic", () => {
    expect(() => open(notification("{}"), [])).toThrow(bridgeError("UNKNOWN_TOPIC", "reject", "body.TopicArn"));
  });

  it.each([
    ["no Message", { Message: undefined }, "body.Message"],
    ["a Message that is an object", { Message: MESSAGE }, "body.Message"],
    ["a TopicArn that is no text", { TopicArn: 7 }, "body.TopicArn"],
    ["attributes without a value", { MessageAttributes: { a: { Type: "S" } } }, "body.MessageAttributes.a.Value"],
  ])("with %s names the field", (_, given, field) => {
    refused(notification("{}", given), "INVALID_MESSAGE", field);
  });

  it.each([
    ["not JSON", "{", "MALFORMED_JSON"],
    ["an array", "[]", "NOT_AN_OBJECT"],
    ["not text", '{"a":"\u0001"}', "BODY_NOT_TEXT"],
  ] as const)("around a message that is %s names body.Message", (_, message, code) => {
    refused(notification(message), code, "body.Message");
  });

  it("inside a notification is not opened again", () => {
    const inner = notification(JSON.stringify(MESSAGE));
    expect(open(notification(inner)).body).toEqual(JSON.parse(inner));
  });
});

describe("layers of JSON", () => {
  const times = (n: number): string => (n === 0 ? JSON.stringify(MESSAGE) : JSON.stringify(times(n - 1)));

  it("opens one layer of double encoding, in both forms", () => {
    expect(open(times(1)).body).toEqual(MESSAGE);
    expect(open(notification(times(1))).body).toEqual(MESSAGE);
    expect(open(JSON.stringify(notification(times(1)))).body).toEqual(MESSAGE);
  });

  it("opens no second layer", () => {
    refused(times(2), "NOT_AN_OBJECT", "body");
    refused(notification(times(2)), "NOT_AN_OBJECT", "body.Message");
  });

  it.each(["", " ", "{", "{'a':1}", '{"a":1} {}', "undefined", '"{"', "\ufeff{}"])("%j is not JSON", (body) => {
    refused(body, "MALFORMED_JSON", "body");
  });

  it.each(["[]", "[{}]", "null", "7", "true", '"[]"', '"null"', '"7"'])("%s is no object", (body) => {
    refused(body, "NOT_AN_OBJECT", "body");
  });
});

it.each(['{"__proto__":{}}', '{"a":[{"__proto__":1}]}', '"{\\"__proto__\\":1}"', '{"__proto\\u005f_":1}'])(
  "a key that means something to JavaScript is refused, and not dropped in silence: %s",
  (body) => {
    refused(body, "INVALID_MESSAGE", "__proto__");
    refused(notification(body), "INVALID_MESSAGE", "__proto__");
  },
);

describe("a body that is not text", () => {
  const forbidden = [...Array(0x20).keys()].filter((code) => ![0x09, 0x0a, 0x0d].includes(code));

  it.each([...forbidden, 0xfffd])("with character %i is refused", (code) => {
    refused(`{"a":"${String.fromCharCode(code)}"}`, "BODY_NOT_TEXT", "body");
  });

  it.each(["\t", "\n", "\r", " "])("is not one with the white space %j", (space) => {
    expect(open(`${space}{${space}"a"${space}:1}${space}`).body).toEqual({ a: 1 });
  });

  it("is not one with an escaped control character, or letters beyond ASCII", () => {
    expect(open('{"a":"\\u0001","b":"hyvää \ufffc 日本"}').body).toEqual({ a: "\u0001", b: "hyvää \ufffc 日本" });
  });
});

it("opens any object to the same body, however it came (property)", () => {
  const objects = fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => !["Type", "__proto__"].includes(name)),
    fc.jsonValue(),
    { noNullPrototype: true },
  );
  const clean = objects.map((object) => JSON.stringify(object)).filter((text) => !/\ufffd|__proto__/.test(text));
  fc.assert(
    fc.property(clean, (text) => {
      const forms = [text, JSON.stringify(text), notification(text), notification(JSON.stringify(text))];
      for (const form of forms) expect(open(form).body).toEqual(JSON.parse(text));
    }),
  );
});

it("either opens a body or refuses it with a field, whatever it holds (property)", () => {
  const bodies = fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.json().map(notification));
  fc.assert(
    fc.property(bodies, (body) => {
      try {
        expect(open(body).body).toBeTypeOf("object");
      } catch (error) {
        expect(error).toMatchObject({ name: "BridgeError", disposition: "reject" });
        expect(error).toHaveProperty("details.field", expect.stringMatching(/^(body|__proto__)/));
      }
    }),
  );
});

describe("a record as Lambda delivers it", () => {
  const delivered = {
    ...aRecord("{}"),
    attributes: { SentTimestamp: String(NOW), ApproximateReceiveCount: "3", SenderId: "x" },
    awsRegion: "eu-west-1",
  };

  it("has its numbers read from text, and attributes none unless given", () => {
    const { messageAttributes: _, ...plain } = delivered;
    expect(SqsRecord.parse(plain)).toMatchObject({
      attributes: { SentTimestamp: NOW, ApproximateReceiveCount: 3 },
      messageAttributes: {},
    });
  });

  it.each([
    ["SentTimestamp", { SentTimestamp: "soon" }],
    ["ApproximateReceiveCount", { ApproximateReceiveCount: "0" }],
  ])("is refused with a wrong %s", (name, wrong) => {
    const parsed = SqsRecord.safeParse({ ...delivered, attributes: { ...delivered.attributes, ...wrong } });
    expect(parsed.error?.issues.map((issue) => issue.path.join("."))).toEqual([`attributes.${name}`]);
  });
});
